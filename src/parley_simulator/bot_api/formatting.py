"""Text as a bot sends it: parsed, and neither too long nor empty."""

from typing import Any, Final

from parley_simulator.bot_api.call import Call
from parley_simulator.entities import parse, units, with_people
from parley_simulator.refusal import bad_request
from parley_simulator.wire import Json

LONGEST_TEXT: Final = 4096
LONGEST_CAPTION: Final = 1024


def text(call: Call, *, may_be_empty: bool = False) -> tuple[str, list[Json]]:
    """The text of a message and its entities."""
    plain, entities = _parsed(call, "text", "entities", may_be_empty=may_be_empty)
    if units(plain) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return plain, entities


def caption(call: Call) -> Json:
    """The fields of a caption; none if there is no caption."""
    plain, entities = _parsed(call, "caption", "caption_entities", may_be_empty=True)
    if units(plain) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    fields: Json = {"caption": plain} if plain else {}
    if entities:
        fields["caption_entities"] = entities
    return fields


def _parsed(call: Call, text_name: str, entities_name: str, *, may_be_empty: bool) -> tuple[str, list[Json]]:
    params = call.params
    marked: Any = params.json(entities_name, "entities")
    given = marked if isinstance(marked, list) else None
    plain, entities = parse(params.text(text_name), params.text("parse_mode"), given, may_be_empty=may_be_empty)
    return plain, with_people(entities, lambda number: _user(call, number))


def _user(call: Call, number: int) -> Json | None:
    person = call.world.people.get(number)
    return None if person is None else person.user
