"""The composition root: settings → adapters → services → the server. The one file that knows every class."""

import asyncio
import signal
import socket
import zoneinfo
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol, cast

import structlog
from aiohttp import ClientSession
from litestar.handlers import HTTPRouteHandler

from parley.adapters.bus.local import LocalBus
from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database
from parley.adapters.embed.embedded import EmbeddedEmbedder
from parley.adapters.llm.build import ConnectedModel, ProviderSettings, connect_embeddings, connect_model
from parley.adapters.llm.nobody import Nobody
from parley.adapters.llm.openai import provider_session
from parley.adapters.search.index import TantivyCharacterIndex
from parley.features.characters.core import Character
from parley.features.characters.service import Cards, CatalogueVersion, Characters
from parley.features.chats.jobs import CatchUp
from parley.features.chats.service import Chats
from parley.features.completions.service import Completions
from parley.features.idempotency.service import Idempotency
from parley.features.identity.core import Person
from parley.features.identity.service import Identity, KeyAccounts, KeyRing, ServiceKeys
from parley.features.limits.core import SlidingWindow
from parley.features.limits.service import Limits, Rates
from parley.features.memories.service import Memories
from parley.features.scenes.service import Scenes
from parley.features.turns.api.websocket import ChatSocket
from parley.features.turns.service.closing import Closing
from parley.features.turns.service.opening import Opening
from parley.features.turns.service.recovery import Recovery
from parley.features.turns.service.turns import Turns
from parley.features.versions.service import Versions
from parley.features.workers.service import Workers
from parley.kernel.errors import CharacterNotFound, ServiceUnavailable, Unauthorized
from parley.kernel.ids import CharacterId
from parley.kernel.ports import Bus, Chance, ChatModel, Clock, CompletionModel, Embedder, RateWindow
from parley.kernel.wire import path_id
from parley.settings import SettingError, Settings
from parley.shell import http, openapi, operations, pages
from parley.shell.background import Background, spare_the_collector
from parley.shell.edge import AsgiApp, Edge, ServiceDoor
from parley.shell.http import Services
from parley.shell.metrics import Metrics
from parley.shell.serving import Server, listening, server

