"""What an idle WebSocket costs."""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.machine import proportional_kib
from benchmarks.scale import Scale
from benchmarks.stage import folder, new_database, settle, stage
from benchmarks.wire import WebSocket

KIB = 20.0


def run(scale: Scale) -> Iterator[Figure]:
    """Open many, each another person's; the first hundred pay for what all share."""
    count = scale.of(1500, 300)
    with folder() as where, stage(where, new_database(where)) as on:
        opened = [WebSocket(on.server.port, on.socket_path(person)) for person in range(1, 101)]
        settle(2)
        before = proportional_kib(on.server.pid)
        opened += [WebSocket(on.server.port, on.socket_path(person)) for person in range(101, 101 + count)]
        settle(2)
        after = proportional_kib(on.server.pid)
        for each in opened:
            each.close()
    each_kib = (after - before) / count
    yield Figure("idle WebSocket (PSS)", each_kib, "KiB", count, KIB, detail={"MB in all": after * 1024 / 1e6})
