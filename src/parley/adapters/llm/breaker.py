"""A circuit breaker as a value: a provider that keeps failing is left alone for a while. No clock in here."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from parley.kernel.ports import FailureKind, ModelFailed

FAILURES_TO_OPEN: Final = 5
"""In a row."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
PROBE_LAPSES: Final = 5.0
"""Seconds after which a probe that has not told its end no longer keeps others away: a long answer is no failure."""

COUNTED: Final[frozenset[FailureKind]] = frozenset({"connect", "timeout", "server", "rate", "cut"})
"""What speaks against the provider. A refused or emptily answered prompt does not: one user could shut out all."""

BreakerState = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether a provider may be called. Times are seconds of one monotonic clock, given by the caller."""

    failures: int = 0
    pause: float = 0.0
    """Length of the last pause; 0 while closed."""
    open_until: float = 0.0
    probe_until: float | None = None
    """A probe is under way until then at the latest."""
    is_busy: bool = False
    """The last that spoke against the provider was that it is asked too often."""
    busy_until: float = 0.0
    """Until when it asked to be left alone then."""

    def state(self, now: float) -> BreakerState:
        """For decisions and metrics."""
        if self.pause == 0:
            return "closed"
        return "open" if now < self.open_until else "half_open"

    def admitted(self, now: float) -> "Breaker | None":
        """The breaker after letting one call through; None: do not call."""
        match self.state(now):
            case "closed":
                return self
            case "open":
                return None
            case "half_open":
                is_probed = self.probe_until is not None and now < self.probe_until
                return None if is_probed else replace(self, probe_until=now + PROBE_LAPSES)

    def succeeded(self) -> "Breaker":
        """After a call that gave text."""
        return Breaker()

    def failed(self, kind: FailureKind, now: float, retry_after: float | None = None) -> "Breaker":
        """After a call that failed; ``retry_after``: seconds the provider asked for."""
        if kind not in COUNTED:
            return self
        is_busy = kind == "rate"
        return replace(self._counted(now), is_busy=is_busy, busy_until=now + (retry_after or 0.0) if is_busy else 0.0)

    def refusal(self, now: float) -> ModelFailed:
        """What is told instead of a call: that it cannot be made, or 429 where the provider would say so again."""
        wait = max(self.wait(now), self.busy_until - now)
        return ModelFailed("breaker", status=429 if self.is_busy else None, retry_after=wait)

    def _counted(self, now: float) -> "Breaker":
        match self.state(now):
            case "closed" if self.failures + 1 < FAILURES_TO_OPEN:
                return replace(self, failures=self.failures + 1)
            case "closed":
                return self._opened(FIRST_PAUSE, now)
            case "open":  # begun before it opened; says nothing new
                return self
            case "half_open":
                return self._opened(min(self.pause * 2, LONGEST_PAUSE), now)

    def released(self) -> "Breaker":
        """After a probe that told nothing about the provider, such as one given up by the caller."""
        return replace(self, probe_until=None)

    def wait(self, now: float) -> float:
        """Seconds until a call may be let through."""
        return max(0.0, self.open_until - now)

    def _opened(self, pause: float, now: float) -> "Breaker":
        return Breaker(failures=FAILURES_TO_OPEN, pause=pause, open_until=now + pause)
