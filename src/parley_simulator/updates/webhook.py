"""A webhook: every update is posted until it is taken, chats side by side, each chat in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import aiohttp

from parley_simulator.clock import Clock
from parley_simulator.updates.queue import Update, Updates

_TIMEOUT: Final = aiohttp.ClientTimeout(total=60)
_LONGEST_DELAY: Final = 60.0
_LONGEST_RETRY_AFTER: Final = 3600.0
_GONE_FOR: Final = 23 * 3600.0
"""After so many seconds of nothing but 410 the webhook is removed."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where updates go, as setWebhook said."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    has_custom_certificate: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a webhook needs: ``obey`` does what an answer says, ``remove`` takes the webhook away."""

    clock: Clock
    obey: Callable[[aiohttp.ClientResponse], Awaitable[None]]
    remove: Callable[[], None]


class Webhook:
    """Posts the updates of one bot for as long as `run` runs."""

    def __init__(self, target: Target, updates: Updates, around: Surroundings) -> None:
        self.target = target
        self.last_error_date: int | None = None
        self.last_error_message: str | None = None
        self.stop: Callable[[], object] = lambda: None
        self._updates = updates
        self._around = around
        self._lanes: dict[int, deque[_Parcel]] = {}
        self._connections = asyncio.Semaphore(target.max_connections)
        self._stirred = asyncio.Event()
        self._free = asyncio.Event()
        self._gone_since: float | None = None

    async def run(self) -> None:
        """Deliver until cancelled."""
        last = 0
        deaf = self._updates.listen(self._heard)
        self._heard()
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, asyncio.TaskGroup() as lanes:
                while True:
                    await self._stirred.wait()
                    self._stirred.clear()
                    for parcel in self._new(last):
                        last = max(last, parcel.update.id)
                        queue = parcel.update.queue
                        if queue not in self._lanes:
                            self._lanes[queue] = deque()
                            lanes.create_task(self._empty(queue, session))
                        self._lanes[queue].append(parcel)
        finally:
            deaf()

    def _heard(self) -> None:
        self._stirred.set()
        if self._updates.held:
            self._free.clear()
        else:
            self._free.set()

    def _new(self, last: int) -> list["_Parcel"]:
        again = [_Parcel(update, is_again=True) for update in self._updates.take_again()]
        return again + [_Parcel(update, is_again=False) for update in self._updates.since(last)]

    async def _empty(self, queue: int, session: aiohttp.ClientSession) -> None:
        """Deliver the updates of one chat, one after the other."""
        lane = self._lanes[queue]
        while lane:
            await self._deliver(lane[0], session)
            lane.popleft()
        del self._lanes[queue]

    async def _deliver(self, parcel: "_Parcel", session: aiohttp.ClientSession) -> None:
        delay = 0.0
        while parcel.is_due(self._around.clock.now()):
            await self._free.wait()
            parcel.tries += 1
            async with self._connections:
                failure = await self._post(parcel.update, session)
            if failure is None:
                break
            self._note(failure)
            await self._around.clock.sleep(max(delay, failure.retry_after))
            delay = min(max(1.0, delay * 2), _LONGEST_DELAY)
        self._updates.forget(parcel.update)

    async def _post(self, update: Update, session: aiohttp.ClientSession) -> "_Failure | None":
        headers = {"Content-Type": "application/json"}
        if self.target.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.target.secret_token
        try:
            url = self.target.url
            async with session.post(url, data=update.body, headers=headers, allow_redirects=False) as response:
                if response.status // 100 == 2:
                    self._gone_since = None
                    await self._around.obey(response)
                    return None
                return _failure_of(response)
        except TimeoutError:
            return _Failure("Read timeout expired")
        except aiohttp.ClientConnectorError:
            return _Failure("Connection refused")
        except (aiohttp.ClientError, OSError):
            return _Failure("Connection closed")

    def _note(self, failure: "_Failure") -> None:
        now = self._around.clock.now()
        self.last_error_date = int(now)
        self.last_error_message = failure.message
        if not failure.is_gone:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = now
        elif now - self._gone_since >= _GONE_FOR:
            self._around.remove()


@dataclass(slots=True)
class _Parcel:
    """An update on its way; one that is sent again goes out once at least, however old it is."""

    update: Update
    is_again: bool
    tries: int = 0

    def is_due(self, now: float) -> bool:
        if self.is_again:
            return not self.tries or self.update.expires > now
        return self.update.is_live(now)


@dataclass(frozen=True, slots=True)
class _Failure:
    message: str
    retry_after: float = 0.0
    is_gone: bool = False


def _failure_of(response: aiohttp.ClientResponse) -> _Failure:
    asked = response.headers.get("Retry-After", "")
    return _Failure(
        f"Wrong response from the webhook: {response.status} {response.reason or ''}".rstrip(),
        min(float(asked), _LONGEST_RETRY_AFTER) if asked.isascii() and asked.isdigit() else 0.0,
        is_gone=response.status == 410,
    )
