"""Statements of one SQLite transaction."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from parley.adapters.db.parameters import for_sqlite, sqlite_values
from parley.adapters.db.sqlite_file import engine_errors
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Row, Value


class SqliteTx:
    """Runs statements at once, on the caller's thread: a short one takes 50 µs, a thread hop several times that."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._is_over = False
        self.tells: list[Callable[[], Awaitable[None]]] = []

    async def one(self, sql: str, /, **values: Value) -> Row | None:
        with engine_errors():
            cursor = self._execute(sql, values)
            row: Row | None = cursor.fetchone()
            cursor.close()
        return row

    async def all(self, sql: str, /, **values: Value) -> Sequence[Row]:
        with engine_errors():
            return self._execute(sql, values).fetchall()

    async def run(self, sql: str, /, **values: Value) -> int:
        with engine_errors():
            return max(self._execute(sql, values).rowcount, 0)

    async def allocate(self, sequence: Literal["message"], count: int, /) -> Sequence[int]:
        row = await self.one(
            "UPDATE sequences SET value = value + :count WHERE name = :name RETURNING value", count=count, name=sequence
        )
        assert row is not None
        return range(row["value"] - count + 1, row["value"] + 1)

    def after_commit(self, tell: Callable[[], Awaitable[None]], /) -> None:
        self.tells.append(tell)

    def end(self) -> None:
        """From here on the transaction takes no statements: the connection is someone else's."""
        self._is_over = True

    def _execute(self, sql: str, values: dict[str, Value]) -> sqlite3.Cursor:
        if self._is_over:
            raise RuntimeError("this transaction is over")
        if not self._connection.in_transaction:
            # A full disk may end the whole transaction; the next statement must not commit itself alone.
            raise ServiceUnavailable
        query = for_sqlite(sql)
        return self._connection.execute(query.sql, sqlite_values(query, values))
