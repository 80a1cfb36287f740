"""The OpenAI-compatible API: what passing a request on adds, whole and to the first text, and how many a second pass.

`measure` runs against any such API, so that peers can be put beside Parley with the same provider behind them.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlsplit

import uvloop

from benchmarks.figures import Figure, percentile, summary
from benchmarks.machine import cpu_seconds
from benchmarks.scale import Scale
from benchmarks.stage import Stage, folder, new_database, settle, stage
from benchmarks.wire import Connection, is_whole

CLIENTS: Final = 16
ADDED_P50, ADDED_P99 = 2.0, 8.0
REQUESTS_A_SECOND = 1_500.0
FIRST_TOKEN = 3.0
KEY: Final = "benchmark-key"
_RATE: Final = "1000000"
"""Requests a minute: counted, never reached."""
_MESSAGES: Final = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Привет!"}]
_FIRST_PIECE: Final = '"content":"Привет'.encode()


def chat(base_url: str, key: str, model: str, headers: Mapping[str, str] | None = None, *, stream: bool) -> bytes:
    """A whole request for a completion; ``base_url`` includes ``/v1``."""
    where = urlsplit(base_url)
    data = json.dumps({"model": model, "messages": _MESSAGES, **({"stream": True} if stream else {})}).encode()
    lines = [
        f"POST {where.path.rstrip('/')}/chat/completions HTTP/1.1",
        f"Host: {where.netloc}",
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(data)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


# --- closed-loop clients against any API -------------------------------------------------------------


@dataclass(slots=True)
class Measured:
    """What clients saw that ask again as soon as they are answered."""

    seconds: float
    """How long they asked."""
    times: list[float] = field(default_factory=list)
    """Of each request, from the first byte out to the last byte in."""
    failures: int = 0

    @property
    def rate(self) -> float:
        """Requests answered well in a second."""
        return len(self.times) / self.seconds


async def measure(
    base_url: str,
    key: str,
    model: str,
    *,
    clients: int = CLIENTS,
    seconds: float = 3.0,
    headers: Mapping[str, str] | None = None,
) -> Measured:
    """Let clients ask the API at ``base_url`` (``/v1`` included) for so long, each over a connection of its own."""
    loop = asyncio.get_running_loop()
    where = urlsplit(base_url)
    asking = _Asking(chat(base_url, key, model, headers, stream=False), loop.time() + seconds, clients)
    began = loop.time()
    for _ in range(clients):
        await loop.create_connection(lambda: _Client(asking), where.hostname or "", where.port or 80)
    await asking.is_over.wait()
    asking.measured.seconds = loop.time() - began
    return asking.measured


@dataclass(slots=True)
class _Asking:
    """What the clients share."""

    asked: bytes
    until: float
    clients: int
    measured: Measured = field(default_factory=lambda: Measured(0.0))
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


class _Client(asyncio.Protocol):
    """Asks the same again as soon as it is answered."""

    def __init__(self, asking: _Asking) -> None:
        self._asking = asking
        self._received = bytearray()
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but ancestry
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not is_whole(self._received):
            return
        self._note(time.perf_counter() - self._began)
        self._received.clear()
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        self._asking.clients -= 1
        if not self._asking.clients:
            self._asking.is_over.set()

    def _note(self, took: float) -> None:
        measured = self._asking.measured
        if not self._received.startswith(b"HTTP/1.1 200"):
            measured.failures += 1
            return
        measured.times.append(took)

    def _ask(self) -> None:
        if asyncio.get_running_loop().time() >= self._asking.until:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(self._asking.asked)


# --- Parley ------------------------------------------------------------------------------------------


def run(scale: Scale) -> Iterator[Figure]:
    """Measure with keys and rates on: added time, requests a second, first tokens."""
    with folder() as where, stage(where, new_database(where), api_keys=KEY, api_key_rate=_RATE) as at:
        yield from _whole(at, scale)
        yield _rate(at, scale)
        yield _first_token(at, scale)


def _base(at: Stage) -> str:
    return f"http://127.0.0.1:{at.server.port}/v1"


def _pairs(at: Stage, scale: Scale, ask: Callable[[Connection, bytes], float], *, stream: bool) -> list[list[float]]:
    """Rounds of what Parley added, in milliseconds: the provider alone and through Parley, in an order of chance."""
    chance = random.Random(1)
    alone = chat(f"http://127.0.0.1:{at.provider_port}/v1", "any", "fake-model", stream=stream)
    passed = chat(_base(at), KEY, "default", stream=stream)
    with Connection(at.provider_port) as direct, at.connection() as ours:

        def added() -> float:
            if chance.random() < 0.5:
                before = ask(direct, alone)
                return (ask(ours, passed) - before) * 1000
            through = ask(ours, passed)
            return (through - ask(direct, alone)) * 1000

        for _ in range(50):
            added()
        settle()
        return [[added() for _ in range(scale.of(300, 60))] for _ in range(scale.rounds)]


def _whole(at: Stage, scale: Scale) -> Iterator[Figure]:
    rounds = _pairs(at, scale, lambda connection, asked: connection.exchange(asked)[0], stream=False)
    added, n = summary(rounds), sum(map(len, rounds))
    yield Figure("completion passed on: added at p50", added["median of rounds"], "ms", n, ADDED_P50)
    yield Figure("completion passed on: added at p99", added["p99"], "ms", n, ADDED_P99, detail={"max": added["max"]})


def _first_token(at: Stage, scale: Scale) -> Figure:
    rounds = _pairs(at, scale, lambda connection, asked: connection.until(asked, _FIRST_PIECE), stream=True)
    added, n = summary(rounds), sum(map(len, rounds))
    name = "completion streamed: first token, added at p50"
    return Figure(name, added["median of rounds"], "ms", n, FIRST_TOKEN, detail={"p99": added["p99"]})


def _rate(at: Stage, scale: Scale) -> Figure:
    uvloop.run(measure(_base(at), KEY, "default", seconds=1))
    settle()
    used = cpu_seconds(at.server.pid)
    done = uvloop.run(measure(_base(at), KEY, "default", seconds=scale.of(8, 3)))
    assert not done.failures
    detail = {
        "p50 ms": percentile(done.times, 50) * 1000,
        "p99 ms": percentile(done.times, 99) * 1000,
        "server's core %": (cpu_seconds(at.server.pid) - used) / done.seconds * 100,
    }
    name = f"completions passed on with {CLIENTS} clients, key and rate checked"
    return Figure(name, done.rate, "requests/s", len(done.times), REQUESTS_A_SECOND, "at least", detail)
