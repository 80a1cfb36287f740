"""How many turns a second one process stores, and what many turns leave behind in its memory."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop

from benchmarks.figures import Figure, percentile
from benchmarks.machine import cpu_seconds, resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import Stage, folder, new_database, say, settle, stage
from benchmarks.wire import is_whole
from support.durable_postgres import durable_postgres
from support.storm.storm import seeded

CLIENTS = 16
TURNS_A_SECOND = 400.0
SOAK_TURNS = 20_000
SOAK_SLOPE = 20.0
"""KiB that a thousand turns may leave behind: the databases' page caches fill up for a while."""
_SOAK_SAMPLES = 20


def run(scale: Scale) -> Iterator[Figure]:
    """Measure on SQLite, and on PostgreSQL for information."""
    with folder() as where, stage(where, new_database(where)) as on:
        yield _rate(on, scale, "SQLite", TURNS_A_SECOND)
    with folder() as where, durable_postgres() as postgres:
        url = asyncio.run(postgres.new_database())
        asyncio.run(seeded(url, 1))
        with stage(where, url) as on:
            yield _rate(on, scale, "PostgreSQL beside the load generator", None)


def soak(scale: Scale) -> Iterator[Figure]:
    """Many turns, and how the process grows once it is warm."""
    with folder() as where, stage(where, new_database(where)) as on:
        each = scale.of(SOAK_TURNS, 4_000) // _SOAK_SAMPLES
        grown: list[tuple[float, float]] = []
        for number in range(_SOAK_SAMPLES):
            uvloop.run(_talk(on.server.port, turns=each))
            grown.append((number * each / 1000, resident_mb(on.server.pid) * 1e6 / 1024))
    warm = grown[_SOAK_SAMPLES // 2 :]
    slope = statistics.linear_regression([at for at, _ in warm], [size for _, size in warm]).slope
    detail = {"MB at the start": grown[0][1] * 1024 / 1e6, "MB at the end": grown[-1][1] * 1024 / 1e6}
    turns = each * _SOAK_SAMPLES
    yield Figure("soak: growth per 1,000 turns, once warm", slope, "KiB", turns, SOAK_SLOPE, detail=detail)


def _rate(on: Stage, scale: Scale, engine: str, target: float | None) -> Figure:
    seconds = scale.of(8, 3)
    uvloop.run(_talk(on.server.port, seconds=1))
    settle()
    rates, times, busy = [], [], []
    for _ in range(scale.of(3, 1)):
        used, began = cpu_seconds(on.server.pid), time.perf_counter()
        done = uvloop.run(_talk(on.server.port, seconds=seconds))
        took = time.perf_counter() - began
        rates.append(len(done) / took)
        times += done
        busy.append((cpu_seconds(on.server.pid) - used) / took * 100)
    detail = {
        "p50 ms": percentile(times, 50) * 1000,
        "p99 ms": percentile(times, 99) * 1000,
        "server's core %": statistics.median(busy),
    }
    name = f"stored turns with {CLIENTS} clients, {engine}"
    return Figure(name, statistics.median(rates), "turns/s", len(times), target, "at least", detail)


async def _talk(port: int, *, seconds: float = float("inf"), turns: int = 2**31) -> list[float]:
    """Let all clients talk for so long or so many turns in all; how many seconds each turn took."""
    loop = asyncio.get_running_loop()
    talk = _Talk(loop.time() + seconds, turns)
    for person in range(1, CLIENTS + 1):
        said = say(person)
        await loop.create_connection(lambda said=said: _Client(talk, said), "127.0.0.1", port)  # type: ignore[misc]  # the stubs know no default argument
    await talk.is_over.wait()
    return talk.times


@dataclass(slots=True)
class _Talk:
    """What the clients share."""

    until: float
    left: int
    times: list[float] = field(default_factory=list)
    talking: int = CLIENTS
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


class _Client(asyncio.Protocol):
    """Says the same thing again as soon as it is answered."""

    def __init__(self, talk: _Talk, said: bytes) -> None:
        self._talk = talk
        self._said = said
        self._received = bytearray()
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._say()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not is_whole(self._received):
            return
        assert self._received.startswith(b"HTTP/1.1 200"), bytes(self._received)
        self._talk.times.append(time.perf_counter() - self._began)
        self._received.clear()
        self._say()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        self._talk.talking -= 1
        if not self._talk.talking:
            self._talk.is_over.set()

    def _say(self) -> None:
        self._talk.left -= 1
        if self._talk.left < 0 or asyncio.get_running_loop().time() >= self._talk.until:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(self._said)
