"""Whether and when a failed call is tried again, and which of several failures is told. Pure."""

from collections.abc import Sequence
from typing import Final

from parley.kernel.ports import FailureKind, ModelFailed

RETRIES: Final[dict[FailureKind, int]] = {"connect": 2, "timeout": 2, "server": 2, "rate": 2, "cut": 2, "protocol": 1}
"""How often the same provider is tried again, by what went wrong. Kinds not named go to the next provider."""
FIRST_BACKOFF: Final = 0.5
LONGEST_BACKOFF: Final = 8.0

_TELLING: Final[tuple[FailureKind, ...]] = (
    "rate",
    "timeout",
    "server",
    "connect",
    "cut",
    "protocol",
    "bad_request",
    "not_found",
    "auth",
    "breaker",
)
"""What passes with time before what does not: whoever is told the former may hope for a later try."""


def pause_before_retry(failure: ModelFailed, tries: int, left: float, fraction: float) -> float | None:
    """Seconds to wait before trying the same provider again; None: turn to the next.

    ``tries``: calls made so far, at least 1. ``left``: seconds in which the first text must come.
    ``fraction``: chance in [0, 1); half of the backoff is jitter.
    """
    if tries > RETRIES.get(failure.kind, 0):
        return None
    backoff = min(FIRST_BACKOFF * 2 ** (tries - 1), LONGEST_BACKOFF) * (0.5 + fraction / 2)
    pause = failure.retry_after if failure.retry_after is not None else backoff
    return pause if pause < left else None


def most_telling(failures: Sequence[ModelFailed]) -> ModelFailed:
    """The one failure the caller hears of; of equals the one that promises the soonest retry, then the first."""
    return min(failures, key=_rank)


def _rank(failure: ModelFailed) -> tuple[int, float]:
    return _TELLING.index(failure.kind), failure.retry_after if failure.retry_after is not None else float("inf")
