"""The real application on a real port, with a scripted model behind it, and people who talk to it."""

import asyncio
import contextvars
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

import aiohttp
import init_data_py
import pytest
import structlog
from init_data_py import UnsignedInitData, User
from litestar.handlers import HTTPRouteHandler

from parley import main
from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.features.characters.core import read_card
from parley.features.workers.service import ALIVE_FOR
from parley.kernel.ports import ChatModel, CompletionModel, Embedder
from parley.main import Parley
from parley.settings import Settings
from parley.shell.metrics import Metrics
from parley.shell.serving import Server, listening, server
from parley.world import World, together
from support.counting import in_background
from support.scripted_completions import ScriptedCompletions, ScriptedEmbedder
from support.scripted_model import ScriptedModel

BOT_TOKEN = "42:TEST"


class ShiftedClock(SystemClock):
    """The machine's clock, set ahead or back by the test. Durations are real."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass(slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.text)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The frames of an event stream."""
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ")]


class Socket:
    """A WebSocket as a device uses it."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection
        self.seen: list[dict[str, Any]] = []

    async def send(self, event: str, **data: object) -> None:
        """Send a client event."""
        await self.connection.send_json({"event": event, "data": data})

    async def next(self, within: float = 10.0) -> dict[str, Any]:
        """The next frame; fails the test if the socket closes instead."""
        message = await self.connection.receive(within)
        assert message.type is aiohttp.WSMsgType.TEXT, f"closed with {self.connection.close_code}"
        frame: dict[str, Any] = json.loads(message.data)
        self.seen.append(frame)
        return frame

    async def until(self, event: str) -> list[dict[str, Any]]:
        """Frames up to and including the next one of this event."""
        frames = [await self.next()]
        while frames[-1]["event"] != event:
            frames.append(await self.next())
        return frames

    async def closed(self, within: float = 10.0) -> int | None:
        """Wait for the close; its code."""
        while (await self.connection.receive(within)).type is aiohttp.WSMsgType.TEXT:
            continue
        return self.connection.close_code


@dataclass(slots=True)
class Someone:
    """A person with a valid initData."""

    session: aiohttp.ClientSession
    base_url: str
    init_data: str

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request as this person."""
        sent = {"Authorization": f"tma {self.init_data}", **(headers or {})}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        async with self.session.request(method, f"{self.base_url}{path}", data=data, headers=sent) as response:
            return Answer(response.status, response.headers, await response.text())

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET."""
        return await self.call("GET", path, headers=headers)

    async def post(self, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """POST."""
        return await self.call("POST", path, body, headers=headers)

    async def patch(self, path: str, body: object) -> Answer:
        """PATCH."""
        return await self.call("PATCH", path, body)

    async def delete(self, path: str) -> Answer:
        """DELETE."""
        return await self.call("DELETE", path)

    async def says(self, character: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a message over REST."""
        return await self.post(f"/api/chats/{character}/messages", {"message": text}, headers)

    async def history(self, character: int) -> list[dict[str, Any]]:
        """The newest hundred messages."""
        messages: list[dict[str, Any]] = (await self.get(f"/api/chats/{character}/messages?limit=100")).json["messages"]
        return messages

    @asynccontextmanager
    async def socket(self, character: int, after: int | None = None) -> AsyncIterator[Socket]:
        """A WebSocket to the chat."""
        query = {"initData": self.init_data} | ({} if after is None else {"after": str(after)})
        url = f"{self.base_url.replace('http', 'ws', 1)}/api/ws/chat/{character}"
        async with self.session.ws_connect(url, params=query) as connection:
            yield Socket(connection)


def card_of(name: str, **fields: Any) -> bytes:
    """A card as a file; ``fields`` of the card, and of its ``extensions.parley`` where Parley owns them."""
    own = {"access_type", "genre", "content_rating", "language", "is_active", "description_long"}
    data = {
        "name": name,
        "description": "",
        "first_mes": "Hello, {{user}}.",
        "system_prompt": "You are {{char}}.",
        "tags": [],
        "creator": "test",
        **{key: value for key, value in fields.items() if key not in own},
        "extensions": {"parley": {key: value for key, value in fields.items() if key in own}},
    }
    return json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}).encode()


