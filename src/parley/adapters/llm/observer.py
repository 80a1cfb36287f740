"""What calls to models tell the outside: numbers for metrics, never a text."""

from dataclasses import dataclass
from typing import Literal, Protocol

from parley.kernel.ports import FailureKind

Outcome = FailureKind | Literal["ok", "stopped"]
"""``stopped``: the caller closed the stream."""


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """One call to one provider, after its end. Counts are None where the provider did not say."""

    provider: int
    """Its place in the configured order, from 0."""
    model: str
    outcome: Outcome
    seconds: float
    first_text_seconds: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class ModelObserver(Protocol):
    """Hears of every call. Called on the event loop; must return at once and not raise."""

    def attempt_started(self, provider: int) -> None:
        """A call begins."""
        ...

    def attempt_ended(self, ended: AttemptEnded) -> None:
        """A call is over; exactly once for each that began."""
        ...


class SilentObserver:
    """For those who count nothing."""

    def attempt_started(self, provider: int) -> None:
        """Count nothing."""

    def attempt_ended(self, ended: AttemptEnded) -> None:
        """Count nothing."""
