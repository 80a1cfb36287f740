import pytest

from parley.features.completions.core import Refused, character_model, character_of
from parley.kernel.ids import MAX_ID, CharacterId


def test_the_default_model_is_no_character() -> None:
    assert character_of("default") is None


@pytest.mark.parametrize("number", [1, 42, MAX_ID])
def test_a_character_has_the_name_of_its_number(number: int) -> None:
    assert character_of(character_model(CharacterId(number))) == number


@pytest.mark.parametrize(
    "model",
    [
        "",
        "gpt-4o",
        "Default",
        "character",
        "character/",
        "character/0",
        "character/01",
        "character/x",
        "character/1/2",
        "character/-1",
        "character/٣",
        f"character/{MAX_ID + 1}",
        "character/1\n",
        "http://127.0.0.1/v1",
        "default\x00",
    ],
)
def test_other_names_are_no_models(model: str) -> None:
    with pytest.raises(Refused) as refused:
        character_of(model)
    assert (refused.value.reason, refused.value.param) == ("model_not_found", "model")


def test_the_planner_is_said_to_be_missing() -> None:
    with pytest.raises(Refused, match="not installed"):
        character_of("planner")
