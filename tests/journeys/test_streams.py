"""`Accept: text/event-stream`: the events of one turn, as the socket tells them."""

import asyncio
from typing import Any

from parley.kernel.ports import ModelFailed
from support.app import Answer, AppUnderTest, Someone
from support.turns import eventually, kinds, lasting, texts, under_way, used

STREAM = {"Accept": "text/event-stream"}


async def streamed(someone: Someone, character: int, text: str, key: str = "") -> Answer:
    """A message whose answer is a stream."""
    return await someone.says(character, text, STREAM | ({"Idempotency-Key": key} if key else {}))


def without_pieces(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events but for deltas, which every viewer gets in pieces of their own."""
    return [each for each in frames if each["event"] != "message.delta"]


async def test_a_stream_tells_what_a_socket_tells(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("Once", " upon", " a time")
    async with anya.socket(kira) as phone:
        answer = await streamed(anya, kira, "Hi")
        heard = await phone.until("message.complete")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    assert without_pieces(answer.events) == without_pieces(heard)
    text = "".join(each["data"]["text"] for each in answer.events if each["event"] == "message.delta")
    assert text == answer.events[-2]["data"]["message_text"] == "Once upon a time"


async def test_the_numbers_of_lasting_events_are_the_streams_ids(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    answer = await streamed(anya, kira, "Hi")
    blocks = [block.splitlines() for block in answer.text.strip().split("\n\n")]
    for block, frame in zip(blocks, answer.events, strict=True):
        assert block[0] == f"event: {frame['event']}"
        assert [line for line in block if line.startswith("id: ")] == (
            [f"id: {frame['seq']}"] if "seq" in frame else []
        )


async def test_a_regenerate_streams_too(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    await anya.says(kira, "Hi")
    answer = await anya.post(f"/api/chats/{kira}/regenerate", headers=STREAM)
    assert kinds(answer.events) == [
        "message.typing", "message.delta", "message.typing", "message.deleted", "message.new", "message.complete",
    ]  # fmt: skip
    assert [each["seq"] for each in lasting(answer.events)] == [4, 5, 6]


async def test_text_comes_before_the_reply_is_whole(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("Once", " upon", wait=end)
    headers = {"Authorization": f"tma {anya.init_data}", **STREAM}
    path = f"{anya.base_url}/api/chats/{kira}/messages"
    async with anya.session.post(path, json={"message": "Hi"}, headers=headers) as response:
        received = b""
        while b"message.delta" not in received:
            received += await response.content.readany()
        assert b"message.complete" not in received
        end.set()
        received += await response.content.read(-1)
    assert b"message.complete" in received


async def test_what_fails_before_the_turn_begins_is_a_plain_error(sqlite_app: AppUnderTest) -> None:
    db = sqlite_app.parley.world.db
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="0") as limited:
        kira, anya = await limited.character(), limited.person()
        premium = await limited.character(access_type="premium")
        for answer, status in (
            (await streamed(anya, kira, "Hi"), 429),
            (await streamed(anya, kira, " "), 400),
            (await streamed(anya, premium, "Hi"), 403),
            (await streamed(anya, 999_999, "Hi"), 404),
            (await anya.post(f"/api/chats/{kira}/regenerate", headers=STREAM), 400),
        ):
            assert answer.status == status
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.json.keys() >= {"error", "message"}


async def test_what_fails_after_the_turn_began_is_an_error_event(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_fail(ModelFailed("server"))
    answer = await streamed(anya, kira, "Hi")
    assert answer.status == 200
    assert kinds(answer.events) == ["message.new", "message.typing", "message.typing", "error"]
    assert answer.events[-1]["data"]["code"] == "llm_error"
    assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)


async def test_a_stopped_stream_ends_with_its_partial_reply(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(sqlite_app, streamed(anya, kira, "Hi")) as turn:
        await anya.post(f"/api/chats/{kira}/stop")
        answer = await turn
    assert answer.events[-2]["data"]["is_partial"] is True
    assert answer.events[-1]["event"] == "message.complete"


async def test_a_reply_is_stored_though_its_streams_reader_went_away(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("Still", " here", wait=end)
    async with under_way(sqlite_app, streamed(anya, kira, "Hi")):
        pass
    end.set()

    async def is_stored() -> bool:
        return await texts(anya, kira) == ["Hi", "Still here"]

    await eventually(is_stored)


async def test_a_stream_ends_with_its_own_turn_though_others_wait(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    answers = await asyncio.gather(*(streamed(anya, kira, f"message {number}") for number in range(8)))
    for answer in answers:
        assert kinds(answer.events) == [
            "message.new", "message.typing", "message.delta", "message.typing", "message.new", "message.complete",
        ]  # fmt: skip
    seqs = sorted(tuple(each["seq"] for each in lasting(answer.events)) for answer in answers)
    assert seqs == [(first, first + 1, first + 2) for first in range(1, 25, 3)]


async def test_a_repeated_stream_tells_the_same_lasting_events(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    first = await streamed(anya, kira, "Hi", key="k1")
    again = await streamed(anya, kira, "Hi", key="k1")
    assert without_pieces(again.events) == without_pieces(first.events)
    assert kinds(again.events) == kinds(first.events)
    assert len(app.model.asked) == 1


async def test_a_key_first_used_for_json_streams_later_and_the_other_way_round(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    as_json = await anya.says(kira, "One", {"Idempotency-Key": "k1"})
    as_stream = await streamed(anya, kira, "One", key="k1")
    assert as_stream.events[-2]["data"]["id"] == as_json.json["assistant_message"]["id"]
    as_stream = await streamed(anya, kira, "Two", key="k2")
    as_json = await anya.says(kira, "Two", {"Idempotency-Key": "k2"})
    assert as_stream.events[-2]["data"]["id"] == as_json.json["assistant_message"]["id"]
    assert as_json.json["limits"]["remaining"] == 48


async def test_a_stream_that_answers_a_stored_message_begins_with_that_message(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_fail(ModelFailed("server"))
    failed = await streamed(anya, kira, "Hi", key="k1")
    await anya.patch(f"/api/chats/{kira}/session", {"mood_preference": "sweet"})
    answer = await streamed(anya, kira, "Hi", key="k1")
    assert kinds(answer.events) == [
        "message.new", "message.typing", "message.delta", "message.typing", "message.new", "message.complete",
    ]  # fmt: skip
    assert answer.events[0]["data"] == failed.events[0]["data"]
    assert without_pieces((await streamed(anya, kira, "Hi", key="k1")).events) == without_pieces(answer.events)
    assert await used(anya) == 1
