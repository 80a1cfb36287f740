"""Service keys: who is let in, what is remembered, what is counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.features.identity.core import CONFIGURED_KEYS, Caller, KeyUse, is_one_of, key_digest, may_be_key
from parley.features.identity.service import KeyAccounts, KeyRing, ServiceKeys
from parley.features.versions.service import Versions
from parley.kernel.errors import ServiceUnavailable, Unauthorized
from parley.kernel.ports import Tx
from support.counting import CountingDatabase


def keys_of(db: OpenDatabase) -> ServiceKeys:
    return ServiceKeys(db, SystemClock(), SystemChance())


async def test_a_made_key_is_let_in_under_its_name(db: OpenDatabase) -> None:
    secret = await keys_of(db).create("planner", is_adult=True)
    caller = await KeyRing(db, ()).caller(secret)
    assert caller == Caller("planner", key_digest(secret), is_adult=True)
    assert may_be_key(secret)


async def test_a_key_once_seen_costs_no_statement(sqlite_db: OpenDatabase) -> None:
    secret = await keys_of(sqlite_db).create("planner", is_adult=False)
    db = CountingDatabase(sqlite_db)
    ring = KeyRing(db, ("configured",))
    await ring.caller(secret)
    with db.counted() as statements:
        for known in (secret, "configured"):
            await ring.caller(known)
    assert statements == []


@pytest.mark.parametrize("length", [8, 20, 40, -1])
async def test_the_beginning_of_a_key_opens_nothing(sqlite_db: OpenDatabase, length: int) -> None:
    configured = "a-configured-key" * 4
    ring = KeyRing(sqlite_db, (configured,))
    secret = await keys_of(sqlite_db).create("planner", is_adult=False)
    await ring.caller(secret)
    for key in (secret, configured):
        with pytest.raises(Unauthorized):
            await ring.caller(key[:length])
        with pytest.raises(Unauthorized):
            await ring.caller(key[:20] + "0" * (len(key) - 20))


async def test_what_cannot_be_a_key_is_not_looked_up(sqlite_db: OpenDatabase) -> None:
    db = CountingDatabase(sqlite_db)
    ring = KeyRing(db, ())
    with db.counted() as statements:
        for guess in ("", "' OR 1=1--", "parley-", "parley-" + "g" * 64, "parley-" + "0" * 65, "\ud800", "x" * 10**6):
            with pytest.raises(Unauthorized):
                await ring.caller(guess)
    assert statements == []


async def test_keys_of_the_settings_are_good_and_never_for_adults(sqlite_db: OpenDatabase) -> None:
    ring = KeyRing(sqlite_db, ("one", "two"))
    first, second = await ring.caller("one"), await ring.caller("two")
    assert (first.key, second.key, first.is_adult) == (CONFIGURED_KEYS, CONFIGURED_KEYS, False)
    assert first.digest != second.digest
    assert "one" not in repr(ring) + repr(first)


def test_all_keys_are_compared_whichever_it_is() -> None:
    configured = [key_digest(each).encode() for each in ("one", "two", "three")]
    assert [is_one_of(key_digest(each), configured) for each in ("one", "three", "four")] == [True, True, False]


async def test_a_revoked_key_is_refused_once_the_version_is_known(db: OpenDatabase) -> None:
    ring = KeyRing(db, ())
    ring.keys_are((await Versions(db).current())["keys"])
    secret = await keys_of(db).create("planner", is_adult=False)
    await ring.caller(secret)
    await keys_of(db).revoke("planner")
    await ring.caller(secret)
    ring.keys_are((await Versions(db).current())["keys"])
    with pytest.raises(Unauthorized):
        await ring.caller(secret)


class SlowReads:
    """A database whose reads can be held up."""

    def __init__(self, db: OpenDatabase) -> None:
        self._db = db
        self.has_read = asyncio.Event()
        self.go_on = asyncio.Event()

    @asynccontextmanager
    async def read(self, *, long: bool = False) -> AsyncIterator[Tx]:
        async with self._db.read(long=long) as tx:
            yield tx
        self.has_read.set()
        await self.go_on.wait()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        async with self._db.begin() as tx:
            yield tx


async def test_what_was_read_while_a_key_changed_is_not_kept(sqlite_db: OpenDatabase) -> None:
    secret = await keys_of(sqlite_db).create("planner", is_adult=False)
    slow = SlowReads(sqlite_db)
    ring = KeyRing(slow, ())
    asking = asyncio.create_task(ring.caller(secret))
    await slow.has_read.wait()
    await keys_of(sqlite_db).revoke("planner")
    ring.keys_are(7)
    slow.go_on.set()
    await asking
    with pytest.raises(Unauthorized):
        await ring.caller(secret)


# --- what is counted ---------------------------------------------------------------------------------


async def test_what_is_asked_is_added_up_by_key(db: OpenDatabase) -> None:
    accounts = KeyAccounts(db, SystemClock())
    for name in ("planner", "other"):
        await keys_of(db).create(name, is_adult=False)
    for _ in range(2):
        accounts.add("planner", KeyUse(1))
        accounts.add("planner", KeyUse(0, 7, 13))
        accounts.add(CONFIGURED_KEYS, KeyUse(1))
        await accounts.write()
    listed = {each.name: each.use for each in await keys_of(db).listing()}
    assert listed == {"other": KeyUse(), "planner": KeyUse(2, 14, 26), CONFIGURED_KEYS: KeyUse(2)}


async def test_any_number_of_keys_is_one_statement_a_hundred(sqlite_db: OpenDatabase) -> None:
    db = CountingDatabase(sqlite_db)
    accounts = KeyAccounts(db, SystemClock())
    for number in range(100):
        accounts.add(str(number), KeyUse(1))
    with db.counted() as statements:
        await accounts.write()
        await accounts.write()
    assert len(statements) == 1


class AwayDatabase(SlowReads):
    """A database that takes no writes for a while."""

    is_away = True

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        if self.is_away:
            raise ServiceUnavailable
        async with self._db.begin() as tx:
            yield tx


async def test_what_cannot_be_written_down_is_kept_for_later(sqlite_db: OpenDatabase) -> None:
    db = AwayDatabase(sqlite_db)
    accounts = KeyAccounts(db, SystemClock())
    accounts.add(CONFIGURED_KEYS, KeyUse(1, 2, 3))
    with pytest.raises(ServiceUnavailable):
        await accounts.write()
    accounts.add(CONFIGURED_KEYS, KeyUse(1))
    db.is_away = False
    await accounts.write()
    (listed,) = await keys_of(sqlite_db).listing()
    assert listed.use == KeyUse(2, 2, 3)


class HeldDatabase:
    """The database, in which nobody can write until it is let go."""

    def __init__(self, db: OpenDatabase) -> None:
        self._db = db
        self.is_asked = asyncio.Event()
        self.is_free = asyncio.Event()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        self.is_asked.set()
        await self.is_free.wait()
        async with self._db.begin() as tx:
            yield tx

    @asynccontextmanager
    async def read(self, *, long: bool = False) -> AsyncIterator[Tx]:
        async with self._db.read(long=long) as tx:
            yield tx


async def test_the_last_to_write_waits_for_what_is_still_being_written(sqlite_db: OpenDatabase) -> None:
    db = HeldDatabase(sqlite_db)
    accounts = KeyAccounts(db, SystemClock())
    accounts.add(CONFIGURED_KEYS, KeyUse(1, 2, 3))
    usual = asyncio.create_task(accounts.write())
    await db.is_asked.wait()
    last = asyncio.create_task(accounts.write())
    asyncio.get_running_loop().call_soon(db.is_free.set)
    await last
    usual.cancel()
    (listed,) = await keys_of(sqlite_db).listing()
    assert listed.use == KeyUse(1, 2, 3)