@dataclass(slots=True)
class AppUnderTest:
    """The application, and what stands behind and before it."""

    parley: Parley
    clock: ShiftedClock
    model: ScriptedModel
    base_url: str
    session: aiohttp.ClientSession
    _characters: int = field(default=0)

    def person(self, number: int = 7, name: str = "Аня", language: str | None = "ru") -> Someone:
        """Somebody on Telegram."""
        user = User(id=number, first_name=name, language_code=language)
        signed = init_data_py.sign(
            UnsignedInitData(user=user, query_id="q"), BOT_TOKEN, auth_date=self.clock.now().timestamp()
        )
        return Someone(self.session, self.base_url, signed)

    async def character(self, name: str = "", **fields: Any) -> int:
        """A character; ``fields`` of the card, and of its ``extensions.parley`` where Parley owns them."""
        self._characters += 1
        card = card_of(name or f"Character {self._characters}", **fields)
        return (await self.parley.cards.put(read_card(card))).id

    async def grant_premium(self, someone: Someone, days: int = 30) -> None:
        """Give somebody a subscription, as an operator does."""
        person = await self.parley.services.identity.person(someone.init_data)
        await self.parley.services.limits.grant(person.id, days, "operator")

    async def another_process_died(self) -> None:
        """Let every running turn's process look dead, as after a kill -9."""
        self.clock.ahead += timedelta(milliseconds=ALIVE_FOR + 1)

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        db: OpenDatabase,
        *,
        model: ChatModel | None = None,
        completions: CompletionModel | None = None,
        embedder: Embedder | None = None,
        more: Sequence[HTTPRouteHandler] = (),
        **environment: str,
    ) -> AsyncIterator[Self]:
        """The application on a free port; settings as in the environment, without the prefix; ``more`` routes."""
        given = {f"PARLEY_{name.upper()}": value for name, value in environment.items()}
        settings = Settings.load({"PARLEY_BOT_TOKEN": BOT_TOKEN, "PARLEY_PORT": "0", **given})
        clock, scripted = ShiftedClock(), ScriptedModel()
        async with together(settings, clock, SystemChance()) as (bus, rates):
            world = World(
                db,
                clock,
                SystemChance(),
                bus,
                model or scripted,
                completions or ScriptedCompletions(),
                embedder or ScriptedEmbedder(),
                rates,
            )
            async with cls._serving(settings, world, clock, scripted, more) as app:
                yield app

    @classmethod
    @asynccontextmanager
    async def _serving(
        cls,
        settings: Settings,
        world: World,
        clock: ShiftedClock,
        scripted: ScriptedModel,
        more: Sequence[HTTPRouteHandler],
    ) -> AsyncIterator[Self]:
        parley = main.build(settings, world, Metrics.fresh(), more)
        listener = listening(settings)
        web = server(parley.edge, main.DRAIN_SECONDS)
        by_itself = contextvars.copy_context()
        by_itself.run(in_background.set, True)
        background = asyncio.create_task(parley.background.run(), context=by_itself)
        serving = asyncio.create_task(web.serve(sockets=[listener]))
        await web.is_up.wait()
        try:
            async with aiohttp.ClientSession() as session:
                yield cls(parley, clock, scripted, f"http://127.0.0.1:{listener.getsockname()[1]}", session)
        finally:
            parley.edge.is_draining = True
            await parley.services.turns.drain(0.5)
            await _ended(web, serving, background)


async def _ended(web: Server, *running: asyncio.Task[None]) -> None:
    """What the server does on its way out, without the pauses that would be a third of every test."""
    for each in web.servers:
        each.close()
    for connection in list(web.server_state.connections):
        connection.shutdown()
    if web.server_state.tasks:
        await asyncio.wait(web.server_state.tasks, timeout=2.0)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


@pytest.fixture(autouse=True)
def quiet_logs() -> None:
    """Log lines would only stand between a failure and its reader."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)


def _drop(_logger: object, _method: str, _event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    raise structlog.DropEvent


@pytest.fixture
async def app(db: OpenDatabase) -> AsyncIterator[AppUnderTest]:
    """The application without request rates, on both engines in turn."""
    async with AppUnderTest.running(db, rate_limits="off") as running:
        yield running


@pytest.fixture
async def sqlite_app(sqlite_db: OpenDatabase) -> AsyncIterator[AppUnderTest]:
    """The application without request rates, on SQLite: for what does not depend on the engine."""
    async with AppUnderTest.running(sqlite_db, rate_limits="off") as running:
        yield running
