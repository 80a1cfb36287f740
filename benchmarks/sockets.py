"""What an idle WebSocket costs."""

import statistics
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.machine import proportional_kib
from benchmarks.scale import Scale
from benchmarks.stage import folder, new_database, settle, stage
from benchmarks.wire import WebSocket

KIB = 20.0
_SHARED = 100
"""Sockets that pay for what all share."""


def run(scale: Scale) -> Iterator[Figure]:
    """Open many, several times over: what the collector has yet to take makes one time differ from the next."""
    count = scale.of(1500, 300)
    times = [_each_kib(count) for _ in range(scale.of(3, 1))]
    detail = {"least": min(times), "most": max(times)}
    yield Figure("idle WebSocket (PSS)", statistics.median(times), "KiB", count * len(times), KIB, detail=detail)


def _each_kib(count: int) -> float:
    """KiB by which the server grows for each of so many sockets, every one another person's."""
    with folder() as where, stage(where, new_database(where)) as on:
        opened = [WebSocket(on.server.port, on.socket_path(person)) for person in range(1, _SHARED + 1)]
        settle(2)
        before = proportional_kib(on.server.pid)
        people = range(_SHARED + 1, _SHARED + 1 + count)
        opened += [WebSocket(on.server.port, on.socket_path(person)) for person in people]
        settle(2)
        after = proportional_kib(on.server.pid)
        for each in opened:
            each.close()
    return (after - before) / count
