"""What the `Database` port promises, on both engines."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.adapters.db import OpenDatabase
from parley.kernel.errors import Conflict, ServiceUnavailable
from parley.kernel.ids import MAX_ID
from parley.kernel.ports import Database, Scalar, Tx


class Refused(Exception):
    """What a body says to undo itself."""


async def put(tx: Tx, name: str, value: int = 0) -> None:
    await tx.run("INSERT INTO versions (name, value) VALUES (:name, :value)", name=name, value=value)


async def names_in(tx: Tx) -> set[str]:
    rows = await tx.all(
        "SELECT name FROM versions WHERE name NOT IN :shipped", shipped=["catalogue", "keys", "entitlements"]
    )
    return {row["name"] for row in rows}


async def names(db: Database, *, long: bool = False) -> set[str]:
    async with db.read(long=long) as tx:
        return await names_in(tx)


async def test_what_was_written_is_read_inside_and_after(db: Database) -> None:
    async with db.begin() as tx:
        await put(tx, "mine")
        assert await names_in(tx) == {"mine"}

    assert await names(db) == {"mine"}
    assert await names(db, long=True) == {"mine"}


async def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    async def fail() -> None:
        async with db.begin() as tx:
            await put(tx, "lost")
            raise Refused

    with pytest.raises(Refused):
        await fail()

    assert await names(db) == set()


async def test_a_refused_statement_fails_the_transaction(db: Database) -> None:
    async with db.begin() as tx:
        await put(tx, "mine")

    async def repeat() -> None:
        async with db.begin() as tx:
            await put(tx, "lost")
            await put(tx, "mine")

    with pytest.raises(Exception, match=r"(?i)unique"):
        await repeat()

    assert await names(db) == {"mine"}


async def test_a_failure_takes_nothing_from_those_who_write_at_the_same_time(db: Database) -> None:
    inside = asyncio.Event()

    async def failing() -> None:
        async with db.begin() as tx:
            await put(tx, "lost")
            inside.set()
            for _ in range(10):
                await asyncio.sleep(0)
            raise Refused

    async def succeeding(name: str) -> None:
        await inside.wait()
        async with db.begin() as tx:
            await asyncio.sleep(0)
            await put(tx, name)

    ends = await asyncio.gather(succeeding("a"), failing(), succeeding("b"), return_exceptions=True)

    assert [type(end) for end in ends] == [type(None), Refused, type(None)]
    assert await names(db) == {"a", "b"}


async def test_a_cancelled_body_leaves_nothing_and_lets_others_in(db: Database) -> None:
    inside = asyncio.Event()

    async def endless() -> None:
        async with db.begin() as tx:
            await put(tx, "lost")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(endless())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.begin() as tx:
        await put(tx, "mine")

    assert await names(db) == {"mine"}


@pytest.mark.parametrize("steps", range(1, 12))
async def test_a_cancel_at_any_step_harms_nobody_else(db: Database, steps: int) -> None:
    async def write(name: str) -> None:
        async with db.begin() as tx:
            await put(tx, name)

    tasks = [asyncio.create_task(write(name)) for name in "abc"]
    for _ in range(steps):
        await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await write("d")

    found = await names(db)
    assert found - {"b"} == {"a", "c", "d"}
    assert "b" in found or tasks[1].cancelled()


async def test_after_commit_runs_in_order_and_finds_the_write_durable(db: Database) -> None:
    seen: list[tuple[int, set[str]]] = []

    def teller(number: int) -> Callable[[], Awaitable[None]]:
        async def tell() -> None:
            seen.append((number, await names(db)))

        return tell

    async with db.begin() as tx:
        tx.after_commit(teller(1))
        await put(tx, "mine")
        tx.after_commit(teller(2))
        assert seen == []

    assert seen == [(1, {"mine"}), (2, {"mine"})]


async def test_after_commit_is_silent_about_what_failed(db: Database) -> None:
    told = asyncio.Event()

    async def tell() -> None:
        told.set()

    async def fail() -> None:
        async with db.begin() as tx:
            tx.after_commit(tell)
            raise Refused

    with pytest.raises(Refused):
        await fail()

    assert not told.is_set()


async def test_whoever_is_cancelled_after_the_commit_began_still_tells(sqlite_db: Database) -> None:
    told: list[set[str]] = []

    async def tell() -> None:
        told.append(await names(sqlite_db))

    async def write() -> None:
        async with sqlite_db.begin() as tx:
            await put(tx, "mine")
            tx.after_commit(tell)

    task = asyncio.create_task(write())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert told == [{"mine"}]


@pytest.mark.parametrize("long", [False, True])
async def test_a_reader_sees_one_moment(db: Database, long: bool) -> None:
    async with db.read(long=long) as look:
        before = await names_in(look)
        async with db.begin() as tx:
            await put(tx, "later")
        after = await names_in(look)
        one = await look.one("SELECT name FROM versions WHERE name = :name", name="later")

    assert before == after == set()
    assert one is None
    assert await names(db) == {"later"}


@pytest.mark.parametrize("long", [False, True])
async def test_a_reader_cannot_write(db: Database, long: bool) -> None:
    async with db.read(long=long) as tx:
        with pytest.raises(ServiceUnavailable):
            await tx.all("UPDATE versions SET value = 7 RETURNING value")

    async with db.read() as tx:
        assert await tx.all("SELECT 1 FROM versions WHERE value = 7") == []


async def test_many_may_read_at_once(db: Database) -> None:
    async def look(number: int) -> int:
        async with db.read(long=number % 2 == 0) as tx:
            await asyncio.sleep(0)
            row = await tx.one("SELECT COUNT(*) AS number FROM versions")
            assert row is not None
            count: int = row["number"]
            return count

    assert await asyncio.gather(*(look(number) for number in range(40))) == [3] * 40


async def test_a_cancelled_long_read_gives_its_connection_back(db: Database, engine: str) -> None:
    async def endless() -> None:
        async with db.read(long=True) as tx:
            await tx.all(
                "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"
            )

    for _ in range(3):
        task = asyncio.create_task(endless())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert await names(db, long=True) == set()


async def test_a_transaction_that_is_over_takes_no_statements(db: Database) -> None:
    async with db.begin() as tx:
        pass

    with pytest.raises(RuntimeError, match="over"):
        await put(tx, "late")


async def test_run_counts_the_rows_it_touched(db: Database) -> None:
    async with db.begin() as tx:
        assert await tx.run("UPDATE versions SET value = value + :by", by=1) == 3
        assert await tx.run("DELETE FROM versions WHERE name = :name", name="nobody") == 0
        assert await tx.run("INSERT INTO versions (name, value) VALUES ('a', 1), ('b', 2)") == 2
        assert await tx.run("CREATE TABLE fresh (id BIGINT)") == 0


async def test_a_statement_may_return_what_it_wrote(db: Database) -> None:
    async with db.begin() as tx:
        row = await tx.one("UPDATE versions SET value = value + 41 WHERE name = :name RETURNING value", name="keys")
        none = await tx.one("UPDATE versions SET value = 0 WHERE name = :name RETURNING value", name="nobody")

    assert row is not None
    assert row["value"] == 42
    assert none is None


async def test_lists_stand_after_in_also_empty_ones(db: Database) -> None:
    async def found(where: str, **lists: Sequence[int] | Sequence[str]) -> list[str]:
        async with db.read() as tx:
            rows = await tx.all(f"SELECT name FROM versions WHERE {where} ORDER BY name", **lists)
            return [row["name"] for row in rows]

    everything = ["catalogue", "entitlements", "keys"]
    assert await found("name IN :names", names=["keys", "catalogue", "keys", "none"]) == ["catalogue", "keys"]
    assert await found("name IN :names AND value IN :values", names=("keys",), values=[1]) == ["keys"]
    assert await found("name IN :names", names=[]) == []
    assert await found("value IN :values", values=[]) == []
    assert await found("name NOT IN :names", names=["keys"]) == ["catalogue", "entitlements"]
    assert await found("name NOT IN :names", names=[]) == everything
    assert await found("value NOT IN :values", values=[]) == everything


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), TEXTS, st.integers(-MAX_ID - 1, MAX_ID), st.booleans(), st.none() | TEXTS)
async def test_values_come_back_as_they_went_in(
    db: Database, engine: str, blob: bytes, text: str, number: int, truth: bool, perhaps: str | None
) -> None:
    values: dict[str, Scalar] = {"a": blob, "b": text, "c": number, "d": truth, "e": perhaps}
    bytes_type = "BLOB" if engine == "sqlite" else "BYTEA"

    async def keep_and_forget() -> None:
        async with db.begin() as tx:
            await tx.run(f"CREATE TABLE kept (a {bytes_type}, b TEXT, c BIGINT, d INTEGER, e TEXT)")
            await tx.run("INSERT INTO kept (a, b, c, d, e) VALUES (:a, :b, :c, :d, :e)", **values)
            row = await tx.one("SELECT * FROM kept WHERE b IN :texts AND c IN :numbers", texts=[text], numbers=[number])
            assert row is not None
            assert {name: row[name] for name in values} == values
            raise Refused

    with pytest.raises(Refused):
        await keep_and_forget()


async def test_numbers_of_a_sequence_rise_and_are_never_given_twice(db: Database) -> None:
    given_out: list[int] = []

    async def take(count: int) -> None:
        async with db.begin() as tx:
            numbers = list(await tx.allocate("message", count))
        assert numbers == sorted(numbers)
        assert len(numbers) == count
        given_out.extend(numbers)

    await take(2)
    first = max(given_out)
    await asyncio.gather(*(take(3) for _ in range(8)))

    assert len(set(given_out)) == len(given_out) == 26
    assert min(given_out[2:]) > first >= 1


async def test_a_healthy_database_proves_that_it_is_writable(db: OpenDatabase) -> None:
    for _ in range(3):
        await db.prove_writable()


async def test_a_row_whose_owner_was_taken_away_is_a_conflict(db: OpenDatabase) -> None:
    with pytest.raises(Conflict):
        async with db.begin() as tx:
            await tx.run("INSERT INTO bot_dialogs (user_id, updated_at) VALUES (404, 0)")
