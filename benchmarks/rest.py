"""The server at its start and at rest."""

import asyncio
import socket
import statistics
import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.machine import SERVER_CORE, proportional_kib, resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import folder, new_database, settle
from benchmarks.wire import request
from support.process import ServerProcess, provider
from support.storm.storm import settings

START_SECONDS = 1.5
REST_MB = 90.0
_WHOLE_CATALOGUE = 16
_LOOK_EVERY = 0.002


def run(scale: Scale) -> Iterator[Figure]:
    """Start it several times; the last one is left alone for a while and looked at."""
    with folder() as where, provider() as model:
        environment = settings(new_database(where, _WHOLE_CATALOGUE), model.base_url)
        starts, resident, proportional = [], 0.0, 0.0
        for _ in range(scale.of(7, 2)):
            # A port that is known beforehand: it can be asked before the log says where it is.
            port = _free_port()
            server = ServerProcess({**environment, "PARLEY_PORT": str(port)}, where / "server.log", SERVER_CORE)
            try:
                starts.append(_start(server, port))
                settle(scale.of(5, 2))
                resident, proportional = resident_mb(server.pid), proportional_kib(server.pid) * 1024 / 1e6
                asyncio.run(server.stop())
            finally:
                server.kill()
    detail = {"max": max(starts)}
    yield Figure("start to ready", statistics.median(starts), "s", len(starts), START_SECONDS, detail=detail)
    yield Figure("at rest with the sample catalogue", resident, "MB", 1, REST_MB, detail={"PSS": proportional})


def _start(server: ServerProcess, port: int) -> float:
    asked = request("GET", "/readyz")
    began = time.perf_counter()
    server.spawn()
    while not _is_ready(port, asked):
        time.sleep(_LOOK_EVERY)
    return time.perf_counter() - began


def _is_ready(port: int, asked: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(asked)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
