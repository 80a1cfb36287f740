"""One person's requests in a storm: answered, refused for a moment, or lost."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import init_data_py
from init_data_py import UnsignedInitData, User

from parley.adapters.clock import SystemClock

Json = dict[str, Any]

BOT_TOKEN = "42:TEST"
_PATIENCE = 40.0
"""Seconds a request may take: a chat whose process died is free within ten."""


class Lost(Exception):
    """Nobody knows what became of the request, or it could not be served now. The same request may be sent again."""


class Busy(Lost):
    """409: an earlier try is still believed to be under way."""


def init_data(telegram_id: int) -> str:
    """A valid initData of this person, signed now."""
    user = User(id=telegram_id, first_name=f"Person {telegram_id}", language_code="en")
    unsigned = UnsignedInitData(user=user, query_id="q")
    return init_data_py.sign(unsigned, BOT_TOKEN, auth_date=SystemClock().now().timestamp())


@dataclass(slots=True)
class Client:
    """Requests of one person to wherever the server listens now."""

    session: aiohttp.ClientSession
    address: Callable[[], str]
    telegram_id: int
    init_data: str = field(init=False)
    _keys: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.init_data = init_data(self.telegram_id)

    def new_key(self) -> str:
        """An Idempotency-Key never used by this person."""
        return f"key-{next(self._keys)}"

    def headers(self, key: str | None = None, *, stream: bool = False) -> Mapping[str, str]:
        """What goes with a request."""
        headers = {"Authorization": f"tma {self.init_data}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if stream:
            headers["Accept"] = "text/event-stream"
        return headers

    async def call(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> Json:
        """The JSON of a 200; raises Lost, Busy, and Missing for a 404."""
        with losing():
            async with self.session.request(
                method,
                f"{self.address()}{path}",
                json=body,
                headers=self.headers(key),
                timeout=aiohttp.ClientTimeout(total=_PATIENCE),
            ) as answer:
                return _told(answer.status, await answer.text())

    async def events(self, path: str, body: Json | None, key: str) -> AsyncIterator[Json]:
        """The frames of an event stream as they come."""
        with losing():
            async with self.session.post(
                f"{self.address()}{path}",
                json=body,
                headers=self.headers(key, stream=True),
                timeout=aiohttp.ClientTimeout(total=_PATIENCE),
            ) as answer:
                if answer.status != 200:
                    _told(answer.status, await answer.text())
                async for line in answer.content:
                    if line.startswith(b"data: "):
                        yield json.loads(line[6:])

    @asynccontextmanager
    async def socket(self, character: int, after: int | None = None) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket to the chat."""
        query = {"initData": self.init_data} | ({} if after is None else {"after": str(after)})
        url = f"{self.address().replace('http', 'ws', 1)}/api/ws/chat/{character}"
        with losing():
            async with self.session.ws_connect(url, params=query, max_msg_size=0) as socket:
                yield socket

    async def frame(self, socket: aiohttp.ClientWebSocketResponse) -> Json:
        """The next frame; raises Lost when the socket closes instead."""
        with losing():
            message = await socket.receive(_PATIENCE)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Lost
        frame: Json = json.loads(message.data)
        return frame


class Missing(Exception):
    """404."""


def _told(status: int, text: str) -> Json:
    if status == 200:
        answer: Json = json.loads(text)
        return answer
    if status == 503:
        raise Lost
    if status == 409:
        raise Busy
    if status == 404:
        raise Missing
    raise AssertionError(f"answered {status}: {text}")


@contextmanager
def losing() -> Iterator[None]:
    """Turn what a broken connection raises into Lost."""
    try:
        yield
    except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:  # TimeoutError is an OSError
        raise Lost from error
