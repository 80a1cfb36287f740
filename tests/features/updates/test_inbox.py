import pytest

from parley.adapters.db import OpenDatabase
from parley.features.updates.core import KEPT_FOR, Update
from parley.features.updates.service import Inbox
from parley.features.workers.service import ALIVE_FOR, Workers
from support.virtual_clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


async def inbox_of(db: OpenDatabase, clock: VirtualClock, name: str) -> Inbox:
    workers = Workers(db, clock, name)
    await workers.beat()
    return Inbox(db, clock, workers)


def said(number: int, chat: int = 7, body: str = "{}") -> Update:
    return Update(number, f"chat {chat}", body)


async def ids(inbox: Inbox) -> list[int]:
    return [update.id for update in await inbox.waiting(100)]


async def test_an_update_is_taken_on_once_however_often_it_comes(db: OpenDatabase, clock: VirtualClock) -> None:
    inbox = await inbox_of(db, clock, "me")
    first = await inbox.put([said(1), said(2), said(1)])
    assert first is not None
    assert [update.id for update in first] == [1, 2]
    assert await inbox.put([said(2), said(1)]) == []
    await inbox.done(1)
    assert await inbox.put([said(1)]) == []
    assert await ids(inbox) == [2]


async def test_updates_wait_in_the_order_they_came_in_not_by_number(db: OpenDatabase, clock: VirtualClock) -> None:
    inbox = await inbox_of(db, clock, "me")
    await inbox.put([said(900)])
    await inbox.put([said(3), said(2)])
    assert await ids(inbox) == [900, 3, 2]


async def test_what_a_handled_update_said_is_forgotten(db: OpenDatabase, clock: VirtualClock) -> None:
    inbox = await inbox_of(db, clock, "me")
    await inbox.put([said(1, body='{"text": "a secret"}')])
    await inbox.done(1)
    async with db.read() as tx:
        row = await tx.one("SELECT body, state FROM updates WHERE update_id = 1")
    assert row is not None
    assert (row["body"], row["state"]) == ("", "done")


async def test_an_update_that_failed_is_kept_and_not_handled_again(db: OpenDatabase, clock: VirtualClock) -> None:
    inbox = await inbox_of(db, clock, "me")
    await inbox.put([said(1, body="broken")])
    await inbox.failed(1)
    await inbox.done(1)
    async with db.read() as tx:
        row = await tx.one("SELECT body, state FROM updates WHERE update_id = 1")
    assert row is not None
    assert (row["body"], row["state"]) == ("broken", "failed")
    assert await ids(inbox) == []


async def test_one_too_large_to_keep_is_never_handed_out(db: OpenDatabase, clock: VirtualClock) -> None:
    inbox = await inbox_of(db, clock, "me")
    assert await inbox.put([said(1, body="")]) == []
    assert await ids(inbox) == []


async def test_what_a_dead_process_left_is_taken_over_in_order(db: OpenDatabase, clock: VirtualClock) -> None:
    dead, me = await inbox_of(db, clock, "dead"), await inbox_of(db, clock, "me")
    await dead.put([said(1), said(2, chat=8)])
    assert await ids(me) == []
    clock.advance(ALIVE_FOR / 1000)
    await me.workers.beat()
    assert [(update.id, update.attempts) for update in await me.waiting(100)] == [(1, 1), (2, 1)]


async def test_a_chat_stays_with_the_process_that_works_at_it(db: OpenDatabase, clock: VirtualClock) -> None:
    first, second = await inbox_of(db, clock, "first"), await inbox_of(db, clock, "second")
    await first.put([said(1)])
    assert await second.put([said(2), said(3, chat=8)]) is not None
    assert await ids(first) == [1, 2]
    assert await ids(second) == [3]


async def test_new_updates_go_behind_those_a_dead_process_left(db: OpenDatabase, clock: VirtualClock) -> None:
    dead, me = await inbox_of(db, clock, "dead"), await inbox_of(db, clock, "me")
    await dead.put([said(1)])
    clock.advance(ALIVE_FOR / 1000)
    await me.workers.beat()
    assert await me.put([said(2)]) is None
    assert await ids(me) == [1, 2]


async def test_numbers_are_forgotten_after_they_can_no_longer_come_again(db: OpenDatabase, clock: VirtualClock) -> None:
    inbox = await inbox_of(db, clock, "me")
    await inbox.put([said(1), said(2)])
    await inbox.done(1)
    clock.advance(KEPT_FOR / 1000 + 1)
    await inbox.workers.beat()
    assert await inbox.forget_old() == 1
    assert await ids(inbox) == [2]
