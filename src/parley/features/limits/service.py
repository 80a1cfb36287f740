"""The quota as a ledger: reserve with the message, settle with the reply, refund when there is none."""

from dataclasses import dataclass, field
from typing import Final

from parley.features.limits import core, store
from parley.features.limits.core import Rate, SlidingWindow, Subscription
from parley.features.versions import service as versions
from parley.kernel.errors import DailyLimitExceeded, LimitState, PremiumRequired, RateLimited
from parley.kernel.ids import TurnId, UserId
from parley.kernel.ports import Clock, Database, Tx
from parley.kernel.wire import millis

_KEPT_FOR: Final = 60.0
"""Seconds an entitlement is cached (spec «Кэширование»)."""
_MOST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Usage:
    """What `GET /api/users/limits` tells."""

    subscription: Subscription | None
    """The one that runs now."""
    used: int
    state: LimitState


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

    async def require_subscription(self, tx: Tx, user: UserId) -> None:
        """Raises PremiumRequired without a running subscription."""
        if await self._running(tx, user, millis(self.clock.now())) is None:
            raise PremiumRequired

    async def grant(self, user: UserId, days: int, source: str) -> Subscription:
        """Add so many days of subscription after the running one, or from now."""
        async with self.db.begin() as tx:
            now = millis(self.clock.now())
            running = await self._read_running(tx, user, now)
            start = now if running is None else running.start_at
            end = (now if running is None else running.end_at) + days * core.DAY
            await store.add_subscription(tx, user, source, start, end, now)
            await versions.raise_one(tx, "entitlements")
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
            if len(self._entitlements) >= _MOST_KEPT:
                self._entitlements.clear()
            known = (self.clock.monotonic() + _KEPT_FOR, await self._read_running(tx, user, now))
            self._entitlements[user] = known
        subscription = known[1]
        return subscription if subscription is not None and subscription.is_running(now) else None

    async def _read_running(self, tx: Tx, user: UserId, now: int) -> Subscription | None:
        latest = await store.latest_subscription(tx, user)
        return latest if latest is not None and latest.is_running(now) else None


@dataclass(frozen=True, slots=True)
class Rates:
    """The request rates of the spec, per user."""

    window: SlidingWindow
    clock: Clock
    is_on: bool

    async def count(self, caller: str, rate: Rate) -> None:
        """Count one request; raises RateLimited."""
        if not self.is_on:
            return
        wait = self.window.admit(caller, rate, self.clock.monotonic())
        if wait is not None:
            raise RateLimited(core.whole_seconds(wait))
