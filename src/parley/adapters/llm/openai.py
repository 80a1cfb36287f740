"""A language model behind any OpenAI-compatible API: one streaming request, no retries (those are `router`'s)."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from parley.adapters.llm.dialect import Dialect
from parley.adapters.llm.failures import kind_of_status, retry_after
from parley.adapters.llm.reply import ReplyReader
from parley.adapters.llm.wire import ChatRequest, encoded
from parley.kernel.ports import Clock, ModelFailed, ModelPart, ModelTraits, Prompt, TextPart

_MAX_REFUSAL: Final = 16 * 1024
"""Bytes of a refusal that are looked through for the name of what was refused."""
_MAX_REWORDINGS: Final = 3


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a provider may take (contract §2)."""

    connect: float = 5.0
    first_text: float = 30.0
    """From the call to the first text."""
    between_chunks: float = 20.0
    tail: float = 2.0
    """For the token counts, after the model said that it has ended."""
    closing: float = 0.25
    """For the end of the body, after ``[DONE]``; without it the connection cannot be used again."""


STANDARD_TIMEOUTS: Final = Timeouts()


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a model lives. ``base_url`` includes ``/v1``."""

    base_url: str
    traits: ModelTraits
    api_key: str = field(default="", repr=False)
    logit_bias: Mapping[str, float] = field(default_factory=dict)
    """Added to the odds of tokens, by their numbers in this model."""


def provider_session() -> aiohttp.ClientSession:
    """The one session for all providers: no cookies, no proxies from the environment, no bound on connections."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
    )


class OpenAiModel:
    """ChatModel over HTTP."""

    def __init__(
        self,
        provider: Provider,
        session: aiohttp.ClientSession,
        clock: Clock,
        timeouts: Timeouts = STANDARD_TIMEOUTS,
    ) -> None:
        base = urlsplit(provider.base_url)
        self._url = urlunsplit(base._replace(path=f"{base.path.rstrip('/')}/chat/completions"))
        self._provider = provider
        self._session = session
        self._clock = clock
        self._timeouts = timeouts
        self._dialect = Dialect()

    @property
    def traits(self) -> ModelTraits:
        return self._provider.traits

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        first_text_by = _now() + self._timeouts.first_text
        reply = ReplyReader(self.traits.name)
        response = await self._opened(prompt, first_text_by)
        try:
            wait_until = first_text_by
            while not reply.is_complete:
                payloads = reply.payloads
                text = await self._next_text(response, reply, wait_until)
                if reply.payloads > payloads:
                    wait_until = self._wait_until(reply, first_text_by)
                if text:
                    yield TextPart(text)
            if reply.failure is not None:
                raise reply.failure
            await self._drain(response)
            yield reply.finish()
        finally:
            response.close()  # ends the call at once; keeps a connection whose body was read to its end

    def _wait_until(self, reply: ReplyReader, first_text_by: float) -> float:
        if reply.has_ended:
            return _now() + self._timeouts.tail
        return _now() + self._timeouts.between_chunks if reply.has_text else first_text_by

    async def _next_text(self, response: aiohttp.ClientResponse, reply: ReplyReader, until: float) -> str:
        try:
            async with asyncio.timeout_at(until):
                received = await response.content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            if not reply.has_ended:
                raise ModelFailed("timeout" if isinstance(error, TimeoutError) else "cut") from None
            received = b""
        return reply.feed(received) if received else reply.end()

    async def _opened(self, prompt: Prompt, until: float) -> aiohttp.ClientResponse:
        dialect = self._dialect
        for _ in range(_MAX_REWORDINGS):
            request = dialect.request(self.traits.name, prompt, self._provider.logit_bias)
            response = await self._sent(request, until)
            if response.status == 200:
                self._dialect = dialect.proven()
                return response
            reworded = await self._reworded(dialect, request, response, until)
            if reworded is None:
                raise self._failure(response)
            dialect = reworded
        raise ModelFailed("bad_request", status=400)

    async def _sent(self, request: ChatRequest, until: float) -> aiohttp.ClientResponse:
        try:
            async with asyncio.timeout_at(until):
                response = await self._session.post(
                    self._url,
                    data=encoded(request),
                    headers=self._headers(),
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect),
                )
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectionError, OSError) as error:
            is_ours = isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError)
            raise ModelFailed("timeout" if is_ours else "connect") from None
        except aiohttp.ClientError:  # not HTTP, or a body cut before its headers ended
            raise ModelFailed("protocol") from None
        if response.content_type == "text/html" and response.status == 200:
            response.close()
            raise ModelFailed("protocol", status=200)
        return response

    async def _reworded(
        self, dialect: Dialect, request: ChatRequest, response: aiohttp.ClientResponse, until: float
    ) -> Dialect | None:
        """The dialect to try after this refusal, if there is one. Closes the response."""
        try:
            if response.status not in {400, 422}:
                return None
            return dialect.after_refusal(request, await self._refusal(response, until))
        finally:
            response.close()

    @staticmethod
    async def _refusal(response: aiohttp.ClientResponse, until: float) -> str:
        answer = b""
        try:
            async with asyncio.timeout_at(until):
                while len(answer) < _MAX_REFUSAL and (received := await response.content.readany()):
                    answer += received
        except (TimeoutError, aiohttp.ClientError, OSError):
            pass  # what came of it must do
        return answer.decode(errors="replace")

    def _failure(self, response: aiohttp.ClientResponse) -> ModelFailed:
        return ModelFailed(
            kind_of_status(response.status),
            status=response.status,
            retry_after=retry_after(response.headers, self._clock.now()),
        )

    async def _drain(self, response: aiohttp.ClientResponse) -> None:
        try:
            async with asyncio.timeout(self._timeouts.closing):
                await response.content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError):
            pass  # the reply is whole; only the connection is lost

    def _headers(self) -> dict[str, str]:
        headers = {
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": "parley",
        }
        if self._provider.api_key:
            headers["Authorization"] = f"Bearer {self._provider.api_key}"
        return headers


def _now() -> float:
    return asyncio.get_running_loop().time()
