"""Group commit: many short transactions, one fsync.

There is one connection that writes, and a door before it which lets one transaction in at a time, in order of arrival.
A transaction of ours is a savepoint inside a transaction of SQLite's. Whoever opens SQLite's transaction also sends a
committer to the end of the queue at the door: all who stood in the queue before it share its COMMIT, all who come
later share the next one. A lone writer meets its committer at once.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from parley.adapters.db.sqlite_file import engine_errors, is_busy
from parley.adapters.db.sqlite_statements import SqliteTx
from parley.adapters.db.uninterrupted import uninterrupted
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Clock

Result = TypeVar("Result")

LOCK_TIMEOUT_SECONDS: Final = 5.0
_LONGEST_PAUSE_SECONDS: Final = 0.05


class _Batch:
    """The transactions that share one COMMIT."""

    def __init__(self) -> None:
        self.failure: sqlite3.Error | None = None
        self.commit: asyncio.Task[None] | None = None

    async def settle(self, tells: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """Wait until the batch is durable, then tell."""
        assert self.commit is not None
        await asyncio.shield(self.commit)
        if self.failure is not None:
            raise ServiceUnavailable from self.failure
        for tell in tells:
            await tell()


class SqliteWriter:
    """The writing connection and the door before it."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._door = asyncio.Lock()
        self._inside: asyncio.Task[object] | None = None
        self._batch: _Batch | None = None
        self._thread = ThreadPoolExecutor(1, "sqlite-commit")
        self.commits = 0
        """How many times SQLite made something durable; fewer than transactions when they come together."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqliteTx]:
        """One transaction of ours; left well, it is durable."""
        tx = SqliteTx(self._connection)
        deadline = self._clock.monotonic() + LOCK_TIMEOUT_SECONDS
        async with self._alone():
            batch = await self._batch_to_join(deadline)
            self._connection.execute("SAVEPOINT ours")
            try:
                yield tx
            except BaseException:
                self._undo(batch)
                raise
            finally:
                tx.end()
            self._keep(batch)
        await uninterrupted(batch.settle(tx.tells))

    async def close(self) -> None:
        """Let the last commit end and give the file back. A transaction that failed leaves one nobody waits for."""
        if self._batch is not None and self._batch.commit is not None:
            await uninterrupted(self._batch.commit)
        async with self._door:
            await uninterrupted(self._in_thread(self._connection.close))
        self._thread.shutdown()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        me = asyncio.current_task()
        if self._inside is me:
            raise RuntimeError("begin() inside begin() would wait for itself: pass the tx on")
        async with self._door:
            self._inside = me
            try:
                yield
            finally:
                self._inside = None

    async def _batch_to_join(self, deadline: float) -> _Batch:
        if self._batch is None:
            await self._begin_immediate(deadline)
            self._batch = _Batch()
        if self._batch.commit is None or self._batch.commit.done():
            self._batch.commit = asyncio.create_task(self._commit(self._batch), name="sqlite-commit")
        return self._batch

    async def _begin_immediate(self, deadline: float) -> None:
        """Take SQLite's lock. Another process may hold it; then ask again now and then, never blocking the loop."""
        pause = 0.001
        while True:
            try:
                with engine_errors():
                    self._connection.execute("BEGIN IMMEDIATE")
            except ServiceUnavailable as error:
                cause = error.__cause__
                is_worth_asking = isinstance(cause, sqlite3.Error) and is_busy(cause)
                if not is_worth_asking or self._clock.monotonic() >= deadline:
                    raise
            else:
                return
            await self._clock.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _undo(self, batch: _Batch) -> None:
        """Take back one transaction of ours; the others of the batch stay."""
        try:
            self._connection.execute("ROLLBACK TO ours")
        except sqlite3.Error as error:
            self._lose(batch, error)
        else:
            self._connection.execute("RELEASE ours")

    def _keep(self, batch: _Batch) -> None:
        try:
            self._connection.execute("RELEASE ours")
        except sqlite3.Error as error:
            self._lose(batch, error)

    def _lose(self, batch: _Batch, error: sqlite3.Error) -> None:
        """On a full or broken disk SQLite may end its transaction by itself, and our savepoints with it."""
        self._connection.rollback()
        batch.failure = error
        self._batch = None

    def _in_thread(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _commit(self, batch: _Batch) -> None:
        async with self._door:
            if batch.failure is None:
                self._batch = None
                batch.failure = await uninterrupted(self._in_thread(self._commit_now))

    def _commit_now(self) -> sqlite3.Error | None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._connection.rollback()
            return error
        self.commits += 1
        return None
