"""The composition root: adapters → services → the server. Where the adapters come from is `world`'s story."""

import asyncio
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol, cast

import structlog
from litestar.handlers import HTTPRouteHandler

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
from parley.kernel.wire import path_id
from parley.settings import Settings
from parley.shell import http, openapi, operations, pages
from parley.shell.background import Background, spare_the_collector
from parley.shell.edge import AsgiApp, Edge, ServiceDoor
from parley.shell.http import Services
from parley.shell.metrics import Metrics
from parley.shell.serving import Server, listening, server
from parley.world import World, connected

DRAIN_SECONDS: Final = 10.0
"""How long running turns may go on after SIGTERM; the whole exit takes under 15 s (contract §7)."""
DELIVERY_SECONDS: Final = 2.0
"""How long their replies may take to reach Telegram then."""

log = structlog.get_logger(__name__)


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
        limits = self.services.limits
        async with limits.db.read() as tx:
            await limits.require_access(tx, person.id, found.access_type)
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
