"""Addresses of databases."""

from pathlib import Path

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import DatabaseRefused, open_database
from parley.adapters.db.opening import sqlite_path
from parley.kernel.errors import ServiceUnavailable
from support.databases import PostgresForTests

SECRET = "s3cret"


def test_three_slashes_are_relative_and_four_absolute() -> None:
    assert sqlite_path("sqlite:///data/parley.db") == Path("data/parley.db")
    assert sqlite_path("sqlite:////var/lib/a%20b.db") == Path("/var/lib/a b.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data/parley.db",
        "mysql://root@localhost/parley",
        "sqlite:",
        "sqlite:///",
        "sqlite://data/parley.db",
        "sqlite:///folder/",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=ro",
        f"postgresql://parley:{SECRET}/x@localhost/parley",
        f"postgresql://parley:{SECRET}@localhost:port/parley",
    ],
)
async def test_an_address_that_is_none_is_refused_in_one_line_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseRefused, match=r"database|SQLite") as refusal:
        await open_database(url, SystemClock())

    assert "\n" not in str(refusal.value)
    assert SECRET not in str(refusal.value)


async def test_a_server_that_is_away_is_unavailable_and_its_password_stays_hidden(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable) as refusal:
        await open_database(f"postgresql://parley:{SECRET}@/parley?host={tmp_path}", SystemClock())

    assert SECRET not in repr(refusal.value)
    assert SECRET not in repr(refusal.value.__cause__)


async def test_an_unknown_database_is_refused(postgres_server: PostgresForTests) -> None:
    with pytest.raises(DatabaseRefused, match="nowhere"):
        await open_database(postgres_server.address("nowhere"), SystemClock())


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Dear diary, " * 100)

    with pytest.raises(DatabaseRefused, match=r"notes\.txt"):
        await open_database(f"sqlite:///{tmp_path}/notes.txt", SystemClock())


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DatabaseRefused, match="parley"):
        await open_database(f"sqlite:///{tmp_path}/file/parley.db", SystemClock())


async def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/new/folder/parley.db", SystemClock())

    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "new/folder").iterdir()} == {0}
    await database.close()


async def test_the_log_has_its_size_from_the_start(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/parley.db", SystemClock())
    size = (tmp_path / "parley.db-wal").stat().st_size

    for _ in range(50):
        await database.prove_writable()

    assert size > 4_000_000
    assert (tmp_path / "parley.db-wal").stat().st_size == size
    await database.close()
