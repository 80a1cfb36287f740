"""Group commit, foreign locks, broken disks, sudden death."""

import asyncio
import itertools
import os
import resource
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db.migrate import shipped
from parley.adapters.db.sqlite import SqliteDatabase, open_sqlite
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Clock, Database, Tx
from support.virtual_clock import VirtualClock

SUPPORT = Path(__file__).parents[2] / "support"
SOURCE = Path(__file__).parents[3] / "src"


async def opened(folder: Path, clock: Clock) -> SqliteDatabase:
    return await open_sqlite(folder / "parley.db", shipped("sqlite"), clock)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await opened(tmp_path, SystemClock())
    yield database
    await database.close()


async def put(tx: Tx, number: int) -> None:
    await tx.run("INSERT INTO versions (name, value) VALUES (:name, :value)", name=f"n{number}", value=number)


async def write(db: Database, number: int) -> None:
    async with db.begin() as tx:
        await put(tx, number)


async def numbers(db: Database) -> set[int]:
    async with db.read() as tx:
        return {row["value"] for row in await tx.all("SELECT value FROM versions WHERE name LIKE 'n%'")}


async def test_those_who_come_together_share_a_commit(db: SqliteDatabase) -> None:
    before = db.commits

    await asyncio.gather(*(write(db, number) for number in range(100)))

    assert db.commits - before <= 2
    assert await numbers(db) == set(range(100))


async def test_those_who_come_during_a_commit_share_the_next(db: SqliteDatabase) -> None:
    before = db.commits

    async def writer(first: int) -> None:
        for number in range(first, first + 10):
            await write(db, number)

    await asyncio.gather(*(writer(first * 10) for first in range(20)))

    assert 10 <= db.commits - before <= 20
    assert await numbers(db) == set(range(200))


async def test_one_after_another_each_has_its_commit(db: SqliteDatabase) -> None:
    before = db.commits

    for number in range(5):
        await write(db, number)

    assert db.commits - before == 5


async def test_a_transaction_within_a_transaction_is_a_mistake_not_a_deadlock(db: SqliteDatabase) -> None:
    with pytest.raises(RuntimeError, match="begin"):
        async with db.begin():
            await write(db, 1)

    await write(db, 2)
    assert await numbers(db) == {2}


async def test_a_committer_that_was_cancelled_is_replaced(db: SqliteDatabase) -> None:
    async with db.begin() as tx:
        await put(tx, 1)
        [committer] = [task for task in asyncio.all_tasks() if task.get_name() == "sqlite-commit"]
        waiting = asyncio.create_task(write(db, 2))
        await asyncio.sleep(0)
        committer.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await waiting

    assert await numbers(db) == {1, 2}


class ReleasingClock(VirtualClock):
    """Ends another connection's transaction after some sleeps."""

    def __init__(self, other: sqlite3.Connection, sleeps: int) -> None:
        super().__init__()
        self._other = other
        self._sleeps = sleeps

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if len(self.slept) == self._sleeps:
            self._other.rollback()


@contextmanager
def foreigner(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection of another program."""
    connection = sqlite3.connect(folder / "parley.db", isolation_level=None)
    yield connection
    connection.close()


async def test_another_programs_lock_is_waited_for_while_the_loop_goes_on(tmp_path: Path) -> None:
    first = await opened(tmp_path, SystemClock())
    await first.close()
    with foreigner(tmp_path) as other:
        db = await opened(tmp_path, ReleasingClock(other, sleeps=10))
        other.execute("BEGIN IMMEDIATE")
        ticks = itertools.count()
        ended = asyncio.Event()

        async def tick() -> int:
            while not ended.is_set():
                next(ticks)
                await asyncio.sleep(0)
            return next(ticks)

        ticking = asyncio.create_task(tick())
        await write(db, 1)
        ended.set()

        assert await ticking >= 10
        assert await numbers(db) == {1}
        await db.close()


async def test_a_lock_that_stays_makes_all_who_wait_unavailable_after_five_seconds(tmp_path: Path) -> None:
    clock = VirtualClock()
    db = await opened(tmp_path, clock)
    with foreigner(tmp_path) as other:
        other.execute("BEGIN IMMEDIATE")

        ends = await asyncio.gather(*(write(db, number) for number in range(5)), return_exceptions=True)

        assert [type(end) for end in ends] == [ServiceUnavailable] * 5
        assert 5 <= clock.monotonic() < 6
        other.rollback()
        await write(db, 9)
        assert await numbers(db) == {9}
    await db.close()


async def test_a_full_database_refuses_what_does_not_fit_and_recovers(db: SqliteDatabase) -> None:
    async with db.begin() as tx:
        row = await tx.one("PRAGMA page_count")
        assert row is not None
        await tx.one(f"PRAGMA max_page_count = {row['page_count'] + 5}")

    async def write_much() -> None:
        async with db.begin() as tx:
            await tx.run("INSERT INTO versions (name, value) VALUES (:name, 1)", name="x" * 100_000)

    ends = await asyncio.gather(write(db, 1), write_much(), write(db, 2), return_exceptions=True)

    assert isinstance(ends[1], ServiceUnavailable)
    acknowledged = {number for number, end in ((1, ends[0]), (2, ends[2])) if end is None}
    assert await numbers(db) == acknowledged
    async with db.begin() as tx:
        await tx.one("PRAGMA max_page_count = 1000000")
    await write_much()


@contextmanager
def no_file_may_be_written() -> Iterator[None]:
    """Makes every write to a file fail as a broken disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_commit_the_disk_refuses_fails_for_all_who_share_it_and_shows_nothing(db: SqliteDatabase) -> None:
    told: list[int] = []

    async def write_and_tell(number: int) -> None:
        async def tell() -> None:
            told.append(number)

        async with db.begin() as tx:
            await put(tx, number)
            tx.after_commit(tell)

    with no_file_may_be_written():
        ends = await asyncio.gather(*(write_and_tell(number) for number in range(3)), return_exceptions=True)

    assert [type(end) for end in ends] == [ServiceUnavailable] * 3
    assert told == []
    assert await numbers(db) == set()
    await write_and_tell(7)
    assert await numbers(db) == {7}


async def test_when_the_engine_ends_a_transaction_all_who_share_it_fail_and_nothing_slips_through(
    db: SqliteDatabase,
) -> None:
    async def lose_it() -> None:
        async with db.begin() as tx:
            await put(tx, 2)
            await tx.run("ROLLBACK")  # as SQLite itself may do when the disk is full
            with pytest.raises(ServiceUnavailable):
                await put(tx, 3)

    ends = await asyncio.gather(write(db, 1), lose_it(), write(db, 4), return_exceptions=True)

    assert [type(end) for end in ends] == [ServiceUnavailable, ServiceUnavailable, type(None)]
    assert await numbers(db) == {4}


@pytest.mark.parametrize("acknowledged", [1, 400])
async def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        SUPPORT / "acknowledging_writer.py",
        f"sqlite:///{tmp_path}/parley.db",
        env={**os.environ, "PYTHONPATH": str(SOURCE)},  # noqa: TID251 - a child process needs its PATH
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    promised = [int(await process.stdout.readline()) for _ in range(acknowledged)]
    process.kill()
    promised += [int(line) for line in (await process.stdout.read()).splitlines(keepends=True) if line.endswith(b"\n")]
    await process.wait()

    db = await opened(tmp_path, SystemClock())

    async with db.read() as tx:
        [check] = await tx.all("PRAGMA integrity_check")
    assert check["integrity_check"] == "ok"
    assert set(promised) <= await numbers(db)
    await db.close()
