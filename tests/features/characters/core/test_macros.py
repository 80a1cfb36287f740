import pytest

from parley.features.characters.core.macros import named, plain_macros, with_original


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<BOT> and <user>, {{Char}} and {{ USER }}", "{{char}} and {{user}}, {{char}} and {{user}}"),
        ("a{{// a note}}b{{comment: more}}c{{hidden_key:x}}d", "abcd"),
        ("{{random:tea,coffee}} {{pick: red, blue}}", "tea red"),
        ("{{random::one::two}}", "one"),
        (r"{{random:salt\, pepper,sugar}}", "salt, pepper"),
        ("{{reverse: abc}}", "cba"),
        ("{{roll:d6}} {{unknown}}", "{{roll:d6}} {{unknown}}"),
    ],
)
def test_marks_are_settled(text: str, plain: str) -> None:
    assert plain_macros(text) == plain


def test_names_take_their_places() -> None:
    assert named("{{char}} greets {{user}}", "Кира") == "Кира greets {{user}}"
    assert named("{{char}} greets {{user}}", "Кира", "Ann") == "Кира greets Ann"


def test_the_original_prompt_comes_back_where_it_is_asked_for() -> None:
    assert with_original("Before. {{ORIGINAL}} After.", r"Ours \1.") == r"Before. Ours \1. After."


def test_a_long_run_of_openings_takes_no_time_to_speak_of() -> None:
    hostile = "{{random:" * 20_000 + " " * 50_000
    assert plain_macros(hostile) == hostile
