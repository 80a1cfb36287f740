"""Answers as they go over ASGI: bytes that are ready, sent without a detour."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from litestar import Request
from litestar.types import Receive, Scope, Send

from parley.features.completions.api.here import WhileHere
from parley.features.completions.core import Refused
from parley.features.completions.service import Completions
from parley.features.completions.wire import answers, embeddings
from parley.features.completions.wire.answers import ChunkWriter, Heading
from parley.features.completions.wire.embeddings import EmbeddingsBody
from parley.features.identity.core import Caller
from parley.kernel.errors import AppError
from parley.kernel.ports import CompletionRequest, Embeddings

Call = Request[Any, Any, Any]
_STREAM: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_AT_ONCE: Final = 64
"""Vectors written between which others have their turn."""

log = structlog.get_logger(__name__)


async def _send_json(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@dataclass(frozen=True, slots=True)
class Json:
    """An answer that is ready."""

    body: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del scope, receive
        await _send_json(send, self.body)


@dataclass(frozen=True, slots=True)
class WholeChat:
    """An answer in one piece."""

    completions: Completions
    caller: Caller
    request: CompletionRequest
    heading: Heading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, as long as the client waits, and send."""
        del scope
        body = b""
        async with WhileHere(receive) as here:
            completion, usage = await self.completions.complete(self.caller, self.request)
            body = answers.answer(self.heading, completion, usage)
        if not here.has_gone:
            await _send_json(send, body)


@dataclass(slots=True)
class StreamedChat:
    """An answer as server-sent events. It begins with the first piece, so what fails before is an error answer."""

    completions: Completions
    caller: Caller
    request: CompletionRequest
    writer: ChunkWriter
    _has_begun: bool = field(init=False, default=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, as long as the client listens, and pass on every piece as it comes."""
        async with WhileHere(receive):
            try:
                await self._pass_on(send)
            except (AppError, Refused) as error:
                if not self._has_begun:
                    raise
                await self._end(send, answers.error_event(error))
            except Exception:
                if not self._has_begun:
                    raise
                log.exception("fault", request_id=scope["state"]["call"].request_id)
                await self._end(send, answers.error_event(AppError()))

    async def _pass_on(self, send: Send) -> None:
        async with aclosing(self.completions.relay(self.caller, self.request)) as pieces:
            async for piece in pieces:
                if not self._has_begun:
                    self._has_begun = True
                    await send({"type": "http.response.start", "status": 200, "headers": _STREAM})
                if piece.usage is not None and not piece.choices:
                    await self._end(send, self.writer.end(piece.usage))
                    return
                await send({"type": "http.response.body", "body": self.writer.events(piece), "more_body": True})

    @staticmethod
    async def _end(send: Send, events: bytes) -> None:
        await send({"type": "http.response.body", "body": events, "more_body": False})


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors, made as long as the client waits."""

    completions: Completions
    caller: Caller
    asked: EmbeddingsBody
    texts: Sequence[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make and send them."""
        del scope
        body = b""
        async with WhileHere(receive) as here:
            found = await self.completions.embed(self.caller, self.texts, self.asked.dimensions)
            body = embeddings.answer([each async for each in self._written(found)], found)
        if not here.has_gone:
            await _send_json(send, body)

    async def _written(self, found: Embeddings) -> AsyncIterator[bytes]:
        """The vectors as JSON; writing thousands takes long enough to hold others up."""
        is_base64 = self.asked.encoding_format == "base64"
        for number, packed in enumerate(found.vectors):
            yield embeddings.vector(packed, number, is_base64=is_base64)
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
