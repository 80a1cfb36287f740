"""One turn at a time in each chat, in the order of arrival, in this process. Between processes the lease decides."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from parley.features.turns.core import MOST_WAITING
from parley.kernel.errors import Conflict


@dataclass(slots=True)
class _Line:
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


@dataclass(slots=True)
class TurnQueue:
    """Lines of those who wait, one a chat; an empty line is dropped."""

    _lines: dict[Hashable, _Line] = field(default_factory=dict)

    def join(self, chat: Hashable) -> "Place":
        """Take a place at the end of the chat's line, now; raises Conflict when the line is full."""
        line = self._lines.setdefault(chat, _Line())
        if line.length > MOST_WAITING:
            raise Conflict
        line.length += 1
        return Place(self, chat, line)

    def _leave(self, chat: Hashable, line: _Line) -> None:
        line.length -= 1
        if not line.length:
            del self._lines[chat]


@dataclass(slots=True)
class Place:
    """A place in a chat's line."""

    _queue: TurnQueue
    _chat: Hashable
    _line: _Line

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the place to be first, and stay there for the block."""
        try:
            async with self._line.door:
                yield
        finally:
            self._queue._leave(self._chat, self._line)  # noqa: SLF001  a place is part of its queue
