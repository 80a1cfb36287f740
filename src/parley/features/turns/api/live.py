"""What one viewer of a chat has yet to be sent: in order, merged while they are slow, bounded.

Lasting events are read from the log by number, so a lost signal costs a delay and a slow viewer costs a few bytes.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from parley.features.chats import wire
from parley.features.chats.core import Chat, Logged
from parley.features.chats.service import Chats
from parley.kernel.errors import AppError, Conflict, LlmError, ServiceUnavailable
from parley.kernel.ids import MAX_ID, MessageId
from parley.kernel.ports import Advanced, Joined, Partial, Resync, Signal, TurnFailed, Typing
from parley.kernel.sentences import Language, sentence

MOST_PENDING: Final = 64
"""Signals that may wait for a viewer; more means that they do not keep up."""
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class _Again:
    """The viewer wants everything after this number once more."""

    after: int


@dataclass(slots=True)
class Live:
    """One viewer: hears signals, gives frames. `wake` is called when there is something to give."""

    chats: Chats
    chat: Chat
    language: Language
    sent: int
    """The number of the last lasting event given."""
    wake: Callable[[], None]
    is_late: bool = False
    """The viewer does not keep up and must resume."""
    has_failed: bool = False
    """An `error` event was given."""
    heard: int = 0
    """The highest number of a lasting event heard of."""
    until: int = MAX_ID
    """No lasting event beyond this number is given."""
    _pending: list[Signal | _Again] = field(default_factory=list)
    """Short, and empty almost always: an empty deque would be a thirtieth of what an idle socket costs."""
    _typing_since: int | None = None
    """The viewer was told that the character writes, after this lasting event; None: that it does not."""
    _newest: MessageId = MessageId(0)  # noqa: RUF009  a number
    """The newest message given whole: text of it, or of an older one, comes too late."""
    _writing: MessageId | None = None
    _told: int = 0
    _index: int = 0

    def hear(self, signal: Signal) -> None:
        """Take a signal from the bus."""
        if isinstance(signal, Advanced):
            self.heard = max(self.heard, signal.seq)
        if not self._merged(signal):
            self._line_up(signal)

    def resume(self, after: int, newest: int) -> None:
        """Give what came after a number, up to the newest. It waits its turn: what is being given ends first."""
        self._line_up(_Again(after))
        self.hear(Advanced(newest))

    def _line_up(self, signal: Signal | _Again) -> None:
        if len(self._pending) >= MOST_PENDING:
            self.is_late = True
        else:
            self._pending.append(signal)
        self.wake()

    def _merged(self, signal: Signal) -> bool:
        """Whether the signal went into the last one that waits, or is nothing to a viewer."""
        last = self._pending[-1] if self._pending else None
        match last, signal:
            case Advanced(heard), Advanced(seq):
                self._pending[-1] = Advanced(max(heard, seq))
                return True
            case Resync(gap), Resync(another_gap):
                self._pending[-1] = Resync(gap or another_gap)
                return True
            case Partial(message, offset, text), Partial(same, next_offset, more) if (
                message == same and next_offset == offset + len(text)
            ):
                self._pending[-1] = Partial(message, offset, text + more)
                return True
            case _:
                return not isinstance(signal, Advanced | Partial | Typing | TurnFailed | Resync)

    @property
    def has_pending(self) -> bool:
        """Whether there is something to give."""
        return bool(self._pending)

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames for what has been heard so far."""
        while self._pending:
            match self._pending.pop(0):
                case Advanced(seq):
                    async for frame in self.replay(seq):
                        yield frame
                case _Again(after):
                    self.sent = after
                case Resync(after_gap):
                    async for frame in self._resync(after_gap=after_gap):
                        yield frame
                case passing:
                    for frame in self._passing(passing):
                        yield frame

    def _passing(self, signal: Signal) -> list[bytes]:
        """The frames of what leaves nothing behind."""
        match signal:
            case Typing(is_typing):
                return self._typing(is_typing=is_typing)
            case Partial():
                return self._delta(signal)
            case TurnFailed(code):
                self.has_failed = True
                return [error_frame(error_of(code), self.language)]
            case _:
                return []

    async def replay(self, up_to: int) -> AsyncIterator[bytes]:
        """Lasting events not yet given, up to a number: those beyond it have their turn behind what waits."""
        last = min(up_to, self.until)
        while self.sent < last:
            events = await self.chats.events(self.chat.id, self.sent, _AT_ONCE)
            for event in events:
                if event.seq > last:
                    return
                for frame in self._ended_by(event):
                    yield frame
                self.sent = event.seq
                yield wire.logged_frame(event)
            if len(events) < _AT_ONCE:
                return

    async def _resync(self, *, after_gap: bool) -> AsyncIterator[bytes]:
        """Everything lasting from the log; a reply being written is told again by whoever writes it."""
        async for frame in self.replay(MAX_ID):
            yield frame
        if after_gap:
            for frame in self._typing(is_typing=False):
                yield frame
            self._writing = None
        await self.chats.bus.publish(self.chat.id, Joined())

    def _typing(self, *, is_typing: bool) -> list[bytes]:
        """Nothing if the viewer knows."""
        if is_typing == (self._typing_since is not None):
            return []
        self._typing_since = self.sent if is_typing else None
        return [wire.typing_frame(self.chat.character, is_typing=is_typing)]

    def _ended_by(self, event: Logged) -> list[bytes]:
        """A reply that is there is no longer being written, also where the signal that says so was lost."""
        if event.kind != "message.new" or event.message is None:
            return []
        self._newest = max(self._newest, event.message.id)
        is_later = self._typing_since is not None and event.seq > self._typing_since
        return self._typing(is_typing=False) if is_later and event.message.role == "assistant" else []

    def _delta(self, partial: Partial) -> list[bytes]:
        """The part of the reply the viewer has not got; nothing if a piece before it was lost: the end brings all."""
        if partial.message_id <= self._newest:
            return []
        if partial.message_id != self._writing:
            self._writing, self._told, self._index = partial.message_id, 0, 0
        untold = partial.text[max(self._told - partial.offset, 0) :]
        if partial.offset > self._told or not untold:
            return []
        frame = wire.delta_frame(partial.message_id, untold, self._index)
        self._told += len(untold)
        self._index += 1
        return [frame]


def error_frame(error: AppError, language: Language) -> bytes:
    """An `error` event, with the sentence of this channel. The spec's tells nothing of the quota's state."""
    details = {name: value for name, value in error.details().items() if name != "limits"}
    return wire.frame("error", {"code": error.code, "message": sentence(error, language, "websocket"), **details})


def error_of(code: str) -> AppError:
    """The error that ended a turn, from its code: all that travels on the bus."""
    return next((kind() for kind in (LlmError, Conflict, ServiceUnavailable) if kind.code == code), AppError())
