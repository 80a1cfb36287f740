"""SQLite as Parley's database: one file, one process that serves, no server."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

from parley.adapters.db.migrate import CREATE_LEDGER, READ_LEDGER, Migration, pending, statements
from parley.adapters.db.refused import DatabaseRefused
from parley.adapters.db.sqlite_file import connect_to_write, is_busy, prepare_file
from parley.adapters.db.sqlite_readers import SqliteReaders
from parley.adapters.db.sqlite_writer import SqliteWriter
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Clock, Tx


class SqliteDatabase:
    """The `Database` port on SQLite."""

    def __init__(self, writer: SqliteWriter, readers: SqliteReaders) -> None:
        self._writer = writer
        self._readers = readers

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        return self._writer.begin()

    def read(self, *, long: bool = False) -> AbstractAsyncContextManager[Tx]:
        return self._readers.read(long=long)

    @property
    def commits(self) -> int:
        """How many times the disk was made to keep something since the start."""
        return self._writer.commits

    async def prove_writable(self) -> None:
        """Write and keep a number in the file's header: no row and no page is added. Raises ServiceUnavailable."""
        async with self.begin() as tx:
            row = await tx.one("PRAGMA user_version")
            assert row is not None
            await tx.run(f"PRAGMA user_version = {1 - row['user_version'] % 2}")

    async def close(self) -> None:
        """Give the file back. The last process to do so also empties the log into it."""
        self._readers.close()
        await self._writer.close()


async def open_sqlite(path: Path, migrations: Sequence[Migration], clock: Clock) -> SqliteDatabase:
    """Open or make the file and bring it up to date."""
    applied_at = int(clock.now().timestamp() * 1000)
    connection = await asyncio.to_thread(_opened, path, migrations, applied_at)
    return SqliteDatabase(SqliteWriter(connection, clock), SqliteReaders(path))


def _opened(path: Path, migrations: Sequence[Migration], applied_at: int) -> sqlite3.Connection:
    try:
        prepare_file(path)
        connection = connect_to_write(path)
        with _closed_on_error(connection):
            while _migrated_once(connection, migrations, applied_at):
                pass
            connection.execute("PRAGMA busy_timeout = 0")
    except OSError as error:
        raise DatabaseRefused(f"the database file {path} cannot be made: {error.strerror}") from error
    except sqlite3.Error as error:
        if is_busy(error):
            raise ServiceUnavailable from error
        raise DatabaseRefused(f"the database file {path} cannot be used: {error}") from error
    return connection


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _migrated_once(connection: sqlite3.Connection, migrations: Sequence[Migration], applied_at: int) -> bool:
    """Run the first migration that is missing, if one is. The lock is taken first: another process may do the same."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:  # commits, or rolls back on an error
        connection.execute(CREATE_LEDGER)
        todo = pending(migrations, {row["name"]: row["checksum"] for row in connection.execute(READ_LEDGER)})
        for migration in todo[:1]:
            for statement in statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO migrations (name, checksum, applied_at) VALUES (?, ?, ?)",
                (migration.name, migration.checksum, applied_at),
            )
    return len(todo) > 1
