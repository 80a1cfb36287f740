"""A hundred replies at once, each at a model's pace: whether every one of them keeps up through Parley.

The provider writes into each piece of text the moment it sends it, by the clock that all processes share; so the lag of
every piece is known without asking Parley.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import uvloop

from benchmarks.figures import Figure, percentile
from benchmarks.machine import LOAD_CORE
from benchmarks.peers.gateways import started
from benchmarks.peers.recipes import parley
from benchmarks.peers.upstream import STAMP, Pace, upstream
from benchmarks.scale import Scale
from benchmarks.stage import folder, settle

STREAMS: Final = 100
RATE: Final = 50.0
"""Tokens a second of each."""
LAG_P99: Final = 1000 / RATE
"""Milliseconds: one token's time, so that a reader is never more than a token behind."""
SLOWEST: Final = 0.99 * RATE
GROWTH: Final = 5.0
"""Milliseconds by which the last tokens may be later than the first: more would be a queue that builds up."""
_BEGIN_WITHIN: Final = 1.0
"""Seconds over which they begin, by chance: as people do, and not in step."""
_PATIENCE: Final = 60.0


def run(scale: Scale) -> Iterator[Figure]:
    """Measure the provider alone, then through Parley."""
    pace = Pace(tokens=int(RATE * scale.of(20, 4)), rate=RATE)
    with folder() as where, upstream(pace, LOAD_CORE) as before:
        alone = uvloop.run(_watched(before.port, before.call(stream=True), pace))
        with started(parley(where, before), where) as ours:
            settle()
            used, began = ours.cpu_seconds(), time.perf_counter()
            through = uvloop.run(_watched(ours.port, ours.call(stream=True), pace))
            busy = (ours.cpu_seconds() - used) / (time.perf_counter() - began) * 100
    yield from _figures(_Lags(alone), _Lags(through), busy)


def _figures(alone: "_Lags", through: "_Lags", busy: float) -> Iterator[Figure]:
    name, n = f"{STREAMS} streams of {RATE:g} tokens/s", len(through.all)
    detail = {"p50": percentile(through.all, 50), "max": max(through.all), "provider alone p99": alone.percent(99)}
    yield Figure(f"{name}: lag of a token, p99", through.percent(99), "ms", n, LAG_P99, detail=detail)
    detail = {"provider alone": alone.slowest(), "server's core %": busy}
    yield Figure(f"{name}: the slowest", through.slowest(), "tokens/s", STREAMS, SLOWEST, "at least", detail)
    yield Figure(f"{name}: lag grows by", through.growth(), "ms", n, GROWTH)


Came = tuple[int, int]
"""When a token was sent and when it came, in nanoseconds of the shared clock."""


@dataclass(slots=True)
class _Lags:
    """How late the tokens of some streams were."""

    streams: Sequence[Sequence[Came]]
    all: list[float] = field(init=False)
    """Milliseconds."""

    def __post_init__(self) -> None:
        self.all = [_lag(token) for stream in self.streams for token in stream]

    def percent(self, percent: float) -> float:
        """That percentile of all."""
        return percentile(self.all, percent)

    def slowest(self) -> float:
        """Tokens a second of the slowest stream."""
        return min((len(each) - 1) * 1e9 / (each[-1][1] - each[0][1]) for each in self.streams)

    def growth(self) -> float:
        """The median lag of each stream's last tenth less that of its first."""
        tenth = len(self.streams[0]) // 10
        first = statistics.median(_lag(token) for stream in self.streams for token in stream[:tenth])
        return statistics.median(_lag(token) for stream in self.streams for token in stream[-tenth:]) - first


def _lag(token: Came) -> float:
    sent, came = token
    return (came - sent) / 1e6


async def _watched(port: int, call: bytes, pace: Pace) -> list[list[Came]]:
    """Read all streams to their ends; the tokens of each. Fails unless every one came."""
    chance = random.Random(1)
    async with asyncio.timeout(_BEGIN_WITHIN + pace.tokens / pace.rate + _PATIENCE):
        readers = [_read(port, call, chance.uniform(0, _BEGIN_WITHIN)) for _ in range(STREAMS)]
        streams = await asyncio.gather(*readers)
    assert all(len(stream) == pace.tokens for stream in streams), [len(stream) for stream in streams]
    return streams


async def _read(port: int, call: bytes, delay: float) -> list[Came]:
    await asyncio.sleep(delay)
    loop = asyncio.get_running_loop()
    transport, reader = await loop.create_connection(lambda: _Reader(call), "127.0.0.1", port)
    await reader.is_over.wait()
    transport.close()
    return reader.came


class _Reader(asyncio.Protocol):
    """Asks once and notes when each token came."""

    def __init__(self, call: bytes) -> None:
        self.came: list[Came] = []
        self.is_over = asyncio.Event()
        self._call = call
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._call)  # uvloop's is one in all but ancestry

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter_ns()
        self._unread += data
        read = 0
        for stamp in STAMP.finditer(self._unread):
            self.came.append((int(stamp[1]), now))
            read = stamp.end()
        if self._unread.endswith(b"\r\n0\r\n\r\n"):
            self.is_over.set()
        self._unread = self._unread[read:]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio names it
        self.is_over.set()