DRAIN_SECONDS: Final = 10.0
"""How long running turns may go on after SIGTERM; the whole exit takes under 15 s (contract §7)."""
DELIVERY_SECONDS: Final = 2.0
"""How long their replies may take to reach Telegram then."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class World:
    """The doors to the outside: what tests replace."""

    db: OpenDatabase
    clock: Clock
    chance: Chance
    bus: Bus
    model: ChatModel
    shared_rates: RateWindow | None = None
    """Where several processes count requests as one."""
    completions: CompletionModel = field(default_factory=Nobody)
    """The same model for other services."""
    embedder: Embedder = field(default_factory=Nobody)


@dataclass(frozen=True, slots=True)
class Parley:
    """Everything, put together."""

    world: World
    services: Services
    cards: Cards
    keys: ServiceKeys
    workers: Workers
    background: Background
    edge: Edge

    async def drain(self, beside: "Beside | None" = None) -> None:
        """End in order: no new turns, the running ones finish, this process leaves the list of the living."""
        self.edge.is_draining = True
        await self.services.turns.drain(DRAIN_SECONDS)
        if beside is not None:
            await beside.end(DELIVERY_SECONDS)
        await self.workers.leave()

    async def settle_accounts(self) -> None:
        """Write down the last of what was asked with service keys, once nothing is asked any more."""
        with suppress(ServiceUnavailable):
            await self.edge.service_door.accounts.write()


@dataclass(frozen=True, slots=True)
class _Door:
    """Who may enter a socket."""

    services: Services

    async def person(self, init_data: str) -> Person:
        return await self.services.identity.person(init_data)

    async def again(self, person: Person) -> Person:
        now = await self.services.identity.by_telegram_id(person.telegram.id)
        if now is None or now.id != person.id:
            raise Unauthorized
        return now

    async def talk_to(self, person: Person, character: str) -> Character:
        wanted = CharacterId(path_id(character, CharacterNotFound()))
        found = await self.services.characters.visible(http.viewer_of(person), wanted)
        if found.access_type == "premium":
            async with self.services.limits.db.read() as tx:
                await self.services.limits.require_subscription(tx, person.id)
        return found


def build(settings: Settings, world: World, metrics: Metrics, more: Sequence[HTTPRouteHandler] = ()) -> Parley:
    """Put everything together; nothing is started. ``more``: routes beside the product's own, such as the demo's."""
    db, clock, chance, bus = world.db, world.clock, world.chance, world.bus
    workers = Workers(db, clock, chance.token())
    signed_for = timedelta(seconds=settings.init_data_ttl)
    identity = Identity(db, clock, settings.require_bot_token(), signed_for, settings.default_timezone)
    limits = Limits(db, clock, settings.daily_message_limit)
    rates = Rates(SlidingWindow(), clock, settings.rate_limits, world.shared_rates)
    version = CatalogueVersion()
    characters = Characters(db, clock, TantivyCharacterIndex(), version)
    chats = Chats(db, bus, clock)
    memories = Memories(db, clock)
    idempotency = Idempotency(db, clock, workers)
    opening = Opening(db, clock, chance, workers, chats, memories, limits, characters, idempotency)
    closing = Closing(db, clock, chats, limits, characters, idempotency)
    turns = Turns(db, bus, clock, world.model, chats, idempotency, opening, closing)
    recovery = Recovery(db, clock, bus, closing)
    scenes = Scenes(chats, memories)
    door = _service_door(settings, world)
    completions = Completions(world.completions, world.embedder, characters, door.accounts, clock, chance)
    services = Services(identity, limits, characters, chats, memories, scenes, turns, idempotency, completions)
    caches = (characters, limits, idempotency, door.keys, door.accounts)
    background = Background(Versions(db), clock, workers, recovery, turns, *caches, CatchUp(db, bus), metrics)
    edge = _edge(settings, world, services, rates, door, metrics, more)
    return Parley(world, services, Cards(db, clock, version), ServiceKeys(db, clock, chance), workers, background, edge)


def _service_door(settings: Settings, world: World) -> ServiceDoor:
    """How other services come in. Their rate is a setting of its own, whatever is said of people's."""
    rates = Rates(SlidingWindow(), world.clock, is_on=True, shared=world.shared_rates)
    keys = KeyRing(world.db, settings.api_keys)
    return ServiceDoor(keys, rates, settings.api_key_rate, KeyAccounts(world.db, world.clock))


def _edge(
    settings: Settings,
    world: World,
    services: Services,
    rates: Rates,
    door: ServiceDoor,
    metrics: Metrics,
    more: Sequence[HTTPRouteHandler],
) -> Edge:
    """The ASGI application, the outermost layer around the routes."""
    document: list[bytes] = []

    def schema() -> bytes:
        if not document:
            document.append(openapi.document(app))
        return document[0]

    own = operations.routes(world.db, metrics, lambda: edge.is_draining, schema)
    app = http.build(services, [*own, *pages.routes(settings.frame_ancestors), *more])
    sockets = ChatSocket(_Door(services), services.turns, services.chats, rates)
    edge = Edge(cast("AsgiApp", app), services.identity, rates, door, sockets, world.chance, metrics)
    return edge


# --- running it ------------------------------------------------------------------------------------


def providers(settings: Settings) -> list[ProviderSettings]:
    """The primary provider and its fallbacks, in order; without an address it is the embedded model."""
    context, reply = settings.llm_context_tokens, settings.llm_reply_tokens
    primary = ProviderSettings(settings.llm_base_url, settings.llm_api_key, settings.llm_model, context, reply)
    return [
        primary,
        *(ProviderSettings(each.base_url, each.api_key, each.model, context, reply) for each in settings.llm_fallbacks),
    ]


@asynccontextmanager
async def connected(settings: Settings, metrics: Metrics) -> AsyncIterator[tuple[World, ConnectedModel]]:
    """The adapters for these settings, closed in the end."""
    zoneinfo.reset_tzpath(to=())  # the copy from PyPI: the system's is often years old
    clock, chance = SystemClock(), SystemChance()
    db = await open_database(settings.database_url, clock)
    try:
        async with provider_session() as session:
            model = connect_model(providers(settings), session, clock, chance, metrics)
            try:
                async with (
                    together(settings, clock, chance) as (bus, rates),
                    embedding(settings, session, clock, chance) as embedder,
                ):
                    more = model.completions
                    yield World(db, clock, chance, bus, model.model, rates, completions=more, embedder=embedder), model
            finally:
                await model.close()
    finally:
        await db.close()


