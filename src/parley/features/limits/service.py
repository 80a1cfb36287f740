"""The quota as a ledger: reserve with the message, settle with the reply, refund when there is none."""

from dataclasses import dataclass, field
from typing import Final

from parley.features.limits import core, store
from parley.features.limits.core import Rate, SlidingWindow, Subscription, Usage
from parley.features.versions import service as versions
from parley.kernel.errors import DailyLimitExceeded, LimitState, PremiumRequired, RateLimited, ServiceUnavailable
from parley.kernel.ids import TurnId, UserId
from parley.kernel.ports import Clock, Database, RateWindow, Tx
from parley.kernel.wire import millis

_KEPT_FOR: Final = 60.0
"""Seconds an entitlement is cached (spec «Кэширование»)."""
_MOST_KEPT: Final = 10_000


@dataclass(slots=True)
class Limits:
    """Who may send how much."""

    db: Database
    clock: Clock
    daily: int
    """Messages a day without a subscription."""
    _entitlements: dict[UserId, tuple[float, Subscription | None]] = field(default_factory=dict, repr=False)
    _version: int = 0

    async def take(self, tx: Tx, user: UserId, turn: TurnId) -> LimitState:
        """Reserve one unit of today for the turn; the state right after. Raises DailyLimitExceeded."""
        now = millis(self.clock.now())
        day = core.day_of(now)
        subscribed = await self._running(tx, user, now) is not None
        state = await self._counted(tx, user, day, None if subscribed else self.daily)
        await store.enter(tx, turn, user, day, now)
        return state

    async def _counted(self, tx: Tx, user: UserId, day: int, limit: int | None) -> LimitState:
        if limit is None:
            await store.take_unit(tx, user, day, 2**31 - 1)
            return core.UNLIMITED
        used = await store.take_unit(tx, user, day, limit) if limit else None
        if used is None:
            raise DailyLimitExceeded(core.limited(limit, limit, day))
        return core.limited(used, limit, day)

    async def settle(self, tx: Tx, turn: TurnId) -> None:
        """The turn's reply is stored."""
        await store.settle(tx, turn)

    async def refund(self, tx: Tx, turn: TurnId) -> None:
        """The turn gave no reply; its unit goes back to the day it came from. Twice is once."""
        await store.refund(tx, turn)

    async def usage(self, user: UserId) -> Usage:
        """Where the person stands."""
        now = millis(self.clock.now())
        day = core.day_of(now)
        async with self.db.read() as tx:
            subscription = await self._running(tx, user, now)
            used = await store.used(tx, user, day)
        state = core.limited(used, self.daily, day) if subscription is None else core.UNLIMITED
        return Usage(subscription, used, state)

    async def require_access(self, tx: Tx, user: UserId, access_type: str) -> None:
        """Raises PremiumRequired for a ``premium`` character without a running subscription."""
        if access_type == "premium" and await self._running(tx, user, millis(self.clock.now())) is None:
            raise PremiumRequired

    async def grant(self, user: UserId, days: int, source: str) -> Subscription:
        """Add so many days of subscription after the running one, or from now."""
        async with self.db.begin() as tx:
            # First, since it also makes another grant wait: both must add up.
            await versions.raise_one(tx, "entitlements")
            now = millis(self.clock.now())
            running = await self._read_running(tx, user, now)
            start = now if running is None else running.start_at
            end = (now if running is None else running.end_at) + days * core.DAY
            await store.add_subscription(tx, user, source, start, end, now)
        self._entitlements.pop(user, None)
        return Subscription("active", start, end)

    def entitlements_are(self, version: int) -> None:
        """Somebody changed an entitlement: what is cached may be stale."""
        if version != self._version:
            self._version = version
            self._entitlements.clear()

    async def _running(self, tx: Tx, user: UserId, now: int) -> Subscription | None:
        known = self._entitlements.get(user)
        if known is None or known[0] < self.clock.monotonic():
            known = await self._remembered(tx, user, now)
        subscription = known[1]
        return subscription if subscription is not None and subscription.is_running(now) else None

    async def _remembered(self, tx: Tx, user: UserId, now: int) -> tuple[float, Subscription | None]:
        """Read and keep; what was read while an entitlement changed is not kept."""
        version, until = self._version, self.clock.monotonic() + _KEPT_FOR
        known = (until, await self._read_running(tx, user, now))
        if version == self._version:
            if len(self._entitlements) >= _MOST_KEPT:
                self._entitlements.clear()
            self._entitlements[user] = known
        return known

    async def _read_running(self, tx: Tx, user: UserId, now: int) -> Subscription | None:
        latest = await store.latest_subscription(tx, user)
        return latest if latest is not None and latest.is_running(now) else None


@dataclass(slots=True)
class Rates:
    """The request rates of the spec, per user. While what counts for all processes is away, each counts for itself."""

    window: SlidingWindow
    """What this process has admitted."""
    clock: Clock
    is_on: bool
    shared: RateWindow | None = None
    """What all processes have admitted, where there are several."""

    async def count(self, caller: str, rate: Rate) -> None:
        """Count one request; raises RateLimited."""
        if not self.is_on:
            return
        wait = await self._wait(caller, rate)
        if wait is not None:
            raise RateLimited(core.whole_seconds(wait))

    async def _wait(self, caller: str, rate: Rate) -> float | None:
        if self.shared is not None:
            try:
                wait = await self.shared.admit(f"{rate.name}:{caller}", rate.limit, core.WINDOW)
            except ServiceUnavailable:
                return self._wait_here(caller, rate)
            if wait is not None:
                return wait
        here = self._wait_here(caller, rate)
        return here if self.shared is None else None

    def _wait_here(self, caller: str, rate: Rate) -> float | None:
        return self.window.admit(caller, rate, self.clock.monotonic())
