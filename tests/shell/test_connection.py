"""The bounds of one connection, with time in the test's hands."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

from parley.shell.connection import MOST_HEAD, WHOLE_WITHIN, BoundedConnection
from support.app import AppUnderTest
from support.raw_http import connect


class Timers:
    """The part of an event loop that a connection needs while it waits."""

    def __init__(self) -> None:
        self.waiting: list[Timer] = []

    def call_later(self, delay: float, call: Callable[[], None]) -> "Timer":
        timer = Timer(self, delay, call)
        self.waiting.append(timer)
        return timer

    def create_task(self, work: Any) -> Any:
        """Nothing here answers requests."""
        work.close()
        return asyncio.get_running_loop().create_future()


class Timer:
    def __init__(self, timers: Timers, delay: float, call: Callable[[], None]) -> None:
        self._timers, self.delay, self._call = timers, delay, call

    def cancel(self) -> None:
        self._timers.waiting.remove(self)

    def pass_by(self) -> None:
        """Let its time come."""
        self.cancel()
        self._call()


class Wire(asyncio.Transport):
    """A transport that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        """Nothing reads."""


async def nothing(scope: object, receive: object, send: object) -> None:
    """An application."""


class Connected:
    """A connection that has just been made."""

    def __init__(self) -> None:
        self.timers, self.wire = Timers(), Wire()
        config = uvicorn.Config(nothing, lifespan="off", log_config=None)
        loop = cast("asyncio.AbstractEventLoop", self.timers)
        self.connection = BoundedConnection(config=config, server_state=ServerState(), app_state={}, _loop=loop)
        self.connection.connection_made(self.wire)

    def receives(self, data: bytes) -> None:
        self.connection.data_received(data)

    @property
    def delays(self) -> list[float]:
        """What is waited for."""
        return [each.delay for each in self.timers.waiting]


@pytest.fixture
async def connected() -> Connected:
    return Connected()


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


async def test_a_connection_that_says_nothing_is_closed(connected: Connected) -> None:
    assert connected.delays == [WHOLE_WITHIN]
    connected.timers.waiting[0].pass_by()
    assert (connected.wire.is_closed, connected.wire.written) == (True, b"")


async def test_a_head_that_does_not_end_in_time_is_answered_and_closed(connected: Connected) -> None:
    connected.receives(HEAD[:10])
    connected.receives(HEAD[10:20])
    assert connected.delays == [WHOLE_WITHIN]
    connected.timers.waiting[0].pass_by()
    assert connected.wire.written.startswith(b"HTTP/1.1 408 ")
    assert connected.wire.is_closed


async def test_a_body_that_does_not_end_in_time_is_cut_off(connected: Connected) -> None:
    connected.receives(HEAD + b"abc")
    assert connected.delays == [WHOLE_WITHIN]
    connected.timers.waiting[0].pass_by()
    assert connected.wire.is_closed


async def test_a_whole_request_is_waited_for_no_longer(connected: Connected) -> None:
    connected.receives(HEAD + b"abcde")
    assert connected.delays == []
    assert not connected.wire.is_closed


async def test_each_request_of_a_connection_has_its_own_time_and_its_own_length(connected: Connected) -> None:
    long = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * (MOST_HEAD - 1000) + b"\r\n\r\n"
    for _ in range(3):
        connected.receives(long[:100])
        assert connected.delays == [WHOLE_WITHIN]
        connected.receives(long[100:])
        assert connected.delays == []
    assert b"431" not in connected.wire.written


async def test_a_head_that_grows_without_end_is_refused(connected: Connected) -> None:
    connected.receives(b"GET / HTTP/1.1\r\nX-Endless: ")
    for _ in range(MOST_HEAD // 1024):
        connected.receives(b"a" * 1024)
    assert connected.wire.written.startswith(b"HTTP/1.1 431 ")
    assert connected.wire.is_closed


async def test_a_connection_that_ends_leaves_nothing_to_wait_for(connected: Connected) -> None:
    connected.receives(HEAD[:10])
    connected.connection.connection_lost(ConnectionResetError())
    assert connected.delays == []


async def test_a_socket_may_be_idle(sqlite_app: AppUnderTest) -> None:
    kira = await sqlite_app.character("Кира")
    async with sqlite_app.person().socket(kira) as socket:
        await socket.send("ping")
        assert (await socket.next())["event"] == "pong"


async def test_an_idle_connection_is_kept_for_the_next_request(sqlite_app: AppUnderTest) -> None:
    reader, writer = await connect(sqlite_app)
    for _ in range(2):
        writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200 OK")
    writer.close()
