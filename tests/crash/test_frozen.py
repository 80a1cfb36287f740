"""A process that stands still longer than its sign of life is good for, and then goes on as if nothing had been."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from support.process import ServerProcess, provider, serving
from support.storm.client import Client, Lost
from support.storm.expected import Line, line_of
from support.storm.inspection import inspect
from support.storm.storm import seeded, settings

pytestmark = pytest.mark.slow

TOKEN_SECONDS = 0.4
"""The reply takes some seconds, so that it can be caught half said."""
FINISHES_WITHIN = 8.0


@dataclass(slots=True)
class TwoServers:
    """Two processes on one database."""

    url: str
    character: int
    first: ServerProcess
    second: ServerProcess
    session: aiohttp.ClientSession

    def client(self, server: ServerProcess) -> Client:
        """The same person at either of them."""
        return Client(self.session, lambda: server.base_url, 1)


@pytest.fixture
async def servers(database_url: str, tmp_path: Path) -> AsyncIterator[TwoServers]:
    """Both are ready."""
    (character,) = await seeded(database_url, 1)
    with provider(delay=TOKEN_SECONDS) as model:
        environment = settings(database_url, model.base_url)
        async with (
            serving(environment, tmp_path / "first.log") as first,
            serving(environment, tmp_path / "second.log") as second,
            aiohttp.ClientSession() as session,
        ):
            yield TwoServers(database_url, character, first, second, session)


async def test_a_late_writer_cannot_write(servers: TwoServers) -> None:
    path, body = f"/api/chats/{servers.character}/messages", {"message": "Hello!"}
    saying = servers.client(servers.first).events(path, body, "key")
    async for frame in saying:
        if frame["event"] == "message.delta":
            break
    servers.first.freeze()
    try:
        user, reply = await _answered(servers.client(servers.second), path, body)
    finally:
        servers.first.thaw()
    with pytest.raises(Lost):
        await _end_of(saying)
    page = await servers.client(servers.second).call("GET", path)
    assert [line_of(each) for each in page["messages"]] == [user, reply]
    await inspect(servers.url, {1: 1})


async def _answered(client: Client, path: str, body: dict[str, str]) -> tuple[Line, Line]:
    """The same request at the other server: refused while the first is believed to live, then answered."""
    async with asyncio.timeout(30):
        while True:
            try:
                answer = await client.call("POST", path, body, "key")
            except Lost:
                await asyncio.sleep(0.1)
            else:
                return line_of(answer["user_message"]), line_of(answer["assistant_message"])


async def _end_of(stream: AsyncIterator[dict[str, object]]) -> None:
    """Read on; an `error` event says that the late turn came to nothing."""
    async with asyncio.timeout(FINISHES_WITHIN):
        async for frame in stream:
            assert frame["event"] != "message.complete", frame
            if frame["event"] == "error":
                raise Lost
