"""What runs beside the requests: signs of life, recovery, caches kept fresh, old keys dropped."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from parley.features.characters.service import Characters
from parley.features.chats.jobs import COMPARE_EVERY, CatchUp
from parley.features.idempotency.service import Idempotency
from parley.features.identity.service import KeyAccounts, KeyRing
from parley.features.limits.service import Limits
from parley.features.turns.service.recovery import Recovery
from parley.features.turns.service.turns import Turns
from parley.features.versions.service import Versions
from parley.features.workers.service import Workers
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Clock
from parley.shell.metrics import Metrics

VERSIONS_EVERY: Final = 0.5
"""Seconds: a change by another process is seen within one (contract §2 Caching)."""
_POPULARITY_EVERY: Final = 60.0
_KEYS_EVERY: Final = 3600.0
_ACCOUNTS_EVERY: Final = 1.0
_LAG_EVERY: Final = 1.0

log = structlog.get_logger(__name__)


def spare_the_collector() -> None:
    """Take what the start has made, which stays for good, out of Python's search for garbage.

    Under load the search through all of it took 70 ms, three times a second, in which nobody was answered.
    """
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, slots=True)
class Background:
    """The tasks of one serving process."""

    versions: Versions
    clock: Clock
    workers: Workers
    recovery: Recovery
    turns: Turns
    characters: Characters
    limits: Limits
    idempotency: Idempotency
    keys: KeyRing
    accounts: KeyAccounts
    catch_up: CatchUp
    metrics: Metrics

    async def run(self) -> None:
        """Run all of them until cancelled."""
        await self.workers.beat()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.workers.live())
            tasks.create_task(self.recovery.watch())
            tasks.create_task(self.turns.watch_stops())
            tasks.create_task(self._every(VERSIONS_EVERY, self._compare_versions))
            tasks.create_task(self._every(COMPARE_EVERY, self.catch_up.compare))
            tasks.create_task(self._every(VERSIONS_EVERY, self.characters.sync_index))
            tasks.create_task(self._every(_POPULARITY_EVERY, self.characters.refresh_popularity))
            tasks.create_task(self._every(_KEYS_EVERY, self.idempotency.forget_old))
            tasks.create_task(self._every(_ACCOUNTS_EVERY, self.accounts.write))
            tasks.create_task(self._measure_lag())

    async def _every(self, seconds: float, do: Callable[[], Awaitable[object]]) -> None:
        """Do it again and again; a database that is away for a moment is waited for."""
        while True:
            try:
                await do()
            except ServiceUnavailable:
                log.warning("background_postponed")
            await self.clock.sleep(seconds)

    async def _compare_versions(self) -> None:
        versions = await self.versions.current()
        self.characters.catalogue_is(versions["catalogue"])
        self.limits.entitlements_are(versions["entitlements"])
        self.keys.keys_are(versions["keys"])

    async def _measure_lag(self) -> None:
        while True:
            began = self.clock.monotonic()
            await self.clock.sleep(_LAG_EVERY)
            self.metrics.loop_lag.set(max(0.0, self.clock.monotonic() - began - _LAG_EVERY))
