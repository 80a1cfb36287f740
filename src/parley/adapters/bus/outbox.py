"""What waits to leave this process: in order and bounded. What cannot leave is boiled down to "something was lost"."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from parley.kernel.ids import ChatId
from parley.kernel.ports import Joined, Partial, Resync, Signal

MOST_WAITING: Final = 4096
"""Signals; the network takes thousands a second, so more means that it takes none."""
MOST_LOST: Final = 20_000
"""Chats to remember; the others' listeners are helped by the log alone (`chats.jobs`)."""

Letter = tuple[ChatId, Signal]


@dataclass(slots=True)
class Outbox:
    """A queue that forgets the least important first: text of a reply being written, which its end brings anyway."""

    _waiting: deque[Letter] = field(default_factory=deque)
    _passing: int = 0
    """How many of the waiting carry only partial text or a question."""
    _lost: dict[ChatId, None] = field(default_factory=dict)
    _is_broken: bool = False

    def put(self, chat: ChatId, signal: Signal) -> None:
        """Add a signal at the end; while nothing can leave, only the chat is remembered."""
        if self._is_broken:
            self._lose(chat)
            return
        if len(self._waiting) >= MOST_WAITING and not self._made_room(signal):
            return
        self._waiting.append((chat, signal))
        self._passing += _is_passing(signal)

    def take(self, most: int) -> list[Letter]:
        """The next to be sent, at most so many: first who has lost something, then what waits."""
        if self._lost:
            lost = list(self._lost)[:most]
            for chat in lost:
                del self._lost[chat]
            return [(chat, Resync(after_gap=True)) for chat in lost]
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._passing -= sum(_is_passing(signal) for _, signal in taken)
        return taken

    def broke(self, unsent: list[Letter]) -> None:
        """These may not have arrived, and nothing can leave for now: what waits will be stale by then."""
        self._is_broken = True
        for chat, _ in (*unsent, *self._waiting):
            self._lose(chat)
        self._waiting.clear()
        self._passing = 0

    def mended(self) -> None:
        """Signals can leave again."""
        self._is_broken = False

    def __bool__(self) -> bool:
        return bool(self._waiting or self._lost)

    def _made_room(self, signal: Signal) -> bool:
        """Drop what is least missed; False if that is the newcomer itself."""
        if _is_passing(signal):
            return False
        if self._passing:
            self._waiting = deque(letter for letter in self._waiting if not _is_passing(letter[1]))
            self._passing = 0
        else:
            self._lose(self._waiting.popleft()[0])
        return True

    def _lose(self, chat: ChatId) -> None:
        if len(self._lost) < MOST_LOST:
            self._lost[chat] = None


def _is_passing(signal: Signal) -> bool:
    return isinstance(signal, Partial | Joined)
