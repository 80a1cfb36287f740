"""The pages' pure scripts, run by node: what a chat shows, how long a lost line waits, how a schema reads."""

import json
from pathlib import Path
from typing import Any

from support.node import ran_by_node

PAGES = Path(__file__).parents[2] / "src/parley/pages"

Json = dict[str, Any]
HI: Json = {"id": 1, "role": "user", "message_text": "Hi", "client_id": "a"}
HEY: Json = {"id": 2, "role": "assistant", "message_text": "Hey"}


def view(*messages: Json, is_typing: bool = False, writing: Json | None = None) -> Json:
    return {"seq": 1, "messages": list(messages), "session": None, "is_typing": is_typing, "writing": writing}


def timeline(shown: Json, *pending: Json) -> list[tuple[str, str]]:
    """Key and kind of the rows."""
    body = "return modules[0].timeline(...given).map(({ key, kind }) => [key, kind]);"
    rows = json.loads(ran_by_node(body, PAGES / "timeline.js", given=[shown, pending]))
    return [(key, kind) for key, kind in rows]


def notation(schema: Json, **components: Json) -> str:
    text: str = json.loads(
        ran_by_node("return modules[0].notation(...given);", PAGES / "notation.js", given=[schema, components])
    )
    return text


# --- the timeline ----------------------------------------------------------------------------------


def test_a_sent_message_keeps_its_key_when_it_arrives() -> None:
    on_its_way = timeline(view(), {"client_id": "a", "text": "Hi", "hasFailed": False})
    assert on_its_way == [("ca", "pending")]
    assert timeline(view(HI)) == [("ca", "message")]


def test_a_reply_keeps_its_key_when_it_is_stored() -> None:
    assert timeline(view(HI, is_typing=True)) == [("ca", "message"), ("typing", "typing")]
    written = view(HI, is_typing=True, writing={"message_id": 2, "text": "He"})
    assert timeline(written) == [("ca", "message"), ("m2", "writing")]
    assert timeline(view(HI, HEY)) == [("ca", "message"), ("m2", "message")]


def test_a_reply_that_is_regenerated_gives_its_place_to_the_new_one() -> None:
    written = view(HI, HEY, is_typing=True, writing={"message_id": 3, "text": "Ho"})
    assert timeline(written) == [("ca", "message"), ("m3", "writing")]
    assert timeline(view(HI, HEY)) == [("ca", "message"), ("m2", "message")]


def test_what_waits_stands_below_the_reply_being_written() -> None:
    waiting = {"client_id": "b", "text": "And?", "hasFailed": False}
    assert timeline(view(HI, is_typing=True), waiting)[1:] == [("typing", "typing"), ("cb", "pending")]


def test_what_has_arrived_is_no_longer_on_its_way() -> None:
    given = [[{"client_id": "a"}, {"client_id": "b"}], [HI, HEY]]
    left = ran_by_node("return modules[0].stillPending(...given);", PAGES / "timeline.js", given=given)
    assert json.loads(left) == [{"client_id": "b"}]


def test_an_older_page_goes_before_what_is_known_and_does_not_undo_it() -> None:
    edited = {**HI, "message_text": "Hello"}
    older = [{"id": 0, "role": "user", "message_text": "First"}, HI]
    told = ran_by_node(
        "return modules[0].withOlder(...given);", PAGES / "timeline.js", given=[view(edited, HEY), older]
    )
    assert json.loads(told)["messages"] == [older[0], edited, HEY]


# --- the line --------------------------------------------------------------------------------------


def test_a_lost_line_waits_longer_each_time_but_not_for_ever() -> None:
    body = "return given.map((tries) => [0, 0.999].map((chance) => modules[0].pauseBefore(tries, chance)));"
    pauses = json.loads(ran_by_node(body, PAGES / "socket.js", given=list(range(40))))
    shortest = [least for least, _ in pauses]
    assert shortest == sorted(shortest)
    assert pauses[0][0] >= 200
    assert max(most for _, most in pauses) <= 15_000


# --- schemas ---------------------------------------------------------------------------------------


def test_an_object_reads_as_its_members() -> None:
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
            "tags": {"type": "array", "items": {"type": "string"}},
            "who": {"$ref": "#/components/schemas/a.b.Who", "description": "one of us"},
        },
    }
    who = {"anyOf": [{"type": "object", "properties": {"name": {"type": "string"}}}, {"type": "null"}]}
    read = notation(schema, **{"a.b.Who": who})
    assert read.splitlines() == [
        "{",
        "  id: integer ≥ 1",
        "  tags?: [ string … ]",
        "  who?: {",
        "    name?: string",
        "  } | null  // one of us",
        "}",
    ]


def test_plain_types_read_with_their_bounds() -> None:
    assert notation({"type": "integer", "minimum": 1, "maximum": 100, "default": 50}) == "integer 1…100 = 50"
    assert notation({"type": "string", "maxLength": 4}) == "string ≤ 4"
    assert notation({"type": ["string", "null"], "format": "date-time"}) == "string | null (date-time)"
    assert notation({"enum": ["sfw", "nsfw"]}) == '"sfw" | "nsfw"'
    assert notation({"const": "1.0"}) == '"1.0"'
    assert notation({}) == "any"


def test_several_schemas_that_all_hold_read_as_one() -> None:
    error = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    narrowed = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"error": {"enum": ["conflict"]}}}]}
    assert notation(narrowed, Error=error) == '{\n  error: "conflict"\n}'


# --- Telegram around it ----------------------------------------------------------------------------


def test_a_page_is_as_dark_as_telegrams_ground() -> None:
    themes = [{"bg_color": "#17212b"}, {"bg_color": "#ffffff"}, {"bg_color": "red"}, {}, None]
    body = "return given.map((theme) => modules[0].schemeOf(theme));"
    told = json.loads(ran_by_node(body, PAGES / "telegram.js", given=themes))
    assert told == ["dark", "light", None, None, None]
