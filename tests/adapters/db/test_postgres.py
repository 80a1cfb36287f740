"""What only PostgreSQL does."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Tx
from support.databases import PostgresForTests


@pytest.fixture
async def db(postgres_server: PostgresForTests) -> AsyncIterator[OpenDatabase]:
    async with postgres_server.database() as url:
        database = await open_database(url, SystemClock())
        yield database
        await database.close()


async def raise_value(tx: Tx, name: str) -> None:
    await tx.run("UPDATE versions SET value = value + 1 WHERE name = :name", name=name)


async def value(db: OpenDatabase, name: str) -> int:
    async with db.read() as tx:
        row = await tx.one("SELECT value FROM versions WHERE name = :name", name=name)
        assert row is not None
        found: int = row["value"]
        return found


async def test_a_deadlock_ends_for_one_and_asks_to_try_again(db: OpenDatabase) -> None:
    both_hold_one = asyncio.Barrier(2)

    async def cross(first: str, second: str) -> None:
        async with db.begin() as tx:
            await raise_value(tx, first)
            await both_hold_one.wait()
            await raise_value(tx, second)

    ends = await asyncio.gather(cross("keys", "catalogue"), cross("catalogue", "keys"), return_exceptions=True)

    [failure] = [end for end in ends if end is not None]
    assert isinstance(failure, ServiceUnavailable)
    assert failure.retry_after == 1
    assert await value(db, "keys") == await value(db, "catalogue") == 2


async def test_a_lost_connection_is_unavailable_once(db: OpenDatabase) -> None:
    async def write_and_break() -> None:
        async with db.begin() as tx:
            await raise_value(tx, "keys")
            row = await tx.one("SELECT pg_backend_pid() AS pid")
            assert row is not None
            async with db.begin() as other:
                await other.one("SELECT pg_terminate_backend(CAST(:pid AS INTEGER), 5000)", pid=row["pid"])

    with pytest.raises(ServiceUnavailable):
        await write_and_break()

    assert await value(db, "keys") == 1


async def test_two_write_at_the_same_time(db: OpenDatabase) -> None:
    both_inside = asyncio.Barrier(2)

    async def write(name: str) -> None:
        async with db.begin() as tx:
            await raise_value(tx, name)
            await both_inside.wait()

    await asyncio.gather(write("keys"), write("catalogue"))

    assert await value(db, "keys") == await value(db, "catalogue") == 2
