"""Time and chance that tests own: sleeping takes no time, chance is settled."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class VirtualClock:
    """Clock whose time passes only by `sleep` and `advance`."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._passed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds


class SettledChance:
    """Chance that always falls the same way; tokens are counted."""

    def __init__(self, fraction: float = 0.0) -> None:
        self._fraction = fraction
        self._tokens = 0

    def token(self) -> str:
        self._tokens += 1
        return f"{self._tokens:032x}"

    def fraction(self) -> float:
        return self._fraction
