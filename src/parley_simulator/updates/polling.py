"""Long polls: one at a time waits, and a newer one ends the older."""

import asyncio
from dataclasses import dataclass, field

from parley_simulator.clock import Clock
from parley_simulator.refusal import Refused, conflict
from parley_simulator.updates.queue import Updates

_STILL_POLLING = 2.0
_PATIENCE = 3.0
"""Seconds within which the same offset, or another conflict, counts as spinning."""
_SPINNING = 0.5
_OTHER_POLL = "other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a getUpdates asks for, its numbers within their bounds; ``timeout`` in seconds."""

    offset: int
    limit: int
    timeout: float


@dataclass(slots=True)
class _Waiting:
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: Refused | None = None


class Polls:
    """The getUpdates calls of one bot."""

    def __init__(self) -> None:
        self._waiting: _Waiting | None = None
        self._open = 0
        self._ended = float("-inf")
        self._last_offset: int | None = None
        self._last_start = float("-inf")
        self._next_conflict = float("-inf")

    def is_polling(self, now: float) -> bool:
        """Whether a call waits, or ended just now."""
        return self._open > 0 or now - self._ended < _STILL_POLLING

    async def take(self, updates: Updates, wanted: Wanted, clock: Clock) -> list[bytes]:
        """Answer at once if something is there, else wait for it; raises 409 if a newer call or a webhook comes."""
        self._open += 1
        try:
            bodies = updates.read(wanted.offset, wanted.limit, clock.now())
            if bodies or not wanted.timeout:
                return bodies
            await self._wait(updates, wanted.timeout, clock)
            # A negative offset has cut the queue already; what came since is all new.
            return updates.read(max(wanted.offset, 0), wanted.limit, clock.now())
        finally:
            self._open -= 1
            self._ended = clock.now()

    def slowed(self, wanted: Wanted, now: float) -> Wanted:
        """What a caller gets that asks for the same again and again."""
        again = wanted.offset == self._last_offset
        since = now - self._last_start
        self._last_offset, self._last_start = wanted.offset, now
        return Wanted(
            wanted.offset,
            1 if again and since < _SPINNING else wanted.limit,
            _PATIENCE if again and since < _PATIENCE and wanted.timeout < _PATIENCE else wanted.timeout,
        )

    async def slow_conflict(self, clock: Clock) -> None:
        """Delay a conflict that follows another."""
        if clock.now() < self._next_conflict:
            await clock.sleep(_PATIENCE)
        else:
            self._next_conflict = clock.now() + _PATIENCE

    def terminate(self, reason: str) -> None:
        """End the call that waits, with 409."""
        self._wake(conflict(f"terminated by {reason}"))

    def release(self) -> None:
        """End the call that waits, with what there is."""
        self._wake(None)

    def _wake(self, refusal: Refused | None) -> None:
        if self._waiting:
            self._waiting.refusal = refusal
            self._waiting.woken.set()
            self._waiting = None

    async def _wait(self, updates: Updates, seconds: float, clock: Clock) -> None:
        self.terminate(_OTHER_POLL)
        waiting = self._waiting = _Waiting()

        def heard() -> None:
            if updates.has_any(clock.now()):
                waiting.woken.set()

        deaf = updates.listen(heard)
        try:
            await clock.within(seconds, waiting.woken)
        finally:
            deaf()
            if self._waiting is waiting:
                self._waiting = None
        if waiting.refusal:
            raise waiting.refusal
