"""A database that notes every statement, for tests of how many a route needs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from parley.adapters.db import OpenDatabase
from parley.kernel.ports import Row, Tx, Value

in_background: ContextVar[bool] = ContextVar("in_background", default=False)
"""Whether the process asks by itself: signs of life, versions, the search index, old keys."""


@dataclass(slots=True)
class CountingDatabase:
    """The real database, and what it was asked."""

    db: OpenDatabase
    statements: list[str] = field(default_factory=list)
    transactions: int = 0
    """How many transactions that may write were begun by the requests."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        before = len(self.statements)
        async with self.db.begin() as tx:
            yield CountingTx(tx, self.note)
        self.transactions += len(self.statements) > before and not in_background.get()

    @asynccontextmanager
    async def read(self, *, long: bool = False) -> AsyncIterator[Tx]:
        async with self.db.read(long=long) as tx:
            yield CountingTx(tx, self.note)

    async def prove_writable(self) -> None:
        await self.db.prove_writable()

    async def close(self) -> None:
        await self.db.close()

    def note(self, sql: str) -> None:
        """Remember a statement that a request is the cause of."""
        if not in_background.get():
            self.statements.append(sql)

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements of this block."""
        self.statements.clear()
        self.transactions = 0
        yield self.statements


@dataclass(slots=True)
class CountingTx:
    """One transaction, noted."""

    tx: Tx
    note: Callable[[str], None]

    async def one(self, sql: str, /, **values: Value) -> Row | None:
        self.note(sql)
        return await self.tx.one(sql, **values)

    async def all(self, sql: str, /, **values: Value) -> Sequence[Row]:
        self.note(sql)
        return await self.tx.all(sql, **values)

    async def run(self, sql: str, /, **values: Value) -> int:
        self.note(sql)
        return await self.tx.run(sql, **values)

    async def allocate(self, sequence: Literal["message"], count: int, /) -> Sequence[int]:
        return await self.tx.allocate(sequence, count)

    def after_commit(self, tell: Callable[[], Awaitable[None]], /) -> None:
        self.tx.after_commit(tell)
