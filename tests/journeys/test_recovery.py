"""A turn whose process died: the chat is freed, the unit goes back, and the dead process cannot write any more."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.adapters.db import OpenDatabase
from support.app import AppUnderTest
from support.turns import LONG_ENOUGH, eventually, lined_up, texts, under_way, used

KEY = {"Idempotency-Key": "k1"}


@pytest.fixture
async def other(db: OpenDatabase) -> AsyncIterator[AppUnderTest]:
    """Another process on the same database. It shares no bus with the first."""
    async with AppUnderTest.running(db, rate_limits="off") as running:
        yield running


async def recovered(app: AppUnderTest) -> None:
    """Let this process find that every other one has died, and clean up after them."""
    await app.another_process_died()
    await app.parley.background.recovery.recover()


async def test_a_dead_processs_turn_frees_its_chat_and_gives_its_unit_back(
    app: AppUnderTest, other: AppUnderTest
) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(app, anya.says(kira, "Hi")):
        elsewhere = other.person()
        assert await used(elsewhere) == 1
        async with elsewhere.socket(kira) as phone:
            await recovered(other)
            frames = await phone.until("error")
        assert frames[-1]["data"]["code"] == "service_unavailable"
        assert (await texts(elsewhere, kira), await used(elsewhere)) == (["Hi"], 0)
        answer = await elsewhere.post(f"/api/chats/{kira}/regenerate")
        assert answer.json["message"]["message_text"] == "All right."


async def test_a_message_waits_until_the_dead_processs_turn_is_freed(app: AppUnderTest, other: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(app, anya.says(kira, "First")):
        waiting = asyncio.create_task(other.person().says(kira, "Second"))
        await lined_up(other, 1)
        assert not waiting.done()
        await recovered(other)
        assert (await asyncio.wait_for(waiting, LONG_ENOUGH)).status == 200
    assert await texts(other.person(), kira) == ["First", "Second", "All right."]
    assert await used(other.person()) == 1


async def test_a_process_taken_for_dead_cannot_write_its_reply(app: AppUnderTest, other: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    app.model.will_say("Too", " late", wait=end)
    async with under_way(app, anya.says(kira, "Hi")) as turn:
        await recovered(other)
        end.set()
        late = await asyncio.wait_for(turn, LONG_ENOUGH)
    assert (late.status, late.json["error"]) == (409, "conflict")
    assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)


async def test_a_late_process_does_not_end_the_turn_that_followed_its_own(
    app: AppUnderTest, other: AppUnderTest
) -> None:
    kira, anya, late_end, end = await app.character(), app.person(), asyncio.Event(), asyncio.Event()
    app.model.will_say("Too", " late", wait=late_end)
    other.model.will_say("In", " time", wait=end)
    async with under_way(app, anya.says(kira, "Hi", KEY)) as late:
        await recovered(other)
        async with under_way(other, other.person().says(kira, "Hi", KEY)) as turn:
            late_end.set()
            assert (await asyncio.wait_for(late, LONG_ENOUGH)).status == 409
            # Its key is another's now: to give it free would let a third request in beside the second.
            assert (await other.person().says(kira, "Hi", KEY)).status == 409
            end.set()
            answer = await asyncio.wait_for(turn, LONG_ENOUGH)
    assert answer.json["assistant_message"]["message_text"] == "In time"
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "In time"], 1)


async def test_the_same_key_answers_elsewhere_what_a_dead_process_left(app: AppUnderTest, other: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(app, anya.says(kira, "Hi", KEY)):
        assert (await other.person().says(kira, "Hi", KEY)).status == 409
        await recovered(other)
        answer = await other.person().says(kira, "Hi", KEY)
    assert (answer.status, answer.json["limits"]["remaining"]) == (200, 49)
    assert await texts(other.person(), kira) == ["Hi", "All right."]


async def test_a_dead_processs_regenerate_leaves_the_old_reply(app: AppUnderTest, other: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    await anya.says(kira, "Hi")
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(app, anya.post(f"/api/chats/{kira}/regenerate")):
        await recovered(other)
        assert (await texts(other.person(), kira), await used(other.person())) == (["Hi", "All right."], 1)


async def test_a_living_processs_turn_is_left_alone(app: AppUnderTest, other: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    app.model.will_say("In", " time", wait=end)
    async with under_way(app, anya.says(kira, "Hi")) as turn:
        assert await other.parley.background.recovery.recover() == 0
        end.set()
        assert (await turn).status == 200


async def test_a_process_never_takes_itself_for_dead(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    app.model.will_say("Still", " here", wait=end)
    async with under_way(app, anya.says(kira, "Hi")) as turn:
        await app.another_process_died()  # as if the database had been away while signs of life were due
        assert await app.parley.background.recovery.recover() == 0
        end.set()
        assert (await turn).json["assistant_message"]["message_text"] == "Still here"


async def test_recovery_runs_by_itself(app: AppUnderTest, other: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(app, anya.says(kira, "Hi")):
        await other.another_process_died()

        async def is_given_back() -> bool:
            return await used(other.person()) == 0

        await eventually(is_given_back)
