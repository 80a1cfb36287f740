"""Which processes live. Running turns and half-answered requests name their process; a dead one's may be taken over."""

from dataclasses import dataclass
from typing import Final

from parley.features.workers import store
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Clock, Database, Tx
from parley.kernel.wire import millis

BEAT_EVERY: Final = 2.0
"""Seconds between two signs of life."""
ALIVE_FOR: Final = 6_000
"""Milliseconds a sign of life is good for: two may be missed, and a chat is free within 10 s (contract §7)."""
_REMEMBER_DEAD: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Workers:
    """The process that runs this, among its fellows."""

    db: Database
    clock: Clock
    me: str
    """A fresh random name per process."""

    async def beat(self) -> None:
        """Give one sign of life."""
        now = millis(self.clock.now())
        async with self.db.begin() as tx:
            await store.beat(tx, self.me, now + ALIVE_FOR)
            await store.forget_dead(tx, now - _REMEMBER_DEAD)

    async def live(self) -> None:
        """Give signs of life until cancelled. A database that is away for a moment is waited for."""
        while True:
            await self.clock.sleep(BEAT_EVERY)
            try:
                await self.beat()
            except ServiceUnavailable:
                continue

    async def leave(self) -> None:
        """Say that this process ends, so that nobody waits for it."""
        async with self.db.begin() as tx:
            await store.leave(tx, self.me)

    async def is_alive(self, tx: Tx, worker: str) -> bool:
        """Whether that process still lives. This one does, even if its signs of life could not be written."""
        return worker == self.me or await store.is_alive(tx, worker, millis(self.clock.now()))
