"""A local Telegram on a port of its own, bots that call it, and people in it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import aiohttp.web

from parley_simulator import server
from parley_simulator.clock import Clock

Json = dict[str, Any]
TOKEN = "42:TEST"
LENA = 7
WITHIN = 10.0
"""Seconds anything may take."""


class MovableClock(Clock):
    """The machine's clock, which the test sets ahead; whoever sleeps wakes as if the time had passed."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._moved = asyncio.Event()
        self._ends: list[float] = []
        self._slept = asyncio.Event()

    def now(self) -> float:
        return super().now() + self._ahead

    async def sleep(self, seconds: float) -> None:
        end = self.now() + seconds
        self._ends.append(end)
        self._slept.set()
        try:
            while (left := end - self.now()) > 0:
                moved = self._moved
                try:
                    await asyncio.wait_for(moved.wait(), left)
                except TimeoutError:
                    continue
        finally:
            self._ends.remove(end)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._ahead += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def skip(self, seconds: float) -> None:
        """Let time pass as soon as someone sleeps who then wakes."""
        async with asyncio.timeout(WITHIN):
            while not any(0 < end - self.now() <= seconds for end in self._ends):
                self._slept.clear()
                await self._slept.wait()
        self.advance(seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any

    @property
    def result(self) -> Any:
        """What a method answered; fails the test if it was refused."""
        assert self.json["ok"], self.json
        return self.json["result"]

    @property
    def refusal(self) -> tuple[int, str]:
        """With which status and words a method was refused."""
        assert self.json["ok"] is False
        assert self.json["error_code"] == self.status
        return self.status, self.json["description"]


@dataclass(slots=True)
class BotClient:
    """A bot as its library would call: JSON by default."""

    base: str
    token: str
    session: aiohttp.ClientSession

    @property
    def id(self) -> int:
        return int(self.token.partition(":")[0])

    def url(self, method: str) -> str:
        return f"{self.base}/bot{self.token}/{method}"

    async def ask(self, method: str, **params: object) -> Answer:
        """Call a method, however it ends."""
        async with self.session.post(self.url(method), json=params) as response:
            return await read(response)

    async def call(self, method: str, **params: object) -> Any:
        """Call a method that must succeed; its result."""
        return (await self.ask(method, **params)).result

    async def refused(self, method: str, **params: object) -> tuple[int, str]:
        """Call a method that must be refused; the status and the words."""
        return (await self.ask(method, **params)).refusal

    async def updates(self, **params: object) -> list[Json]:
        """What getUpdates answers."""
        updates: list[Json] = await self.call("getUpdates", **params)
        return updates

    def polling(self, **params: object) -> asyncio.Task[Answer]:
        """A long poll that goes on meanwhile."""
        return asyncio.create_task(self.ask("getUpdates", **{"timeout": 30} | params))


@dataclass(slots=True)
class Simulator:
    """The server under test, and the person at its control interface."""

    base: str
    session: aiohttp.ClientSession
    clock: MovableClock = field(default_factory=MovableClock)

    def bot(self, token: str = TOKEN) -> BotClient:
        return BotClient(self.base, token, self.session)

    async def known_bot(self, token: str = TOKEN) -> BotClient:
        """A bot that has shown itself."""
        bot = self.bot(token)
        await bot.call("getMe")
        return bot

    async def get(self, path: str) -> Answer:
        async with self.session.get(self.base + path) as response:
            return await read(response)

    async def ask(self, path: str, **fields: object) -> Answer:
        """POST to the control interface, however it ends."""
        async with self.session.post(self.base + path, json=fields) as response:
            return await read(response)

    async def post(self, path: str, **fields: object) -> Json:
        """POST that must succeed; a field with an underscore at its end is named without it."""
        answer = await self.ask(path, **{name.rstrip("_"): value for name, value in fields.items()})
        assert answer.status == 200, answer.json
        shown: Json = answer.json
        return shown

    async def user(self, number: int = LENA, **fields: object) -> Json:
        return await self.post("/sim/users", **{"id": number, "first_name": "Lena"} | fields)

    async def says(self, text: str, person: int = LENA, bot: int = 42, **fields: object) -> Json:
        """A person writes to a bot; the update's id and the message."""
        return await self.post(f"/sim/chats/{bot}/messages", from_=person, text=text, **fields)

    async def chat(self, person: int = LENA, bot: int = 42) -> Json:
        """What a person sees."""
        answer = await self.get(f"/sim/chats/{bot}/{person}")
        assert answer.status == 200, answer.json
        shown: Json = answer.json
        return shown

    async def texts(self, person: int = LENA, bot: int = 42) -> list[str]:
        """The texts a person sees."""
        return [message["text"] for message in (await self.chat(person, bot))["messages"]]

    async def started(self, token: str = TOKEN, person: int = LENA) -> BotClient:
        """A bot to which a person has written, and which has taken the message."""
        bot = await self.known_bot(token)
        await self.user(person)
        await self.says("/start", person, bot.id)
        (update,) = await bot.updates()
        assert await bot.updates(offset=update["update_id"] + 1) == []
        return bot

    async def waiting_poll(self, bot: BotClient, **params: object) -> asyncio.Task[Answer]:
        """A long poll that has come in and waits. Moves the clock, or an older poll would be taken for it."""
        self.clock.advance(2.1)
        poll = bot.polling(**params)
        async with asyncio.timeout(WITHIN):
            while not (await self.get(f"/sim/bots/{bot.id}")).json["polling"]:
                continue
        return poll

    async def calls(self, **filters: object) -> list[Json]:
        """The calls that were answered."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        calls: list[Json] = (await self.get(f"/sim/calls?{query}")).json["calls"]
        return calls


async def read(response: aiohttp.ClientResponse) -> Answer:
    """An answer to its end."""
    body = await response.read()
    is_json = response.content_type == "application/json"
    return Answer(response.status, response.headers, body, await response.json() if is_json else None)


@asynccontextmanager
async def simulating(*, slows_spinning: bool = False) -> AsyncIterator[Simulator]:
    """A simulator for as long as a test needs it, on a clock the test moves."""
    clock = MovableClock()
    async with server.running(clock=clock, slows_spinning=slows_spinning) as base, aiohttp.ClientSession() as session:
        yield Simulator(base, session, clock)


def picture() -> bytes:
    """The smallest PNG."""
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    return head + b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"


@dataclass(slots=True)
class Received:
    """What a webhook got."""

    headers: Mapping[str, str]
    update: Json


class WebhookReceiver:
    """A bot's own server: answers what the test says, 200 for the rest, and remembers what came."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.answers: list[aiohttp.web.Response] = []
        self._came = asyncio.Event()

    async def take(self, request: aiohttp.web.Request) -> aiohttp.web.Response:
        self.received.append(Received(request.headers, await request.json()))
        self._came.set()
        return self.answers.pop(0) if self.answers else aiohttp.web.Response()

    async def until(self, count: int) -> list[Received]:
        """Wait until so many updates have come."""
        async with asyncio.timeout(WITHIN):
            while len(self.received) < count:
                self._came.clear()
                await self._came.wait()
        return self.received

    @property
    def texts(self) -> list[str]:
        """The texts that came, in order."""
        return [each.update["message"]["text"] for each in self.received]


@asynccontextmanager
async def receiving() -> AsyncIterator[WebhookReceiver]:
    """A webhook's server on a port of its own."""
    receiver = WebhookReceiver()
    app = aiohttp.web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = aiohttp.web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield receiver
    finally:
        await runner.cleanup()
