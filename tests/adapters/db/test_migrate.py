"""Migrations: which run, in which order, and on whose database they do not."""

import asyncio
from pathlib import Path

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import DatabaseRefused, OpenDatabase, open_database
from parley.adapters.db.migrate import Migration, assembled, pending, shipped, statements
from parley.adapters.db.sqlite import open_sqlite


def test_an_engines_own_part_runs_just_before_the_common_one() -> None:
    files = {
        "0002_more.sql": "two",
        "0001_chat.sql": "one @identity @blob",
        "0001_chat.sqlite.sql": "own",
        "0001_chat.postgres.sql": "not ours",
        "0003_only.postgres.sql": "not ours",
    }

    assert assembled(files, "sqlite") == [
        Migration("0001_chat", "own\none INTEGER PRIMARY KEY AUTOINCREMENT BLOB\n"),
        Migration("0002_more", "two\n"),
    ]


def test_a_strange_file_name_is_refused() -> None:
    with pytest.raises(ValueError, match="later"):
        assembled({"0001_chat.later.sql": ""}, "sqlite")


def test_only_what_did_not_run_is_pending() -> None:
    one, two = Migration("0001_a", "a"), Migration("0002_b", "b")

    assert pending([one, two], {}) == [one, two]
    assert pending([one, two], {"0001_a": one.checksum}) == [two]
    assert pending([one, two], {"0001_a": one.checksum, "0002_b": two.checksum}) == []


def test_a_newer_database_is_refused_with_both_versions() -> None:
    with pytest.raises(DatabaseRefused, match=r"0002_b.*0001_a"):
        pending([Migration("0001_a", "a")], {"0001_a": Migration("0001_a", "a").checksum, "0002_b": "?"})


def test_a_migration_changed_after_it_ran_is_refused() -> None:
    with pytest.raises(DatabaseRefused, match="0001_a"):
        pending([Migration("0001_a", "changed")], {"0001_a": Migration("0001_a", "a").checksum})


def test_a_script_falls_into_its_statements() -> None:
    script = "-- why; not\nCREATE TABLE a (b TEXT DEFAULT ';');\n\nINSERT INTO a\nVALUES (1);\n-- the end\n"

    assert [part.split()[-1] for part in statements(script)] == ["';');", "(1);"]


def test_a_script_that_ends_inside_a_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="SELECT"):
        list(statements("SELECT 1"))


async def test_a_fresh_database_has_all_migrations(db: OpenDatabase, engine: str) -> None:
    known = shipped("sqlite" if engine == "sqlite" else "postgres")

    async with db.read() as tx:
        rows = await tx.all("SELECT name, checksum FROM migrations ORDER BY name")

    assert [(row["name"], row["checksum"]) for row in rows] == [(one.name, one.checksum) for one in known]


async def test_opening_again_changes_nothing(db: OpenDatabase, database_url: str) -> None:
    async with db.begin() as tx:
        await tx.run("UPDATE migrations SET applied_at = 7")

    again = await open_database(database_url, SystemClock())

    async with again.read() as tx:
        assert [row["applied_at"] for row in await tx.all("SELECT DISTINCT applied_at FROM migrations")] == [7]
    await again.close()


async def test_several_may_start_at_once(empty_database_url: str) -> None:
    opened = await asyncio.gather(*(open_database(empty_database_url, SystemClock()) for _ in range(4)))

    for database in opened:
        async with database.read() as tx:
            row = await tx.one("SELECT COUNT(*) AS versions FROM versions")
            assert row is not None
            assert row["versions"] == 3
    for database in opened:
        await database.close()


async def test_a_newer_database_is_not_opened(db: OpenDatabase, database_url: str) -> None:
    async with db.begin() as tx:
        await tx.run("INSERT INTO migrations (name, checksum, applied_at) VALUES ('9999_future', 'x', 0)")

    with pytest.raises(DatabaseRefused, match="9999_future"):
        await open_database(database_url, SystemClock())


async def test_a_migration_that_fails_leaves_those_before_it_and_nothing_of_itself(tmp_path: Path) -> None:
    good = Migration("0001_a", "CREATE TABLE a (id INTEGER);")
    bad = Migration("0002_b", "CREATE TABLE b (id INTEGER);\nINSERT INTO nowhere VALUES (1);")
    mended = Migration("0002_b", "CREATE TABLE b (id INTEGER);")
    path = tmp_path / "parley.db"

    with pytest.raises(DatabaseRefused, match="nowhere"):
        await open_sqlite(path, [good, bad], SystemClock())
    database = await open_sqlite(path, [good, mended], SystemClock())

    async with database.read() as tx:
        tables = await tx.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    assert [row["name"] for row in tables] == ["a", "b", "migrations"]
    await database.close()
