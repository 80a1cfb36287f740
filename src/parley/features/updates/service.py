"""The durable inbox: an update is stored before Telegram may forget it, and handled once, whatever dies in between."""

from collections.abc import Sequence
from dataclasses import dataclass

from parley.features.updates import core, store
from parley.features.updates.core import Update, Waiting
from parley.features.workers.service import Workers
from parley.kernel.ports import Clock, Database
from parley.kernel.wire import millis


@dataclass(slots=True)
class Inbox:
    """What Telegram sent and is not yet handled. Several processes may share it."""

    db: Database
    clock: Clock
    workers: Workers
    _position: int = 0

    async def put(self, updates: Sequence[Update]) -> Sequence[Waiting] | None:
        """Store them, durably when this returns; those that are new and for this process to handle.

        None if a dead process left earlier ones: then all are to be asked for, so that each chat stays in order.
        """
        me, now = self.workers.me, self._now()
        mine: list[Waiting] = []
        async with self.db.begin() as tx:
            has_more = await store.has_orphans(tx, me, now) and await store.take_over(tx, me, now) > 0
            for update in updates:
                self._position = max(self._position + 1, now * 1000)
                owner = await store.add(tx, update, self._position, me, now)
                if owner == me and update.body:
                    mine.append(Waiting(update.id, update.lane, update.body, 0))
        return None if has_more else mine

    async def waiting(self, limit: int) -> Sequence[Waiting]:
        """Those of this process, those that dead processes left included, in the order of their coming."""
        me, now = self.workers.me, self._now()
        async with self.db.read() as tx:
            if not await store.has_orphans(tx, me, now):
                return await store.waiting(tx, me, limit)
        async with self.db.begin() as tx:
            await store.take_over(tx, me, now)
            return await store.waiting(tx, me, limit)

    async def is_waiting(self, update: int) -> bool:
        """Whether it is still to be handled: who has everything erased takes back what they said."""
        async with self.db.read() as tx:
            return await store.is_waiting(tx, update)

    async def done(self, update: int) -> None:
        """It is handled."""
        async with self.db.begin() as tx:
            await store.end(tx, update)

    async def failed(self, update: int) -> None:
        """It can never be handled."""
        async with self.db.begin() as tx:
            await store.fail(tx, update)

    async def forget_old(self) -> int:
        """Drop the ids of what was handled long ago; how many."""
        async with self.db.begin() as tx:
            return await store.forget_older(tx, self._now() - core.KEPT_FOR)

    def _now(self) -> int:
        return millis(self.clock.now())
