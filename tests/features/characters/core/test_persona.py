import pytest

from parley.features.characters.core.persona import MAX_PROMPT, PersonaTexts, system_prompt
from parley.features.characters.core.rejection import CardRejected


def texts(**given: str) -> PersonaTexts:
    empty = dict.fromkeys(PersonaTexts.__slots__, "")
    return PersonaTexts(**{**empty, **given})


def test_every_text_of_the_card_is_in_the_prompt_in_order() -> None:
    prompt = system_prompt(
        texts(
            system_prompt="Be {{char}}.",
            description="{{char}} draws.",
            personality="Kind to {{user}}.",
            scenario="A roof.",
            examples="<START>\n{{char}}: Hi",
            post_history_instructions="Stay brief.",
        ),
        "Kira",
        "en",
    )
    parts = ["Be Kira.", "Kira draws.", "Personality:\nKind to {{user}}.", "Scenario:\nA roof.", "How Kira speaks:"]
    positions = [prompt.index(part) for part in [*parts, "Stay brief."]]
    assert positions == sorted(positions)
    assert prompt.endswith("Stay brief.")


def test_without_a_prompt_of_its_own_a_card_gets_our_opening_in_its_language() -> None:
    assert system_prompt(texts(description="x"), "Kira", None).startswith("You are Kira, talking with {{user}}.")
    assert system_prompt(texts(description="x"), "Кира", "ru-RU").startswith("Ты — Кира, твой собеседник — {{user}}.")


def test_a_prompt_of_its_own_replaces_our_opening_unless_it_asks_for_it() -> None:
    assert system_prompt(texts(system_prompt="Mine."), "Kira", None) == "Mine."
    both = system_prompt(texts(system_prompt="Mine. {{original}}"), "Kira", None)
    assert both.startswith("Mine. You are Kira")


def test_instructions_after_the_history_have_no_original_here() -> None:
    assert system_prompt(texts(system_prompt="A", post_history_instructions="{{original}}B"), "K", None) == "A\n\nB"


def test_a_prompt_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(CardRejected, match="characters"):
        system_prompt(texts(description="x" * (MAX_PROMPT + 1)), "Kira", None)
