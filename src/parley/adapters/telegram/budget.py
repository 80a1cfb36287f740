"""How often the bot may speak: one bucket a chat and one for all, as Telegram counts (reference §2.4).

Telegram counts sends, edits, drafts and typing together; bots with a budget for each were locked out for hours.
"""

from dataclasses import dataclass, field
from typing import Final

CHAT_BURST: Final = 4.0
CHAT_PER_SECOND: Final = 1 / 1.1
"""In private chats, sustained."""
BOT_BURST: Final = 25.0
BOT_PER_SECOND: Final = 25.0
"""Under Telegram's thirty, which others on the same token share."""
RESERVE: Final = 2.0
"""Calls that may be left out take place only while this much is there, so that a reply never waits for its drafts."""
_MOST_CHATS: Final = 10_000


@dataclass(slots=True)
class Bucket:
    """Refills steadily. A call that must take place may take it below zero and waits for what it owes."""

    burst: float
    per_second: float
    level: float
    at: float
    shut_until: float = 0.0
    """Telegram asked for silence until then."""

    def take(self, now: float) -> float:
        """Take one; the seconds to wait before using it."""
        self._refill(now)
        self.level -= 1
        return max(0.0, -self.level / self.per_second, self.shut_until - now)

    def spare(self, now: float, reserve: float) -> bool:
        """Whether one can be taken at once and the reserve stays."""
        self._refill(now)
        return self.level >= reserve and self.shut_until <= now

    def shut(self, until: float) -> None:
        """Telegram asked for silence."""
        self.shut_until = max(self.shut_until, until)

    def is_full(self, now: float) -> bool:
        """Whether nothing is remembered by it."""
        self._refill(now)
        return self.level >= self.burst and self.shut_until <= now

    def _refill(self, now: float) -> None:
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.per_second)
        self.at = now


@dataclass(slots=True)
class Budget:
    """All buckets. Times are monotonic seconds."""

    _bot: Bucket = field(default_factory=lambda: Bucket(BOT_BURST, BOT_PER_SECOND, BOT_BURST, 0.0))
    _chats: dict[int, Bucket] = field(default_factory=dict)

    def take(self, chat: int | None, now: float) -> float:
        """Take one call to this chat, or to none; the seconds to wait before making it."""
        waits = [bucket.take(now) for bucket in self._buckets(chat, now)]
        return max(waits)

    def try_take(self, chat: int, now: float) -> bool:
        """Take one if nothing has to wait for it, now or soon."""
        buckets = self._buckets(chat, now)
        if not all(bucket.spare(now, RESERVE) for bucket in buckets):
            return False
        for bucket in buckets:
            bucket.take(now)
        return True

    def shut(self, chat: int | None, until: float) -> None:
        """Telegram asked for silence: in the chat, or altogether if the call was to none."""
        self._buckets(chat, until)[-1].shut(until)

    def wait(self, chat: int | None, now: float) -> float:
        """Seconds of silence that Telegram still wants."""
        return max(0.0, *(bucket.shut_until - now for bucket in self._buckets(chat, now)))

    @property
    def remembered(self) -> int:
        """How many chats are counted."""
        return len(self._chats)

    def _buckets(self, chat: int | None, now: float) -> list[Bucket]:
        if chat is None:
            return [self._bot]
        bucket = self._chats.get(chat)
        if bucket is None:
            self._forget_idle(now)
            bucket = self._chats[chat] = Bucket(CHAT_BURST, CHAT_PER_SECOND, CHAT_BURST, now)
        return [self._bot, bucket]

    def _forget_idle(self, now: float) -> None:
        if len(self._chats) >= _MOST_CHATS:
            self._chats = {chat: bucket for chat, bucket in self._chats.items() if not bucket.is_full(now)}
