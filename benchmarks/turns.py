"""A stored turn: what Parley adds to the provider's own time, whole and to the first text."""

import json
import random
import time
from collections.abc import Callable, Iterator

from benchmarks.figures import Figure, percentile, summary
from benchmarks.scale import Scale
from benchmarks.stage import Stage, folder, new_database, say, settle, stage
from benchmarks.wire import Connection, WebSocket, request

ADDED_P50, ADDED_P99 = 4.0, 15.0
FIRST_TEXT = 3.0
TOKEN_SECONDS = 0.005
TO_PROVIDER = {
    "model": "fake-model",
    "messages": [{"role": "system", "content": "You are somebody."}, {"role": "user", "content": "Привет!"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}
_FIRST_PIECE = '"content":"Привет'.encode()

Timed = Callable[[], float]
"""Does something once and tells how many seconds it took."""


def run(scale: Scale) -> Iterator[Figure]:
    """Measure whole turns with a provider that answers at once, first texts with one that takes its time."""
    with folder() as where, stage(where, new_database(where)) as on:
        yield from _whole(on, scale)
    with folder() as where, stage(where, new_database(where), delay=TOKEN_SECONDS) as on:
        yield from _first_text(on, scale)


def _whole(on: Stage, scale: Scale) -> Iterator[Figure]:
    direct = Connection(on.provider_port)
    with direct, on.connection() as ours:
        asked, said = request("POST", "/v1/chat/completions", body=TO_PROVIDER, stream=True), say(1)
        rounds = _paired(lambda: direct.exchange(asked)[0], lambda: ours.exchange(said)[0], scale, 150)
    added = summary([[through - alone for alone, through in each] for each in rounds])
    alone = percentile([pair[0] for each in rounds for pair in each], 50)
    n = sum(map(len, rounds))
    detail = {"p99": added["p99"], "provider alone": alone}
    yield Figure("stored turn: added at p50", added["median of rounds"], "ms", n, ADDED_P50, detail=detail)
    yield Figure("stored turn: added at p99", added["p99"], "ms", n, ADDED_P99, detail={"max": added["max"]})


def _first_text(on: Stage, scale: Scale) -> Iterator[Figure]:
    asked = request("POST", "/v1/chat/completions", body=TO_PROVIDER, stream=True)
    with Connection(on.provider_port) as direct:

        def alone() -> float:
            return direct.until(asked, _FIRST_PIECE)

        with on.connection() as ours:
            said = say(1, stream=True)
            rounds = _paired(alone, lambda: ours.until(said, b"event: message.delta"), scale, 40)
            yield _first_text_figure("an event stream", rounds)
        socket = WebSocket(on.server.port, on.socket_path(2))
        rounds = _paired(alone, lambda: _first_delta(socket), scale, 40)
        socket.close()
        yield _first_text_figure("a WebSocket", rounds)


def _first_delta(socket: WebSocket) -> float:
    said = json.dumps({"event": "send_message", "data": {"message": "Привет! Как прошёл твой день?"}})
    began = time.perf_counter()
    socket.send(said)
    came = socket.until("message.delta")
    socket.until("message.complete")
    return came - began


def _first_text_figure(channel: str, rounds: list[list[tuple[float, float]]]) -> Figure:
    added = summary([[through - alone for alone, through in each] for each in rounds])
    n = sum(map(len, rounds))
    name = f"time to first text over {channel}: added at p50"
    return Figure(name, added["median of rounds"], "ms", n, FIRST_TEXT, detail={"p99": added["p99"]})


def _paired(direct: Timed, ours: Timed, scale: Scale, pairs: int) -> list[list[tuple[float, float]]]:
    """Rounds of pairs, in milliseconds: the provider alone and through Parley, in an order of chance."""
    chance = random.Random(1)
    for _ in range(20):
        direct(), ours()
    settle()

    def pair() -> tuple[float, float]:
        if chance.random() < 0.5:
            alone = direct()
            return alone * 1000, ours() * 1000
        through = ours()
        return direct() * 1000, through * 1000

    return [[pair() for _ in range(scale.of(pairs, pairs // 5))] for _ in range(scale.rounds)]
