"""One address of a provider: sends JSON there and tells what went wrong. No retries (those are `tries`')."""

import asyncio
import io
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from parley.adapters.llm.failures import kind_of_status, retry_after, tells_too_long
from parley.kernel.ports import Clock, ModelFailed

_MAX_REFUSAL: Final = 16 * 1024
"""Bytes of a refusal that are looked through for the name of what was refused."""
_LARGE_BODY: Final = 256 * 1024
"""Bytes."""


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
    whole: float = 120.0
    """For an answer that comes in one piece: nothing tells before its end whether it is being written."""


STANDARD_TIMEOUTS: Final = Timeouts()


def provider_session() -> aiohttp.ClientSession:
    """The one session for all providers: no cookies, no proxies from the environment, no bound on connections."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
    )


def now() -> float:
    """The event loop's seconds, by which waits end."""
    return asyncio.get_running_loop().time()


def _in_parts(body: bytes) -> bytes | io.BytesIO:
    """The body so that a large one is written part by part, and others have their turn in between."""
    return io.BytesIO(body) if len(body) > _LARGE_BODY else body


@dataclass(slots=True)
class Endpoint:
    """Where to send, and with which key."""

    base_url: str
    """Includes ``/v1``."""
    path: str
    api_key: str = field(repr=False)
    session: aiohttp.ClientSession
    clock: Clock
    timeouts: Timeouts
    _url: str = field(init=False, repr=False)
    _headers: dict[str, str] = field(init=False, repr=False)
    _timeout: aiohttp.ClientTimeout = field(init=False, repr=False)

    def __post_init__(self) -> None:
        base = urlsplit(self.base_url)
        self._url = urlunsplit(base._replace(path=f"{base.path.rstrip('/')}{self.path}"))
        self._timeout = aiohttp.ClientTimeout(total=None, connect=self.timeouts.connect)
        self._headers = {
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": "parley",
            **({"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}),
        }

    async def post(self, body: bytes, until: float) -> aiohttp.ClientResponse:
        """Send; the response's headers have come. Raises ModelFailed."""
        try:
            async with asyncio.timeout_at(until):
                response = await self.session.post(
                    self._url, data=_in_parts(body), headers=self._headers, allow_redirects=False, timeout=self._timeout
                )
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectionError, OSError) as error:
            is_ours = isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError)
            raise ModelFailed("timeout" if is_ours else "connect") from None
        except aiohttp.ClientError:  # not HTTP, or a body cut before its headers ended
            raise ModelFailed("protocol") from None
        if response.status == 200 and response.content_type == "text/html":
            response.close()
            raise ModelFailed("protocol", status=200)
        return response

    async def refusal(self, response: aiohttp.ClientResponse, until: float) -> str:
        """What a 400 or 422 says, as far as patience goes; of all others nothing is read. Closes the response."""
        answer = b""
        try:
            async with asyncio.timeout_at(until):
                while response.status in {400, 422} and len(answer) < _MAX_REFUSAL:
                    received = await response.content.readany()
                    if not received:
                        break
                    answer += received
        except (TimeoutError, aiohttp.ClientError, OSError):
            pass  # what came of it must do
        finally:
            response.close()
        return answer.decode(errors="replace")

    def failure(self, response: aiohttp.ClientResponse, refusal: str) -> ModelFailed:
        """What an answer that is not 200 means."""
        return ModelFailed(
            kind_of_status(response.status),
            status=response.status,
            retry_after=retry_after(response.headers, self.clock.now()),
            is_too_long=response.status < 500 and tells_too_long(refusal),
        )

    async def document(self, response: aiohttp.ClientResponse, most: int, until: float) -> bytes:
        """The whole body. Raises ModelFailed; closes the response, whose connection stays if the body was read."""
        parts: list[bytes] = []
        try:
            async with asyncio.timeout_at(until):
                while received := await response.content.readany():
                    parts.append(received)
                    most -= len(received)
                    if most < 0:
                        raise ModelFailed("protocol")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise ModelFailed("timeout" if isinstance(error, TimeoutError) else "cut") from None
        finally:
            response.close()
        return b"".join(parts)

    async def drain(self, response: aiohttp.ClientResponse) -> None:
        """Read what may still stand between an answer's end and the end of its body."""
        try:
            async with asyncio.timeout(self.timeouts.closing):
                await response.content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError):
            pass  # the reply is whole; only the connection is lost
