"""`parley demo`: the whole product on one machine, without accounts, keys or a network.

The demo signs real initData with a token of its own; the check of initData is the same as everywhere.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

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
from parley.catalogue import sample_cards
from parley.features.characters.service import Cards
from parley.kernel.errors import NotFound
from parley.kernel.openapi import about
from parley.kernel.ports import Chance, ModelFailed
from parley.settings import Settings, environment_of
from parley.shell import logs
from parley.shell.metrics import Metrics

DATABASE: Final = "sqlite:///data/demo.db"
_TOKEN_BOT: Final = "424242"  # noqa: S105  the number of a bot that does not exist
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_PERSON: Final = User(id=1001, first_name="Алекс", username="alex_demo", language_code="ru")

log = structlog.get_logger(__name__)
screen = Console(highlight=False)


def settings_for(environment: Mapping[str, str], chance: Chance) -> Settings:
    """The operator's settings, with the demo's own where they say nothing: a fresh token, a database of its own."""
    own = {
        "PARLEY_BOT_TOKEN": f"{_TOKEN_BOT}:{chance.token()}",
        "PARLEY_DATABASE_URL": DATABASE,
        "PARLEY_LOG_LEVEL": "WARNING",
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
    metrics = Metrics.fresh()
    async with main.connected(settings, metrics) as (world, model):
        parley = main.build(settings, world, metrics, routes(settings))
        await _seed(parley.cards)
        await _warm(model)
        listener = main.listening(settings)
        port = listener.getsockname()[1]
        await main.run(parley, listener, lambda: _welcome(settings, port))


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


def _welcome(settings: Settings, port: int) -> None:
    here = f"http://127.0.0.1:{port}"
    signed = init_data(settings, time.time())  # noqa: TID251  as Telegram's clock
    speaks = (
        f"Answers come from {settings.llm_model or 'your provider'}."
        if settings.llm_base_url
        else "Answers come from a tiny embedded model that knows English only.\n"
        "For better ones, Russian too, set PARLEY_LLM_BASE_URL, PARLEY_LLM_API_KEY and PARLEY_LLM_MODEL."
    )
    screen.print(Panel(f"Open [bold]{here}[/] and talk to somebody.\n\n{speaks}", title="Parley", expand=False))
    screen.print("\nThe API, signed in as the demo's person for a day:\n")
    screen.print(f"curl -H 'Authorization: tma {signed}' {here}/api/characters\n", soft_wrap=True, markup=False)
    screen.print("Ctrl+C ends it. Chats are kept in ./data.")
