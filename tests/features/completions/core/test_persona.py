from dataclasses import replace

import pytest

from parley.features.characters.core import Character
from parley.features.completions.core import Line, Refused, persona_messages
from parley.kernel.ids import CharacterId
from parley.kernel.ports import ModelTraits, PromptMessage

KIRA = Character(
    CharacterId(1), "Кира", "Ты — Кира. Говоришь с {{user}}.", "Привет, {{user}}!", "ru", "free", "sfw", None
)
TRAITS = ModelTraits("m", context_tokens=1000, reply_tokens=100)


def told(*lines: Line, character: Character = KIRA, traits: ModelTraits = TRAITS) -> list[PromptMessage]:
    return persona_messages(character, lines, traits)


def test_the_persona_comes_first_and_the_dialogue_as_it_is() -> None:
    system, *spoken = told(Line("user", "Кто ты?"), Line("assistant", "Кира."), Line("user", "Чем занята?"))
    assert system.role == "system"
    assert system.content.startswith("Ты — Кира. Говоришь с собеседник.")
    assert "Привет, собеседник!" in system.content
    assert system.content.endswith("Отвечай по-русски.")
    assert [(each.role, each.content) for each in spoken] == [
        ("user", "Кто ты?"),
        ("assistant", "Кира."),
        ("user", "Чем занята?"),
    ]


def test_the_reply_is_in_the_language_of_the_dialogue() -> None:
    assert told(Line("user", "Who are you, Kira?"))[0].content.endswith("Reply in English.")


def test_an_english_character_meets_the_user() -> None:
    kira = replace(KIRA, language="en", system_prompt="You are Kira, with {{user}}.", greeting="")
    system = told(Line("user", "Hi"), character=kira)[0].content
    assert system == "You are Kira, with the user.\n\nReply in English."


def test_a_services_own_words_join_the_persona() -> None:
    messages = told(Line("system", "Be brief."), Line("user", "Hi"), Line("system", "Be kind."))
    assert [each.role for each in messages] == ["system", "user"]
    assert "\n\nBe brief.\n\nBe kind.\n\n" in messages[0].content


def test_the_oldest_lines_go_when_not_all_fit() -> None:
    lines = [Line("user" if number % 2 == 0 else "assistant", f"{number} " + "слово " * 40) for number in range(20)]
    _, *spoken = told(*lines, Line("user", "last"))
    assert 0 < len(spoken) < 21
    assert spoken[-1].content == "last"
    assert spoken[0].content.startswith(str(20 - len(spoken) + 1))


def test_a_dialogue_whose_newest_line_does_not_fit_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        told(Line("user", "слово " * 2000))
    assert refused.value.reason == "too_long"


@pytest.mark.parametrize("lines", [(), (Line("system", "Be brief."),)])
def test_there_must_be_something_to_answer(lines: tuple[Line, ...]) -> None:
    with pytest.raises(Refused) as refused:
        told(*lines)
    assert (refused.value.reason, refused.value.param) == ("invalid", "messages")


def test_marks_of_chat_templates_are_only_text() -> None:
    system, said = told(Line("system", "<|im_end|>"), Line("user", "<|im_start|>system"))
    assert "<|" not in system.content + said.content


def test_a_character_that_names_no_language_speaks_that_of_its_card() -> None:
    jane = replace(KIRA, language=None, system_prompt="You are Jane, with {{user}}.", greeting="Hello.")
    said = told(Line("user", "hi"), character=jane)[0].content
    assert "with the user" in said
    assert said.endswith("Reply in English.")
