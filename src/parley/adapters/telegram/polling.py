"""Asks Telegram for updates. The answers are not read here: what cannot be decoded must not stop the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import msgspec

LONG_POLL: Final = 30
"""Seconds Telegram holds a request open (spec «GET /getUpdates»)."""
MOST_AT_ONCE: Final = 100
_ANSWER_WITHIN: Final = 15.0
"""Seconds beyond the long poll after which the connection counts as dead."""
_LARGEST_ANSWER: Final = 16 * 1024 * 1024


class BotRefused(Exception):
    """Telegram refuses the token or the webhook: nothing the bot does will help. Its text is the operator's."""


class PollFailed(Exception):
    """No updates this time. ``retry_after``: seconds, where Telegram says so; ``kind`` is safe to log."""

    def __init__(self, kind: str, retry_after: float | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.retry_after = retry_after


class _Parameters(msgspec.Struct):
    retry_after: float | None = None


class _Refusal(msgspec.Struct):
    parameters: _Parameters | None = None


@dataclass(slots=True)
class Polling:
    """`getUpdates`, one at a time."""

    session: aiohttp.ClientSession
    api_url: str
    token: str = field(repr=False)
    allowed: Sequence[str]

    async def updates(self, offset: int | None) -> bytes:
        """The answer to one long poll, as it came; all updates before ``offset`` are confirmed by it.

        Raises BotRefused, and PollFailed for whatever may be over the next time.
        """
        query = {
            "timeout": str(LONG_POLL),
            "limit": str(MOST_AT_ONCE),
            "allowed_updates": msgspec.json.encode(list(self.allowed)).decode(),
            **({} if offset is None else {"offset": str(offset)}),
        }
        url = f"{self.api_url}/bot{self.token}/getUpdates"
        timeout = aiohttp.ClientTimeout(total=LONG_POLL + _ANSWER_WITHIN, connect=10)
        try:
            async with self.session.get(url, params=query, timeout=timeout, allow_redirects=False) as response:
                body = await _bounded(response)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Its text may hold the address, and with it the token.
            raise PollFailed(type(error).__name__) from None
        if status == 200:
            return body
        raise _failure(status, body)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise PollFailed("too large")
    return bytes(body)


def _failure(status: int, body: bytes) -> Exception:
    """What a status means. The cloud tells a malformed token by 404, a revoked one by 401."""
    if status in {401, 404}:
        return BotRefused()
    return PollFailed({409: "conflict", 429: "limit"}.get(status, f"status {status}"), _retry_after(body))


def _retry_after(body: bytes) -> float | None:
    try:
        parameters = msgspec.json.decode(body, type=_Refusal).parameters
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return None if parameters is None else parameters.retry_after
