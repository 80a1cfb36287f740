import pytest

from parley.adapters.db import OpenDatabase
from parley.features.workers.service import ALIVE_FOR, BEAT_EVERY, Workers
from support.virtual_clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


async def is_alive(db: OpenDatabase, asked: Workers, who: str) -> bool:
    async with db.read() as tx:
        return await asked.is_alive(tx, who)


async def test_a_sign_of_life_is_good_for_a_while(db: OpenDatabase, clock: VirtualClock) -> None:
    me, other = Workers(db, clock, "me"), Workers(db, clock, "other")
    assert not await is_alive(db, other, "me")
    await me.beat()
    clock.advance((ALIVE_FOR - 1) / 1000)
    assert await is_alive(db, other, "me")
    clock.advance(0.001)
    assert not await is_alive(db, other, "me")
    await me.beat()
    assert await is_alive(db, other, "me")


async def test_two_signs_of_life_may_be_missed() -> None:
    assert 2 * BEAT_EVERY * 1000 < ALIVE_FOR < 10_000


async def test_who_left_is_not_waited_for(db: OpenDatabase, clock: VirtualClock) -> None:
    me, other = Workers(db, clock, "me"), Workers(db, clock, "other")
    await me.beat()
    await me.leave()
    assert not await is_alive(db, other, "me")


async def test_a_process_knows_that_it_lives(db: OpenDatabase, clock: VirtualClock) -> None:
    assert await is_alive(db, Workers(db, clock, "me"), "me")


async def test_the_long_dead_are_forgotten_and_the_living_are_not(db: OpenDatabase, clock: VirtualClock) -> None:
    me, other = Workers(db, clock, "me"), Workers(db, clock, "other")
    await me.beat()
    clock.advance(25 * 3600)
    await other.beat()
    async with db.read() as tx:
        rows = await tx.all("SELECT id FROM workers")
    assert [row["id"] for row in rows] == ["other"]
