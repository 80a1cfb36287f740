"""The server: everything on one address of this machine."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from parley_simulator.asking import is_loopback, plainly
from parley_simulator.bot_api.decoding import PLAIN_BYTES
from parley_simulator.bot_api.execution import obey
from parley_simulator.bot_api.http import BotApi
from parley_simulator.clock import Clock
from parley_simulator.control import Control
from parley_simulator.web_client import WebClient
from parley_simulator.world import World

HOST: Final = "127.0.0.1"
_HIGHEST_PORT: Final = 65_535
_LONGEST_GOODBYE: Final = 1.0
_WAITING: Final = 1024
"""Connections that may wait to be taken."""


@asynccontextmanager
async def running(
    host: str = HOST, port: int = 0, *, clock: Clock | None = None, slows_spinning: bool = False
) -> AsyncIterator[str]:
    """The server on an address of this machine, 0 being any free port; yields its URL. Raises OSError, ValueError.

    ``slows_spinning`` turns on the delays by which Telegram slows bots that ask for updates too often.
    """
    if not 0 <= port <= _HIGHEST_PORT:
        raise ValueError(f"a port is a number from 0 to {_HIGHEST_PORT}")
    if not is_loopback(host):
        raise ValueError(f"the simulator listens on this machine alone, and {host} is not its own address")
    world = World(clock or Clock(), obey)
    # Whoever hangs up must not wait for updates any longer, so handlers are told.
    runner = web.AppRunner(
        application(world, slows_spinning=slows_spinning),
        access_log=None,  # the token is part of the address
        handler_cancellation=True,
        shutdown_timeout=_LONGEST_GOODBYE,
    )
    await runner.setup()
    try:
        listening = await _listening(host, port)
        await web.SockSite(runner, listening, backlog=_WAITING).start()
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listening.getsockname()[1]}"
    finally:
        await world.close()
        await runner.cleanup()


def application(world: World, *, slows_spinning: bool = False) -> web.Application:
    """The routes over a world."""
    app = web.Application(middlewares=[plainly], client_max_size=PLAIN_BYTES)
    bot_api = BotApi(world, slows_spinning=slows_spinning)
    app.router.add_routes(
        [
            web.route("*", "/bot{call:.*}", bot_api.called),
            web.get("/file/{file:.*}", bot_api.file),
            *Control(world).routes(),
            *WebClient(world).routes(),
        ]
    )
    return app


def serve(
    host: str = HOST, port: int = 0, *, slows_spinning: bool = False, ready: Callable[[str], None] = lambda _: None
) -> None:
    """Run until SIGTERM or SIGINT; ``ready`` gets the URL. Raises OSError, ValueError."""
    asyncio.run(_serve(host, port, slows_spinning=slows_spinning, ready=ready))


async def _serve(host: str, port: int, *, slows_spinning: bool, ready: Callable[[str], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(host, port, slows_spinning=slows_spinning) as address:
        ready(address)
        await stopped.wait()


async def _listening(host: str, port: int) -> socket.socket:
    (family, kind, protocol, _, address), *_others = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    )
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening
