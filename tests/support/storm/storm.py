"""The storm: people talk, the server is killed at chance moments and started again, and in each calm all is counted.

One seed settles what people do and how long each disturbance lets the server live; which instruction it hits is the
machine's chance.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.catalogue import sample_cards
from parley.features.characters.service import Cards
from support.process import NotStarted, ServerProcess, provider
from support.storm.client import BOT_TOKEN, Client, Json
from support.storm.inspection import inspect
from support.storm.talker import Talker
from support.storm.watcher import Watcher, replayed

FREE_WITHIN: Final = 10.0
"""Seconds after a restart in which every chat is free again (contract §7)."""
_LAST_ACT: Final = 10.0
"""Seconds that finishing the act under way may take then, on a machine that has other work."""
TOKEN_SECONDS: Final = 0.01
"""Between two tokens of the provider: long enough that a kill often meets a reply half said."""
_LONGEST_LIFE: Final = 1.5
_STILLBORN: Final = 0.15
"""How many of the starts are killed before they can be ready."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it gets."""

    seed: int
    storms: int = 2
    """Each ends in a calm in which everything is held against what was acknowledged."""
    kills: int = 4
    """In each storm."""
    people: int = 3
    chats: int = 2
    """Of each person."""


@dataclass(slots=True)
class Report:
    """What it came through."""

    seed: int
    kills: int = 0
    database_crashes: int = 0
    acts: "Counter[str]" = field(default_factory=Counter)
    retries: int = 0
    longest_recovery: float = 0.0
    """Seconds from the last restart of a storm until every act under way was answered."""


@dataclass(slots=True)
class Storm:
    """One run against one database."""

    url: str
    folder: Path
    weather: Weather
    crash_database: Callable[[], Awaitable[None]] | None = None
    """Ends and restarts the database server, where there is one."""
    report: Report = field(init=False)
    _chance: random.Random = field(init=False)
    _may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    _resting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    _talkers: list[Talker] = field(default_factory=list)
    _watchers: list[Watcher] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.report = Report(self.weather.seed)
        self._chance = random.Random(self.weather.seed)

    async def run(self) -> Report:
        """Come through all storms; an AssertionError tells what was lost, doubled or stuck."""
        characters = await seeded(self.url, self.weather.chats)
        with provider(delay=TOKEN_SECONDS) as model:
            server = ServerProcess(settings(self.url, model.base_url), self.folder / "server.log")
            try:
                await server.start()
                async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
                    self._people(session, server, characters)
                    await self._come_through(server)
            finally:
                server.kill()
        return self.report

    def _people(self, session: aiohttp.ClientSession, server: ServerProcess, characters: Sequence[int]) -> None:
        for person in range(1, self.weather.people + 1):
            client = Client(session, lambda: server.base_url, person)
            for character in characters:
                chance = random.Random(f"{self.weather.seed} {person} {character}")
                self._talkers.append(Talker(client, character, chance))
                self._watchers.append(Watcher(client, character))

    async def _come_through(self, server: ServerProcess) -> None:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(talker.talk(self._may_go_on, self._resting)) for talker in self._talkers]
            running += [tasks.create_task(watcher.watch()) for watcher in self._watchers]
            for _ in range(self.weather.storms):
                await self._rage(server)
                await self._calm(server)
            for task in running:
                task.cancel()
        for talker in self._talkers:
            self.report.acts.update(talker.acts)
            self.report.retries += talker.retries
        self._require_no_faults(server)

    async def _rage(self, server: ServerProcess) -> None:
        """Let people act and kill the server under them, again and again. It is running and ready in the end."""
        self._may_go_on.set()
        for number in range(self.weather.kills):
            await self._live_a_while(server)
            if self.crash_database is not None and number % 3 == 1:
                await self.crash_database()
                self.report.database_crashes += 1
                await self._live_a_while(server)
            server.kill()
            self.report.kills += 1
            server.spawn()
        await self._started(server)

    async def _live_a_while(self, server: ServerProcess) -> None:
        if self._chance.random() < _STILLBORN:
            await asyncio.sleep(self._chance.uniform(0, 0.5))
            return
        await self._started(server)
        await asyncio.sleep(self._chance.uniform(0.02, _LONGEST_LIFE))

    async def _started(self, server: ServerProcess) -> None:
        try:
            await server.serving()
        except NotStarted:
            if self.crash_database is None:
                raise
            server.spawn()  # the database was away; whoever watches over the server starts it again
            await server.serving()
        await server.ready()

    async def _calm(self, server: ServerProcess) -> None:
        """Wait until everybody has their answer, then count."""
        self._may_go_on.clear()
        began = time.monotonic()
        try:
            async with asyncio.timeout(FREE_WITHIN + _LAST_ACT):
                for _ in self._talkers:
                    await self._resting.acquire()
        except TimeoutError:
            stuck = [talker.doing for talker in self._talkers if talker.doing]
            raise AssertionError(f"still not done long after the restart: {stuck}") from None
        self.report.longest_recovery = max(self.report.longest_recovery, time.monotonic() - began)
        answered = self._answered()
        await inspect(self.url, answered)
        for talker, watcher in zip(self._talkers, self._watchers, strict=True):
            await talker.check()
            await _check_events(talker, watcher)
            used = (await talker.client.call("GET", "/api/users/limits"))["messages_limit"]["used"]
            assert used == answered[talker.client.telegram_id], (used, answered)
        self._require_no_faults(server)

    def _answered(self) -> dict[int, int]:
        answered: Counter[int] = Counter()
        for talker in self._talkers:
            answered[talker.client.telegram_id] += talker.expected.answered
        return answered

    def _require_no_faults(self, server: ServerProcess) -> None:
        faults = [entry for entry in server.entries() if entry.get("event") in {"fault", "turn_broke"}]
        assert not faults, faults[:3]


async def _check_events(talker: Talker, watcher: Watcher) -> None:
    """The one who watched all along and one who comes now both have what a fresh read gives."""
    history, newest = await _history(talker)
    await watcher.check(history, newest)
    late = await replayed(talker.client, talker.character, newest)
    await late.check(history, newest)


async def _history(talker: Talker) -> tuple[Json, int]:
    client = talker.client
    url = f"{client.address()}{talker.chat}/messages?limit=100"
    async with client.session.get(url, headers=client.headers()) as answer:
        page: Json = await answer.json()
        return page, int(answer.headers["X-Chat-Seq"])


async def seeded(url: str, characters: int) -> list[int]:
    """A migrated database with some characters that anybody may talk to; their ids."""
    db = await open_database(url, SystemClock())
    try:
        cards = [card for card in sample_cards() if card.access_type == "free" and card.content_rating == "sfw"]
        return [(await Cards(db, SystemClock()).put(card)).id for card in cards[:characters]]
    finally:
        await db.close()


def settings(url: str, provider_url: str) -> Mapping[str, str]:
    """A server without request rates, of which nobody runs out of units."""
    return {
        "PARLEY_BOT_TOKEN": BOT_TOKEN,
        "PARLEY_DATABASE_URL": url,
        "PARLEY_LLM_BASE_URL": provider_url,
        "PARLEY_LLM_MODEL": "fake-model",
        "PARLEY_RATE_LIMITS": "off",
        "PARLEY_DAILY_MESSAGE_LIMIT": "1000000",
    }
