"""What one viewer of a chat has yet to be sent: in order, merged while they are slow, bounded.

Lasting events are read from the log by number, so a lost signal costs a delay and a slow viewer costs a few bytes.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from parley.features.chats import wire
from parley.features.chats.core import Chat
from parley.features.chats.service import Chats
from parley.kernel.errors import AppError
from parley.kernel.ids import MessageId
from parley.kernel.ports import Advanced, Partial, Signal, TurnFailed, Typing
from parley.kernel.sentences import Language, sentence

MOST_PENDING: Final = 64
"""Signals that may wait for a viewer; more means that they do not keep up."""
_AT_ONCE: Final = 200


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
    _pending: deque[Signal] = field(default_factory=deque)
    _writing: MessageId | None = None
    _told: int = 0
    _index: int = 0

    def hear(self, signal: Signal) -> None:
        """Take a signal from the bus."""
        if self._merged(signal):
            return
        if len(self._pending) >= MOST_PENDING:
            self.is_late = True
        else:
            self._pending.append(signal)
        self.wake()

    def _merged(self, signal: Signal) -> bool:
        """Whether the signal went into the last one that waits, or is nothing to a viewer."""
        last = self._pending[-1] if self._pending else None
        match last, signal:
            case Advanced(), Advanced():
                self._pending[-1] = signal
                return True
            case Partial(message, offset, text), Partial(same, next_offset, more) if (
                message == same and next_offset == offset + len(text)
            ):
                self._pending[-1] = Partial(message, offset, text + more)
                return True
            case _:
                return not isinstance(signal, Advanced | Partial | Typing | TurnFailed)

    @property
    def has_pending(self) -> bool:
        """Whether there is something to give."""
        return bool(self._pending)

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames for what has been heard so far."""
        while self._pending:
            match self._pending.popleft():
                case Advanced(seq):
                    async for frame in self.replay(seq):
                        yield frame
                case Typing(is_typing):
                    yield wire.typing_frame(self.chat.character, is_typing=is_typing)
                case Partial() as partial:
                    for frame in self._delta(partial):
                        yield frame
                case TurnFailed(code):
                    self.has_failed = True
                    yield error_frame(error_of(code), self.language)
                case _:
                    continue

    async def replay(self, up_to: int) -> AsyncIterator[bytes]:
        """Lasting events not yet given, at least up to a number."""
        while self.sent < up_to:
            events = await self.chats.events(self.chat.id, self.sent, _AT_ONCE)
            if not events:
                return
            for event in events:
                self.sent = event.seq
                yield wire.logged_frame(event)

    def _delta(self, partial: Partial) -> list[bytes]:
        """The part of the reply the viewer has not got; nothing if a piece before it was lost: the end brings all."""
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
    """An `error` event, with the sentence of this channel."""
    data = {"code": error.code, "message": sentence(error, language, "websocket"), **error.details()}
    return wire.frame("error", data)


def error_of(code: str) -> AppError:
    """The kind of error with this code; a kind that needs more than its code never travels the bus."""
    kinds = {kind.code: kind for kind in AppError.__subclasses__() if kind.__init__ is AppError.__init__}
    return kinds.get(code, AppError)()
