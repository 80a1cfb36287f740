"""Ears for a bus."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from parley.kernel.ids import ChatId
from parley.kernel.ports import Bus, Resync, Signal

_WITHIN = 10.0


@dataclass(slots=True)
class Ear:
    """Hears a chat on one process, and remembers."""

    heard: list[Signal] = field(default_factory=list)
    resyncs: list[Resync] = field(default_factory=list)
    silence: Callable[[], None] = lambda: None
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def at(cls, bus: Bus, chat: ChatId) -> "Ear":
        """Begin to listen."""
        ear = cls()
        ear.silence = bus.listen(chat, ear.hear)
        return ear

    def hear(self, signal: Signal) -> None:
        """Take a signal."""
        if isinstance(signal, Resync):
            self.resyncs.append(signal)
        else:
            self.heard.append(signal)
        self._came.set()

    async def until(self, holds: Callable[["Ear"], bool]) -> None:
        """Wait until what was heard is as it should be."""
        async with asyncio.timeout(_WITHIN):
            while not holds(self):
                self._came.clear()
                await self._came.wait()

    async def until_heard(self, signal: Signal) -> None:
        """Wait for a signal."""
        await self.until(lambda ear: signal in ear.heard)

    async def until_resync(self, count: int = 1) -> None:
        """Wait until so many hints to read the log have come."""
        await self.until(lambda ear: len(ear.resyncs) >= count)
