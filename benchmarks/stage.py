"""A server and a provider, each on its core, for one benchmark."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.machine import LOAD_CORE, SERVER_CORE
from benchmarks.wire import Connection, request
from support.process import ServerProcess, provider
from support.storm.client import init_data
from support.storm.storm import seeded, settings


@dataclass(frozen=True, slots=True)
class Stage:
    """What benchmarks act on. Characters 1… are free, of the sample catalogue."""

    server: ServerProcess
    provider_port: int

    def connection(self) -> Connection:
        """A new connection to the server."""
        return Connection(self.server.port)

    def socket_path(self, person: int) -> str:
        """Where that person opens a WebSocket to the first character."""
        return f"/api/ws/chat/1?initData={quote(init_data(person))}"

    def server_milliseconds(self, route: str, newest: int) -> list[float]:
        """The server's own times of the newest requests of a route, from its log."""
        entries = [entry for entry in self.server.entries() if entry.get("route") == route]
        return [float(str(entry["milliseconds"])) for entry in entries[-newest:]]


@contextmanager
def folder() -> Iterator[Path]:
    """For the database and the log of one benchmark."""
    with tempfile.TemporaryDirectory(prefix="parley-benchmark-") as name:
        yield Path(name)


def new_database(where: Path, characters: int = 1) -> str:
    """A migrated SQLite database with some of the sample characters; its address."""
    url = f"sqlite:///{where}/parley.db"
    asyncio.run(seeded(url, characters))
    return url


@contextmanager
def stage(where: Path, url: str, *, delay: float = 0.0, **more: str) -> Iterator[Stage]:
    """Server and provider, ready; ``more``: settings by their names in small letters."""
    with provider(delay=delay, cores=LOAD_CORE) as model:
        given = {f"PARLEY_{name.upper()}": value for name, value in more.items()}
        environment = {**settings(url, model.base_url), **given}
        server = ServerProcess(environment, where / "server.log", SERVER_CORE)
        try:
            asyncio.run(server.start())
            yield Stage(server, urlsplit(model.base_url).port or 0)
        finally:
            server.kill()


def say(person: int, character: int = 1, *, stream: bool = False) -> bytes:
    """The request that says something."""
    body = {"message": "Привет! Как прошёл твой день?"}
    return request("POST", f"/api/chats/{character}/messages", init_data(person), body, stream=stream)


def settle(seconds: float = 0.5) -> None:
    """Let what a start leaves behind run dry."""
    time.sleep(seconds)
