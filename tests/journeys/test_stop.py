"""Stopping a reply, and messages taken away while they are being answered."""

import asyncio

import pytest

from support.app import AppUnderTest
from support.turns import LONG_ENOUGH, kinds, texts, under_way, used


async def test_a_stop_before_any_text_ends_in_conflict_and_returns_the_unit(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("", "never", wait=asyncio.Event())
    async with anya.socket(kira) as phone, under_way(app, anya.says(kira, "Hi")) as turn:
        await phone.until("message.typing")
        stopped = await anya.post(f"/api/chats/{kira}/stop")
        answer = await asyncio.wait_for(turn, LONG_ENOUGH)
        frames = await phone.until("error")
    assert stopped.json == {"success": True, "stopped": True}
    assert (answer.status, answer.json["error"]) == (409, "conflict")
    assert (frames[-2]["data"]["is_typing"], frames[-1]["data"]["code"]) == (False, "conflict")
    assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)
    assert app.model.closed_early == 1
    assert (await anya.post(f"/api/chats/{kira}/regenerate")).status == 200


async def test_a_stop_after_some_text_keeps_it_as_a_partial_reply(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(app, anya.says(kira, "Hi")) as turn:
        assert (await anya.post(f"/api/chats/{kira}/stop")).json["stopped"] is True
        answer = await asyncio.wait_for(turn, LONG_ENOUGH)
    reply = answer.json["assistant_message"]
    assert (answer.status, reply["message_text"], reply["is_partial"]) == (200, "So far", True)
    assert ((await anya.history(kira))[-1]["is_partial"], await used(anya)) == (True, 1)
    assert reply["tokens_used"] > 0


async def test_a_socket_stops_a_reply_that_another_device_asked_for(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with anya.socket(kira) as phone, anya.socket(kira) as laptop:
        await phone.send("send_message", message="Hi")
        await laptop.until("message.delta")
        await laptop.send("stop")
        frames = await phone.until("message.complete")
    assert kinds(frames)[-3:] == ["message.typing", "message.new", "message.complete"]
    assert frames[-2]["data"]["is_partial"] is True


async def test_a_stopped_regenerate_keeps_both_texts(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    await anya.says(kira, "Hi")
    sqlite_app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(sqlite_app, anya.post(f"/api/chats/{kira}/regenerate")) as turn:
        await anya.post(f"/api/chats/{kira}/stop")
        message = (await asyncio.wait_for(turn, LONG_ENOUGH)).json["message"]
    assert (message["message_text"], message["is_partial"], message["variants_count"]) == ("So far", True, 2)


async def test_a_regenerate_stopped_before_any_text_keeps_the_old_reply(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    await anya.says(kira, "Hi")
    sqlite_app.model.will_say("", "never", wait=asyncio.Event())
    async with under_way(sqlite_app, anya.post(f"/api/chats/{kira}/regenerate")) as turn:
        await anya.post(f"/api/chats/{kira}/stop")
        assert (await asyncio.wait_for(turn, LONG_ENOUGH)).status == 409
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 1)


async def test_a_stop_with_nothing_running_says_so(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    assert (await anya.post(f"/api/chats/{kira}/stop")).json == {"success": True, "stopped": False}
    await anya.says(kira, "Hi")
    assert (await anya.post(f"/api/chats/{kira}/stop")).json == {"success": True, "stopped": False}


async def test_a_stop_ends_only_the_running_reply_not_what_waits(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with anya.socket(kira) as phone:
        await phone.send("send_message", message="First")
        await phone.send("send_message", message="Second")
        await phone.until("message.delta")
        await phone.send("stop")
        await phone.until("message.complete")
        await phone.until("message.complete")
    assert await texts(anya, kira) == ["First", "So far", "Second", "All right."]


async def test_nobody_stops_another_persons_reply(sqlite_app: AppUnderTest) -> None:
    kira, anya, boris, end = await sqlite_app.character(), sqlite_app.person(7), sqlite_app.person(8), asyncio.Event()
    sqlite_app.model.will_say("Not", " disturbed", wait=end)
    async with under_way(sqlite_app, anya.says(kira, "Hi")) as turn:
        assert (await boris.post(f"/api/chats/{kira}/stop")).json["stopped"] is False
        end.set()
        assert (await turn).json["assistant_message"]["message_text"] == "Not disturbed"


async def test_a_stop_from_another_process_whose_signal_is_lost_is_heeded_at_the_next_beat(
    sqlite_app: AppUnderTest,
) -> None:
    # The two share a database but no bus, so no signal of one ever reaches the other.
    async with AppUnderTest.running(sqlite_app.parley.world.db, rate_limits="off") as other:
        kira, anya = await sqlite_app.character(), sqlite_app.person()
        sqlite_app.model.will_say("So far", " and never more", wait=asyncio.Event())
        async with under_way(sqlite_app, anya.says(kira, "Hi")) as turn:
            assert (await other.person().post(f"/api/chats/{kira}/stop")).json["stopped"] is True
            answer = await asyncio.wait_for(turn, LONG_ENOUGH)
        assert answer.json["assistant_message"]["is_partial"] is True


TAKEN_AWAY: list[tuple[str, dict[str, int]]] = [
    ("reset", {}),
    ("new-scene", {}),
    ("forget-recent", {"count": 1}),
]


@pytest.mark.parametrize(("how", "body"), TAKEN_AWAY)
async def test_a_message_taken_away_while_it_is_answered_ends_the_turn(
    app: AppUnderTest, how: str, body: dict[str, int]
) -> None:
    kira, anya = await app.character(), app.person()
    await anya.says(kira, "Before")
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(app, anya.says(kira, "Hi")) as turn:
        rewound = await anya.post(f"/api/chats/{kira}/{how}", body)
        answer = await asyncio.wait_for(turn, LONG_ENOUGH)
    assert rewound.json["deleted_messages_count"] == (1 if how == "forget-recent" else 3)
    assert (answer.status, answer.json["error"]) == (409, "conflict")
    assert await texts(anya, kira) == (["Before", "All right."] if how == "forget-recent" else [])
    assert await used(anya) == 1
    assert (await anya.says(kira, "Next")).status == 200


async def test_a_message_deleted_while_it_is_answered_ends_the_turn(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with anya.socket(kira) as phone, under_way(app, anya.says(kira, "Hi")) as turn:
        said = (await phone.next())["data"]["id"]
        assert (await anya.delete(f"/api/chats/{kira}/messages/{said}")).status == 200
        assert (await asyncio.wait_for(turn, LONG_ENOUGH)).status == 409
    assert (await texts(anya, kira), await used(anya)) == ([], 0)


async def test_the_reply_being_replaced_may_be_deleted_meanwhile(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    reply = (await anya.says(kira, "Hi")).json["assistant_message"]["id"]
    sqlite_app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(sqlite_app, anya.post(f"/api/chats/{kira}/regenerate")) as turn:
        await anya.delete(f"/api/chats/{kira}/messages/{reply}")
        assert (await asyncio.wait_for(turn, LONG_ENOUGH)).status == 409
    assert await texts(anya, kira) == ["Hi"]


async def test_a_new_scene_that_keeps_the_message_keeps_its_turn_running(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    await anya.says(kira, "Before")
    app.model.will_say("Still", " welcome", wait=end)
    async with under_way(app, anya.says(kira, "Hi")) as turn:
        rewound = await anya.post(f"/api/chats/{kira}/new-scene", {"messages_to_keep": 1})
        end.set()
        assert (await asyncio.wait_for(turn, LONG_ENOUGH)).status == 200
    assert rewound.json["deleted_messages_count"] == 2
    assert await texts(anya, kira) == ["Hi", "Still welcome"]


async def test_an_older_message_may_go_while_a_reply_is_written(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    before = (await anya.says(kira, "Before")).json["user_message"]["id"]
    sqlite_app.model.will_say("Still", " welcome", wait=end)
    async with under_way(sqlite_app, anya.says(kira, "Hi")) as turn:
        await anya.delete(f"/api/chats/{kira}/messages/{before}")
        end.set()
        assert (await asyncio.wait_for(turn, LONG_ENOUGH)).status == 200
    assert await texts(anya, kira) == ["All right.", "Hi", "Still welcome"]


async def test_a_message_deleted_by_another_process_is_missed_at_the_latest_when_its_reply_is_to_be_stored(
    app: AppUnderTest,
) -> None:
    # The two share a database but no bus, so no signal of one ever reaches the other.
    async with AppUnderTest.running(app.parley.world.db, rate_limits="off") as other:
        kira, anya, end = await app.character(), app.person(), asyncio.Event()
        app.model.will_say("Not", " wanted", wait=end)
        async with under_way(app, anya.says(kira, "Hi")) as turn:
            assert (await other.person().post(f"/api/chats/{kira}/reset")).json["deleted_messages_count"] == 1
            end.set()
            assert (await asyncio.wait_for(turn, LONG_ENOUGH)).status == 409
        assert (await texts(anya, kira), await used(anya)) == ([], 0)
