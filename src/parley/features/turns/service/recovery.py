"""Turns whose process died: the chat is freed, the unit goes back, the message stays to be answered."""

from dataclasses import dataclass
from typing import Final

import structlog

from parley.features.turns import store
from parley.features.turns.core import Running
from parley.features.turns.service.closing import Closing
from parley.features.workers.service import BEAT_EVERY
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Bus, Clock, Database, TurnFailed, Typing
from parley.kernel.wire import millis

_AT_ONCE: Final = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Looks for turns that nobody finishes."""

    db: Database
    clock: Clock
    bus: Bus
    closing: Closing

    async def watch(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                await self.recover()
            except ServiceUnavailable:
                log.warning("recovery_postponed")
            await self.clock.sleep(BEAT_EVERY)

    async def recover(self) -> int:
        """Free every orphan there is now; how many."""
        async with self.db.read() as tx:
            me = self.closing.idempotency.workers.me
            orphans = await store.orphans(tx, me, millis(self.clock.now()), _AT_ONCE)
        for orphan in orphans:
            await self._free(orphan)
        return len(orphans)

    async def _free(self, orphan: Running) -> None:
        if not await self.closing.give_up(orphan.chat, orphan.turn):
            return
        log.info("turn_recovered", turn=orphan.turn)
        await self.bus.publish(orphan.chat, Typing(is_typing=False))
        await self.bus.publish(orphan.chat, TurnFailed(ServiceUnavailable.code))
