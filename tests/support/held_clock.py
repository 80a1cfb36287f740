"""Time that stands still until the test moves it, for what is to be seen between two moments."""

import asyncio
from datetime import UTC, datetime, timedelta


class HeldClock:
    """Time that stands still until the test moves it; who sleeps, sleeps until then."""

    def __init__(self) -> None:
        self._passed = 100.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 5, 12, 0, tzinfo=UTC) + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = (self._passed + seconds, asyncio.Event())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1].wait()
        finally:
            self._sleepers.remove(sleeper)

    @property
    def sleepers(self) -> int:
        """How many wait for time to pass."""
        return len(self._sleepers)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds
        for until, wake in self._sleepers:
            if until <= self._passed + 1e-9:
                wake.set()
