"""Connections that read. Each block of statements sees one moment; writers never wait for it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from parley.adapters.db.sqlite_file import connect_to_read, engine_errors
from parley.adapters.db.sqlite_statements import SqliteTx
from parley.adapters.db.uninterrupted import uninterrupted
from parley.kernel.ports import Row, Value

_MOST_SHORT: Final = 16
_MOST_LONG: Final = 2
"""As many threads; more would only take turns at the interpreter."""


class SqliteReaders:
    """Reading connections, made when needed and kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_closed = False
        self._idle: list[sqlite3.Connection] = []
        self._short = asyncio.Semaphore(_MOST_SHORT)
        self._long = asyncio.Semaphore(_MOST_LONG)
        self._threads = ThreadPoolExecutor(_MOST_LONG, "sqlite-read")

    @asynccontextmanager
    async def read(self, *, long: bool) -> AsyncIterator[SqliteTx]:
        """A look at one moment; a long one runs its statements in a thread."""
        async with self._long if long else self._short:
            connection = self._idle.pop() if self._idle else self._opened()
            tx = _LongReadTx(connection, self._threads) if long else SqliteTx(connection)
            try:
                connection.execute("BEGIN")
                yield tx
            finally:
                tx.end()
                connection.rollback()
                self._put_back(connection)

    def close(self) -> None:
        """Close the connections: the idle ones now, those in use when they come back."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown(wait=False)

    def _put_back(self, connection: sqlite3.Connection) -> None:
        if self._is_closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _opened(self) -> sqlite3.Connection:
        with engine_errors():
            return connect_to_read(self._path)


class _LongReadTx(SqliteTx):
    """Runs each statement in a thread, so that the event loop goes on."""

    def __init__(self, connection: sqlite3.Connection, threads: ThreadPoolExecutor) -> None:
        super().__init__(connection)
        self._threads = threads

    async def one(self, sql: str, /, **values: Value) -> Row | None:
        rows = await self.all(sql, **values)
        return rows[0] if rows else None

    async def all(self, sql: str, /, **values: Value) -> Sequence[Row]:
        def fetched() -> Sequence[Row]:
            with engine_errors():
                return self._execute(sql, values).fetchall()

        reading = asyncio.get_running_loop().run_in_executor(self._threads, fetched)
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            self._connection.interrupt()
            await uninterrupted(asyncio.wait([reading]))
            raise
