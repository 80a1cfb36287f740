"""How often a bot may speak: token buckets, as generous as Telegram's FAQ says."""

import math
from dataclasses import dataclass

from msgspec import Struct

from parley_simulator.clock import Clock
from parley_simulator.refusal import too_many_requests

_DRAFT_WINDOW = 5.0
_FULL_BUCKETS_DROPPED_AT = 10_000


class Rates(Struct, frozen=True):
    """The values in force."""

    enabled: bool = True
    chat_burst: int = 20
    chat_per_second: float = 1.0
    bot_per_second: float = 30.0
    draft_per_5s: int = 20


@dataclass(slots=True)
class _Bucket:
    size: float
    per_second: float
    left: float
    at: float

    def missing(self, now: float) -> float:
        """Seconds until one more fits; 0 if it fits now."""
        self.left = min(self.size, self.left + (now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1.0 - self.left) / self.per_second)


class Limits:
    """The buckets of all bots and chats."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, int, int], _Bucket] = {}
        self.rates = Rates()

    def change(self, rates: Rates) -> None:
        """Take new values; all buckets are full again."""
        self.rates = rates
        self._buckets.clear()

    def send(self, bot: int, chat: int) -> None:
        """Count a message or an edit; raises 429."""
        rates = self.rates
        self._take(
            self._bucket("send", bot, chat, rates.chat_burst, rates.chat_per_second),
            self._bucket("bot", bot, 0, max(1.0, rates.bot_per_second), rates.bot_per_second),
        )

    def hint(self, bot: int, chat: int) -> None:
        """Count a draft or a chat action; raises 429."""
        size = self.rates.draft_per_5s
        self._take(self._bucket("hint", bot, chat, size, size / _DRAFT_WINDOW))

    def _take(self, *buckets: _Bucket) -> None:
        if not self.rates.enabled:
            return
        now = self._clock.now()
        if wait := max(bucket.missing(now) for bucket in buckets):
            raise too_many_requests(max(1, math.ceil(wait)))
        for bucket in buckets:
            bucket.left -= 1.0

    def _bucket(self, what: str, bot: int, chat: int, size: float, per_second: float) -> _Bucket:
        key = (what, bot, chat)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _FULL_BUCKETS_DROPPED_AT:
                self._drop_full()
            bucket = self._buckets[key] = _Bucket(size, per_second, size, self._clock.now())
        return bucket

    def _drop_full(self) -> None:
        """A full bucket says nothing that a new one would not."""
        now = self._clock.now()
        self._buckets = {key: each for key, each in self._buckets.items() if each.missing(now) or each.left < each.size}
