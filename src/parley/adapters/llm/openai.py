"""A language model behind any OpenAI-compatible API: one request, no retries (those are `tries`')."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

import aiohttp

from parley.adapters.llm import relay
from parley.adapters.llm.dialect import Dialect
from parley.adapters.llm.endpoint import STANDARD_TIMEOUTS, Endpoint, Timeouts, now
from parley.adapters.llm.relay import RelayReader
from parley.adapters.llm.reply import ReplyReader
from parley.adapters.llm.wire import ChatRequest, encoded
from parley.kernel.ports import (
    Clock,
    Completion,
    CompletionRequest,
    ModelFailed,
    ModelPart,
    ModelTraits,
    Prompt,
    TextPart,
)

_MAX_REWORDINGS: Final = 3

Piece_co = TypeVar("Piece_co", covariant=True)


class _Reader(Protocol[Piece_co]):
    """What makes pieces of bytes: `ReplyReader` and `RelayReader`."""

    is_complete: bool
    failure: ModelFailed | None

    @property
    def payloads(self) -> int: ...

    @property
    def has_text(self) -> bool: ...

    @property
    def has_ended(self) -> bool: ...

    def feed(self, received: bytes) -> Piece_co | None: ...

    def end(self) -> Piece_co | None: ...


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a model lives. ``base_url`` includes ``/v1``."""

    base_url: str
    traits: ModelTraits
    api_key: str = field(default="", repr=False)
    logit_bias: Mapping[str, float] = field(default_factory=dict)
    """Added to the odds of tokens, by their numbers in this model."""


class OpenAiModel:
    """ChatModel and CompletionModel over HTTP."""

    def __init__(
        self,
        provider: Provider,
        session: aiohttp.ClientSession,
        clock: Clock,
        timeouts: Timeouts = STANDARD_TIMEOUTS,
    ) -> None:
        self._endpoint = Endpoint(provider.base_url, "/chat/completions", provider.api_key, session, clock, timeouts)
        self._provider = provider
        self._timeouts = timeouts
        self._dialect = Dialect()

    @property
    def traits(self) -> ModelTraits:
        return self._provider.traits

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        def asked(dialect: Dialect) -> ChatRequest:
            return dialect.request(self.traits.name, prompt, self._provider.logit_bias)

        reply = ReplyReader(self.traits.name)
        async with aclosing(self._pieces(asked, b"", reply)) as pieces:
            async for text in pieces:
                yield TextPart(text)
        yield reply.finish()

    async def relay(self, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        reply = RelayReader(self.traits.name, request.choices)
        async with aclosing(self._pieces(self._passed(request, is_stream=True), request.members, reply)) as pieces:
            async for piece in pieces:
                yield piece
        yield reply.finish()

    async def complete(self, request: CompletionRequest) -> Completion:
        until = now() + self._timeouts.whole
        response = await self._opened(self._passed(request, is_stream=False), request.members, until)
        document = await self._endpoint.document(response, relay.MAX_DOCUMENT, until)
        return relay.whole(document, self.traits.name)

    def _passed(self, request: CompletionRequest, *, is_stream: bool) -> Callable[[Dialect], ChatRequest]:
        def asked(dialect: Dialect) -> ChatRequest:
            return dialect.passed(self.traits.name, request, self._provider.logit_bias, is_stream=is_stream)

        return asked

    async def _pieces(
        self, asked: Callable[[Dialect], ChatRequest], members: bytes, reply: _Reader[Piece_co]
    ) -> AsyncGenerator[Piece_co, None]:
        """The answer as the reader understands it, to its end. Raises ModelFailed."""
        first_text_by = now() + self._timeouts.first_text
        response = await self._opened(asked, members, first_text_by)
        try:
            wait_until = first_text_by
            while not reply.is_complete:
                payloads = reply.payloads
                piece = await self._next(response, reply, wait_until)
                if reply.payloads > payloads:
                    wait_until = self._wait_until(reply, first_text_by)
                if piece:
                    yield piece
            if reply.failure is not None:
                raise reply.failure
            await self._endpoint.drain(response)
        finally:
            response.close()  # ends the call at once; keeps a connection whose body was read to its end

    def _wait_until(self, reply: _Reader[Piece_co], first_text_by: float) -> float:
        if reply.has_ended:
            return now() + self._timeouts.tail
        return now() + self._timeouts.between_chunks if reply.has_text else first_text_by

    async def _next(self, response: aiohttp.ClientResponse, reply: _Reader[Piece_co], until: float) -> Piece_co | None:
        try:
            async with asyncio.timeout_at(until):
                received = await response.content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            if not reply.has_ended:
                raise ModelFailed("timeout" if isinstance(error, TimeoutError) else "cut") from None
            received = b""
        return reply.feed(received) if received else reply.end()

    async def _opened(
        self, asked: Callable[[Dialect], ChatRequest], members: bytes, until: float
    ) -> aiohttp.ClientResponse:
        """The response to a request in the provider's dialect, which its refusals teach. Raises ModelFailed."""
        dialect = self._dialect
        for _ in range(_MAX_REWORDINGS):
            request = asked(dialect)
            response = await self._endpoint.post(_with_members(encoded(request), members), until)
            if response.status == 200:
                self._dialect = dialect.proven()
                return response
            refusal = await self._endpoint.refusal(response, until)
            reworded = dialect.after_refusal(request, refusal) if response.status in {400, 422} else None
            if reworded is None:
                raise self._endpoint.failure(response, refusal)
            dialect = reworded
        raise ModelFailed("bad_request", status=400)


def _with_members(request: bytes, members: bytes) -> bytes:
    """A JSON object and the members that a caller adds to it."""
    return b"".join((request[:-1], b",", members, b"}")) if members else request
