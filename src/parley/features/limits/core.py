"""The daily quota and the request rates: pure decisions."""

import math
import re
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from parley.kernel.errors import LimitState
from parley.kernel.wire import timestamp

DAY: Final = 86_400_000
WITHOUT_LIMIT: Final = -1
WINDOW: Final = 60.0
"""Seconds: every rate of the spec is per minute."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A paid time. Times in milliseconds."""

    status: str
    start_at: int
    end_at: int

    def is_running(self, now: int) -> bool:
        """Whether it entitles at this moment."""
        return self.status == "active" and self.start_at <= now < self.end_at


@dataclass(frozen=True, slots=True)
class Usage:
    """What `GET /api/users/limits` tells."""

    subscription: Subscription | None
    """The one that runs now."""
    used: int
    state: LimitState


def day_of(now: int) -> int:
    """The number of the UTC day, counted from 1970-01-01."""
    return now // DAY


def resets_at(day: int) -> str:
    """When the quota of that day is fresh again: 00:00 UTC of the next."""
    return timestamp(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day + 1))


def limited(used: int, total: int, day: int) -> LimitState:
    """The state of a person's quota without a subscription."""
    return LimitState(max(total - used, 0), total, resets_at(day))


UNLIMITED: Final = LimitState(WITHOUT_LIMIT, WITHOUT_LIMIT, None)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a minute, counted under a name."""

    name: str
    limit: int


SEND: Final = Rate("send", 10)
REGENERATE: Final = Rate("regenerate", 5)
CHARACTERS: Final = Rate("characters", 60)
HISTORY: Final = Rate("history", 30)
WEBSOCKET: Final = Rate("websocket", 30)
OTHER: Final = Rate("other", 120)

_RATES: Final = (
    ("POST", re.compile(r"/api/chats/[^/]+/messages/?"), SEND),
    ("POST", re.compile(r"/api/chats/[^/]+/regenerate/?"), REGENERATE),
    ("GET", re.compile(r"/api/characters(/.*)?"), CHARACTERS),
    ("GET", re.compile(r"/api/chats/[^/]+/messages/?"), HISTORY),
)


def rate_of(method: str, path: str) -> Rate:
    """The row of the spec's table «Rate Limits» that counts this request."""
    wanted = "GET" if method == "HEAD" else method
    for known, pattern, rate in _RATES:
        if known == wanted and pattern.fullmatch(path):
            return rate
    return OTHER


@dataclass(slots=True)
class SlidingWindow:
    """Who asked how often in the last minute, exactly, in this process (ADR-0010).

    Callers in order of their last request, so that those silent for a minute are dropped from the front.
    """

    _requests: OrderedDict[tuple[str, str], deque[float]] = field(default_factory=OrderedDict)

    def admit(self, caller: str, rate: Rate, now: float) -> float | None:
        """Count a request at ``now`` seconds; None if it is within the rate, else seconds until one will be.

        A refused request does not count.
        """
        self._forget_silent(now)
        times = self._requests.setdefault((rate.name, caller), deque())
        while times and times[0] <= now - WINDOW:
            times.popleft()
        if len(times) >= rate.limit:
            return times[0] + WINDOW - now
        times.append(now)
        self._requests.move_to_end((rate.name, caller))
        return None

    def _forget_silent(self, now: float) -> None:
        while self._requests:
            key, times = next(iter(self._requests.items()))
            if times and times[-1] > now - WINDOW:
                return
            del self._requests[key]


def whole_seconds(wait: float) -> int:
    """A wait as ``retry_after`` tells it: rounded up, at least 1."""
    return max(1, math.ceil(wait))
