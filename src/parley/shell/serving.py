"""The HTTP server: the socket it listens on, and uvicorn as the product needs it."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from parley.settings import SettingError, Settings
from parley.shell.connection import BoundedConnection
from parley.shell.edge import Edge
from parley.shell.sockets import LightSocket

_KEEP_ALIVE: Final = 30
"""Seconds an idle connection stays open."""
_PEER_SILENCE: Final = 60_000
"""Milliseconds."""


class Server(uvicorn.Server):
    """uvicorn without its own handling of signals: the way out is ours, and its exit code is 0."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


def server(edge: Edge, drain_seconds: float) -> Server:
    """The HTTP server. Idle sockets are many: no compression and the sans-I/O protocol keep each under 20 KiB."""
    return Server(
        uvicorn.Config(
            edge,
            loop="uvloop",
            http=BoundedConnection,
            ws=LightSocket,
            ws_per_message_deflate=False,
            ws_max_size=64 * 1024,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=int(drain_seconds) + 2,
        )
    )


def listening(settings: Settings) -> socket.socket:
    """The socket to accept on; raises SettingError if the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        where = f"{settings.host}, port {settings.port}"
        raise SettingError(f"cannot listen on PARLEY_HOST {where} (PARLEY_PORT): {reason}") from None
    # Head and body leave in two writes, and the second would wait 40 ms: asyncio sees to that only for sockets it made.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # A peer that takes nothing for this long is gone; accepted connections inherit it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PEER_SILENCE)
    return listener
