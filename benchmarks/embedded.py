"""The model that comes with Parley: how soon and how fast it speaks, and whether others wait meanwhile."""

import asyncio
import statistics
import threading
import time
from collections.abc import Iterator

from benchmarks.figures import Figure, percentile
from benchmarks.machine import LOAD_CORE, SERVER_CORE
from benchmarks.scale import Scale
from benchmarks.stage import folder, new_database, settle
from benchmarks.wire import Connection, request
from support.process import ServerProcess
from support.storm.client import init_data
from support.storm.storm import settings

_DELTA = b"event: message.delta"
_LAG = 10.0
"""Milliseconds by which another's request may be late while the model speaks."""


def run(scale: Scale) -> Iterator[Figure]:
    """Its process may take any core, as in life; so the server is not pinned."""
    with folder() as where:
        environment = {**settings(new_database(where), ""), "PARLEY_LLM_MODEL": ""}
        server = ServerProcess(environment, where / "server.log", SERVER_CORE | LOAD_CORE)
        try:
            asyncio.run(server.start())
            settle(2)
            yield from _measured(server, scale)
            asyncio.run(server.stop())
        finally:
            server.kill()


def _measured(server: ServerProcess, scale: Scale) -> Iterator[Figure]:
    said = request("POST", "/api/chats/1/messages", init_data(1), {"message": "Tell me of your day."}, stream=True)
    with Connection(server.port) as connection:
        cold = _speak(connection, said)[0]
        lags = _Lags(server.port)
        lags.start()
        spoken = [_speak(connection, said) for _ in range(scale.of(6, 2))]
        late = lags.end()
    rates = [tokens / seconds for _, tokens, seconds in spoken if seconds]
    yield Figure("embedded model: first text, cold", cold, "s", 1)
    yield Figure(
        "embedded model: first text, warm", statistics.median(first for first, _, _ in spoken), "s", len(spoken)
    )
    yield Figure("embedded model: speed", statistics.median(rates), "tokens/s", len(rates), bound="at least")
    name = "another's request while it speaks: p99"
    yield Figure(name, percentile(late, 99), "ms", len(late), _LAG, detail={"max": max(late)})


def _speak(connection: Connection, said: bytes) -> tuple[float, int, float]:
    """Seconds to the first text, tokens in all, seconds from the first text to the last."""
    began = time.perf_counter()
    connection.peer.sendall(said)
    received, first = bytearray(), 0.0
    while not received.endswith(b"\r\n0\r\n\r\n"):
        received += connection.peer.recv(65536)
        if not first and _DELTA in received:
            first = time.perf_counter()
    tokens = int(received.rpartition(b'"tokens_used":')[2].partition(b"}")[0])
    return first - began, tokens, time.perf_counter() - first


class _Lags(threading.Thread):
    """Asks the server something simple again and again."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._is_over = threading.Event()
        self._times: list[float] = []

    def run(self) -> None:
        """Ask until told to end."""
        asked = request("GET", "/livez")
        with Connection(self._port) as connection:
            while not self._is_over.wait(0.02):
                self._times.append(connection.exchange(asked)[0] * 1000)

    def end(self) -> list[float]:
        """Milliseconds of each answer."""
        self._is_over.set()
        self.join()
        return self._times
