"""The names of models."""

import re
from dataclasses import dataclass
from typing import Final

from parley.features.completions.core.refusals import no_planner, unknown_model
from parley.kernel.ids import MAX_ID, CharacterId

DEFAULT: Final = "default"
PLANNER: Final = "planner"
_CHARACTER: Final = re.compile(r"character/([1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model as the list tells it."""

    id: str
    created: int
    """Seconds since 1970."""


def character_model(character: CharacterId) -> str:
    """The name under which a character answers."""
    return f"character/{character}"


def character_of(model: str) -> CharacterId | None:
    """The character that is asked for; None: the default model. Raises Refused for a name that is none."""
    if model == DEFAULT:
        return None
    if model == PLANNER:
        raise no_planner()
    found = _CHARACTER.fullmatch(model)
    if found is None or int(found[1]) > MAX_ID:
        raise unknown_model(model)
    return CharacterId(int(found[1]))
