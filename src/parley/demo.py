"""`parley demo`: the whole product on one machine, without accounts, keys or a network.

The bot talks to a Telegram of its own, the simulator. Both sign real initData with the demo's token; the check of
initData is the same as everywhere.
"""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import init_data_py
import structlog
from init_data_py import UnsignedInitData, User
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from rich.console import Console
from rich.panel import Panel

from parley import main
from parley.adapters.chance import SystemChance
from parley.adapters.llm.build import ConnectedModel
from parley.adapters.llm.embedded import TRAITS, missing_packages
from parley.bot import telegram_bot
from parley.catalogue import sample_cards
from parley.features.characters.service import Cards
from parley.kernel.errors import NotFound
from parley.kernel.openapi import about
from parley.kernel.ports import Chance, ModelFailed
from parley.settings import TELEGRAM, SettingError, Settings, environment_of
from parley.shell import logs
from parley.shell.metrics import Metrics
from parley.shell.serving import listening
from parley.world import connected
from parley_simulator.server import running

DATABASE: Final = "sqlite:///data/demo.db"
_TOKEN_BOT: Final = "424242"  # noqa: S105  the number of a bot that does not exist
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_PERSON: Final = User(id=1001, first_name="Алекс", username="alex_demo", language_code="ru")
_OTHER_PERSON: Final = User(id=1002, first_name="Emma", username="emma_demo", language_code="en")

log = structlog.get_logger(__name__)
screen = Console(highlight=False)


def settings_for(environment: Mapping[str, str], chance: Chance) -> Settings:
    """The operator's settings, with the demo's own where they say nothing: a fresh token, a database of its own."""
    own = {
        "PARLEY_BOT_TOKEN": f"{_TOKEN_BOT}:{chance.token()}",
        "PARLEY_DATABASE_URL": DATABASE,
        "PARLEY_LOG_LEVEL": "ERROR",
    }
    return Settings.load({**own, **environment_of(environment, Path(".env"))})


def init_data(settings: Settings, now: float) -> str:
    """InitData of the demo's person, signed as Telegram would sign it."""
    unsigned = UnsignedInitData(user=_PERSON, query_id="demo")
    return init_data_py.sign(unsigned, settings.bot_token, auth_date=now)


def routes(settings: Settings) -> list[HTTPRouteHandler]:
    """`/demo/init-data`: what the page signs in with outside Telegram. Only the demo has it, only for this machine.

    `X-Parley-Model` names the embedded model where it answers, so that the page can tell its limits beforehand.
    """
    headers = {"Cache-Control": "no-store", **({} if settings.llm_base_url else {"X-Parley-Model": TRAITS.name})}

    @get(
        "/demo/init-data",
        opt=about("InitData of the demo's person", None, media="text/plain", is_public=True, errors=(NotFound,)),
        sync_to_thread=False,
    )
    def demo_init_data(request: Request[None, None, State]) -> Response[bytes]:
        if _host_of(request) not in _LOCAL:
            raise NotFound  # another name for this address is a page elsewhere trying to get in
        return Response(init_data(settings, time.time()).encode(), media_type="text/plain", headers=headers)  # noqa: TID251  as Telegram's clock

    return [demo_init_data] if settings.host in _LOCAL else []


def _host_of(request: Request[None, None, State]) -> str | None:
    """The name under which the browser calls this machine."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None


async def serve(environment: Mapping[str, str]) -> None:
    """Seed the sample catalogue and serve until a signal."""
    settings = settings_for(environment, SystemChance())
    logs.configure(settings.log_level)
    listener = listening(settings)
    port = listener.getsockname()[1]
    async with _telegram(settings) as telegram:
        settings = _at_home(settings, port, telegram)
        metrics = Metrics.fresh()
        async with connected(settings, metrics) as (world, model):
            parley = main.build(settings, world, metrics, routes(settings))
            await _seed(parley.cards)
            await _warm(model)
            async with telegram_bot(parley, settings, None, is_alone=False) as bot:
                await main.run(parley, listener, lambda: _welcome(settings, port, telegram), bot)


@asynccontextmanager
async def _telegram(settings: Settings) -> AsyncIterator[str]:
    """The simulator with the demo's people in it; where it is. It stays away if the operator names a Telegram."""
    if settings.telegram_api_url != TELEGRAM:
        yield ""
        return
    async with AsyncExitStack() as open_things:
        port = settings.port and settings.port + 1
        try:
            address = await open_things.enter_async_context(running("127.0.0.1", port))
        except (OSError, ValueError):
            raise SettingError(f"cannot listen on port {port} for the demo's Telegram (PARLEY_PORT + 1)") from None
        session = await open_things.enter_async_context(aiohttp.ClientSession())
        await _told(session, f"{address}/bot{settings.bot_token}/setMyName", {"name": "Parley"})
        for person in (_PERSON, _OTHER_PERSON):
            await _told(session, f"{address}/sim/users", _shown(person))
        yield address


async def _told(session: aiohttp.ClientSession, url: str, body: Mapping[str, object]) -> None:
    async with session.post(url, json=body) as answer:
        answer.raise_for_status()


def _shown(person: User) -> Mapping[str, object]:
    """A person as the simulator takes them."""
    return {name: getattr(person, name) for name in ("id", "first_name", "username", "language_code")}


def _at_home(settings: Settings, port: int, telegram: str) -> Settings:
    """The settings with what only this start knows: where Parley and its Telegram are."""
    if not telegram:
        return settings
    return replace(
        settings,
        telegram_api_url=telegram,
        public_url=settings.public_url or f"http://127.0.0.1:{port}",
        frame_ancestors=(*settings.frame_ancestors, telegram),
    )


async def _seed(cards: Cards) -> None:
    """Put the sample characters in once; a catalogue that has some stays as it is."""
    if await cards.listing():
        return
    with screen.status("Adding the sample characters…"):
        for card in sample_cards():
            await cards.put(card)


async def _warm(model: ConnectedModel) -> None:
    """Load the embedded model, so that the first reply does not wait for it."""
    if model.embedded is None:
        return
    missing = missing_packages()
    if missing:
        screen.print(f"[yellow]The embedded model cannot run: {', '.join(missing)} not installed (make setup).[/]")
        return
    try:
        with screen.status("Loading the embedded model…"):
            await model.warm()
    except ModelFailed as failure:
        screen.print(f"[yellow]The embedded model did not start ({failure.kind}). Chats will answer with an error.[/]")


def _welcome(settings: Settings, port: int, telegram: str) -> None:
    here = f"http://127.0.0.1:{port}"
    signed = init_data(settings, time.time())  # noqa: TID251  as Telegram's clock
    speaks = (
        f"Answers come from {settings.llm_model or 'your provider'}."
        if settings.llm_base_url
        else "Answers come from a tiny embedded model that knows English only.\n"
        "For better ones, Russian too, set PARLEY_LLM_BASE_URL, PARLEY_LLM_API_KEY and PARLEY_LLM_MODEL."
    )
    opens = f"Open [bold]{telegram or here}[/] and talk to somebody"
    if telegram:
        opens += f": a Telegram on this machine, with the bot and its app.\nThe app alone, with the same chats: {here}"
    screen.print(Panel(f"{opens}\n\n{speaks}", title="Parley", expand=False))
    screen.print("\nThe API, signed in as the demo's person for a day:\n")
    screen.print(f"curl -H 'Authorization: tma {signed}' {here}/api/characters\n", soft_wrap=True, markup=False)
    kept = " Chats are kept in ./data." if settings.database_url == DATABASE else ""
    screen.print(f"Ctrl+C ends it.{kept}")