@asynccontextmanager
async def embedding(
    settings: Settings, session: ClientSession, clock: Clock, chance: Chance
) -> AsyncIterator[Embedder]:
    """The provider of embeddings, or the model inside the package, which starts when it is first asked."""
    if settings.embeddings_base_url:
        provider = ProviderSettings(
            settings.embeddings_base_url, settings.embeddings_api_key, settings.embeddings_model
        )
        yield connect_embeddings(provider, session, clock, chance)
        return
    embedder = EmbeddedEmbedder()
    try:
        yield embedder
    finally:
        await embedder.close()


@asynccontextmanager
async def together(settings: Settings, clock: Clock, chance: Chance) -> AsyncIterator[tuple[Bus, RateWindow | None]]:
    """What makes several processes act as one. The server of PARLEY_REDIS_URL may be away, also at the start."""
    if not settings.redis_url:
        yield LocalBus(), None
        return
    # The client costs 6 MiB and 0.3 s, so only those pay who use it.
    from parley.adapters.bus.redis import open_redis_bus  # noqa: PLC0415  see above
    from parley.adapters.rates.redis import RedisRateWindow  # noqa: PLC0415  see above
    from parley.adapters.redis import RedisUrlMalformed, namespace, open_redis  # noqa: PLC0415  see above

    try:
        client = open_redis(settings.redis_url)
    except RedisUrlMalformed:
        raise SettingError("PARLEY_REDIS_URL is malformed") from None
    try:
        # Several installations may share a server; the number before the colon of a bot's token is no secret.
        name = namespace(client, settings.bot_token.partition(":")[0])
        async with open_redis_bus(client, name, clock, chance) as bus:
            yield bus, RedisRateWindow(client, name, clock)
    finally:
        await client.aclose()


async def serve(settings: Settings) -> None:
    """Run API, WebSocket and pages until SIGTERM or SIGINT."""
    metrics = Metrics.fresh()
    async with connected(settings, metrics) as (world, _):
        await run(build(settings, world, metrics), listening(settings))


class Beside(Protocol):
    """Something that runs beside the server, such as the bot."""

    async def run(self) -> None:
        """Run until cancelled; an error ends the whole process."""
        ...

    async def end(self, seconds: float) -> None:
        """Finish what is in hand, within so many seconds."""
        ...


async def run(
    parley: Parley,
    listener: socket.socket | None,
    ready: Callable[[], None] = lambda: None,
    beside: Beside | None = None,
) -> None:
    """Run until a signal, then drain: sockets are told to resume, running turns finish. ``listener``: None, no HTTP."""
    web = server(parley.edge, DRAIN_SECONDS)
    ending = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, ending.set)
    background = asyncio.create_task(parley.background.run())  # to the end: running turns live by its signs of life
    incoming: list[asyncio.Task[None]] = []
    serving = None
    if listener is not None:
        serving = asyncio.create_task(web.serve(sockets=[listener]))
        incoming.append(asyncio.create_task(_announce(web, listener, ready)))
    if beside is not None:
        incoming.append(asyncio.create_task(beside.run()))
    tasks = [background, *incoming]
    try:
        await _until_one_ends(ending, serving, tasks)
        log.info("draining")
        parley.edge.is_draining = True
        web.should_exit = True
        for task in incoming:
            task.cancel()
        await asyncio.gather(parley.drain(beside), *([serving] if serving else ()))
        await parley.settle_accounts()
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def _until_one_ends(
    ending: asyncio.Event, serving: asyncio.Task[None] | None, tasks: Sequence[asyncio.Task[None]]
) -> None:
    """Wait for a signal, or for something to break that all the rest needs."""
    asked = asyncio.create_task(ending.wait())
    running: set[asyncio.Task[Any]] = {asked, *tasks, *([serving] if serving else ())}
    try:
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            if asked in done or serving in done or any(task.exception() for task in done):
                return
    finally:
        asked.cancel()


async def _announce(web: Server, listener: socket.socket, ready: Callable[[], None]) -> None:
    await web.is_up.wait()
    spare_the_collector()
    host, port = listener.getsockname()[:2]
    log.info("serving", host=host, port=port)
    ready()
