"""A turn as server-sent events: the frames of the socket, one turn of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.response import Stream

from parley.features.chats import wire as chats_wire
from parley.features.chats.service import Chats
from parley.features.chats.wire import Frame
from parley.features.turns.api.live import Live, error_frame
from parley.features.turns.core import Begun, Ended
from parley.features.turns.service.turns import Turn
from parley.kernel.errors import AppError
from parley.kernel.ports import Advanced
from parley.kernel.sentences import Language

_STILL_HERE: Final = b": waiting\n\n"
_SILENCE: Final = 15.0
"""Seconds without an event after which a comment keeps proxies from closing the stream."""


def server_sent(frame: bytes) -> bytes:
    """One frame as an event: its name, its number as `id` where it has one, and the whole frame as `data`."""
    head = msgspec.json.decode(frame, type=Frame)
    number = "" if head.seq is None else f"id: {head.seq}\n"
    return f"event: {head.event}\n{number}data: ".encode() + frame + b"\n\n"


def event_stream(frames: AsyncIterator[bytes]) -> Response[Any]:
    """The response that streams these frames."""

    async def events() -> AsyncIterator[bytes]:
        async for frame in frames:
            yield server_sent(frame) if frame else _STILL_HERE

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(events(), media_type="text/event-stream", headers=headers)


async def each_of(frames: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Frames that are all there already."""
    for frame in frames:
        yield frame


@dataclass(slots=True)
class TurnViewer:
    """Someone who looks at one turn, from its first event to its last."""

    chats: Chats
    language: Language
    _awake: asyncio.Event = field(default_factory=asyncio.Event)
    _live: Live | None = None
    _silence: Callable[[], None] | None = None
    _said_before: bytes = b""
    """The event of a message that an earlier try stored: it is not in the log once more."""

    def open(self, begun: Begun) -> None:
        """Look from here on: called in the step in which the turn begins, so nothing of it is missed."""
        is_new = begun.user_message is not None and not begun.is_repeated
        self._live = Live(self.chats, begun.chat, self.language, begun.seq - is_new, self._awake.set)
        self._live.hear(Advanced(begun.seq))
        self._silence = self.chats.bus.listen(begun.chat.id, self._live.hear)
        if begun.user_message is not None and begun.is_repeated:
            self._said_before = chats_wire.frame("message.new", chats_wire.told(begun.user_message))

    def frames(self, turn: Turn) -> AsyncIterator[bytes]:
        """The turn's frames; an empty one says that nothing has come for a while."""
        live = self._live
        assert live is not None
        turn.ended.add_done_callback(lambda _: self._close(live, turn))
        return self._frames(live, turn)

    def _close(self, live: Live, turn: Turn) -> None:
        """Look no further: called when the turn ends, so what happens after it in the chat is not told as its own."""
        if self._silence is not None:
            self._silence()
        live.until = live.heard
        if turn.ended.exception() is None:
            live.until = max(live.heard, turn.ended.result().seq)
        self._awake.set()

    async def _frames(self, live: Live, turn: Turn) -> AsyncIterator[bytes]:
        """What is streamed already cannot become an error answer: a fault on the way is an `error` event."""
        try:
            async for frame in self._turn_frames(live, turn):
                yield frame
        except AppError as error:
            yield error_frame(error, self.language)

    async def _turn_frames(self, live: Live, turn: Turn) -> AsyncIterator[bytes]:
        if self._said_before:
            yield self._said_before
        while live.has_pending or not turn.ended.done():
            if not await self._woken():
                yield b""
            async for frame in live.frames():
                yield frame
        async for frame in self._last(live, turn):
            yield frame

    async def _woken(self) -> bool:
        try:
            async with asyncio.timeout(_SILENCE):
                await self._awake.wait()
        except TimeoutError:
            return False
        self._awake.clear()
        return True

    async def _last(self, live: Live, turn: Turn) -> AsyncIterator[bytes]:
        """What a lost signal may have kept back."""
        error = turn.ended.exception()
        if error is None:
            ended = turn.ended.result()
            assert isinstance(ended, Ended)
            async for frame in live.replay(ended.seq):
                yield frame
        elif not live.has_failed:
            yield error_frame(error if isinstance(error, AppError) else AppError(), self.language)
