import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.updates import core

CHAT = {"id": 7, "type": "private"}
PERSON = {"id": 7, "is_bot": False, "first_name": "Аня"}


def raw(**members: object) -> bytes:
    return json.dumps({"update_id": 5, **members}).encode()


@pytest.mark.parametrize(
    ("members", "lane"),
    [
        ({"message": {"chat": CHAT}}, "chat 7"),
        ({"edited_message": {"chat": CHAT}}, "chat 7"),
        ({"callback_query": {"from": PERSON, "message": {"chat": CHAT}}}, "chat 7"),
        ({"callback_query": {"from": PERSON}}, "chat 7"),
        ({"my_chat_member": {"chat": CHAT}}, "chat 7"),
        ({"subscription": {"user": PERSON}}, "chat 7"),
        ({"stopped_message_generation": {"chat": CHAT, "draft_id": "9"}}, "stop 7"),
        ({"pre_checkout_query": {"from": PERSON}}, "payment 7"),
        ({"poll": {}}, "elsewhere"),
        ({"message": "not a message"}, "elsewhere"),
        ({"message": {"chat": {"id": "x"}}}, "elsewhere"),
    ],
)
def test_an_update_goes_to_the_lane_of_its_chat(members: dict[str, object], lane: str) -> None:
    update = core.read(raw(**members))
    assert update is not None
    assert (update.id, update.lane) == (5, lane)


def test_a_stop_does_not_wait_behind_the_message_it_stops() -> None:
    said, stopped = core.read(raw(message={"chat": CHAT})), core.read(raw(stopped_message_generation={"chat": CHAT}))
    assert said is not None
    assert stopped is not None
    assert said.lane != stopped.lane


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": "5"}', b'{"update_id": -1}', b"\xff", b"null"])
def test_what_has_no_number_is_no_update(body: bytes) -> None:
    assert core.read(body) is None


def test_an_update_too_large_to_keep_is_still_counted() -> None:
    update = core.read(raw(message={"chat": CHAT, "text": "x" * core.MOST_BYTES}))
    assert update is not None
    assert update.body == ""


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    update = core.read(body)
    assert update is None or "\x00" not in update.body


def test_an_answer_gives_its_updates_as_they_came() -> None:
    assert core.batch(b'{"ok": true, "result": [{"update_id":1, "message" : 3}, 7]}') == [
        b'{"update_id":1, "message" : 3}',
        b"7",
    ]


@pytest.mark.parametrize("answer", [b"", b"<html>", b'{"ok": false}', b'{"ok": true, "result": 5}', b"[]"])
def test_another_answer_is_told_apart(answer: bytes) -> None:
    with pytest.raises(ValueError, match="getUpdates"):
        core.batch(answer)
