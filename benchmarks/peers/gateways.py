"""A gateway as a process: started on the server's core, awaited, asked, ended."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.completions import chat
from benchmarks.machine import SERVER_CORE, cpu_seconds, resident_mb

_STARTS_WITHIN: Final = 120.0
_ENDS_WITHIN: Final = 10.0
_ANSWERS_WITHIN: Final = 10.0
_LOOK_EVERY: Final = 0.02
"""Seconds."""


class NotStarted(Exception):
    """It did not answer; the text is what it said last."""


@dataclass(slots=True)
class Gateway:
    """One of them: how it is started and how it is asked."""

    name: str
    version: str
    command: Sequence[str]
    environment: Mapping[str, str]
    """All it gets of the environment."""
    port: int
    key: str
    model: str = "fake-model"
    headers: Mapping[str, str] = field(default_factory=dict)
    """What it wants to be sent besides."""
    pid: int = 0
    start_seconds: float = 0.0
    """From its start to its first answer to a real call."""

    @property
    def base_url(self) -> str:
        """As clients are given it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def call(self, *, stream: bool = False) -> bytes:
        """The request that everyone is sent."""
        return chat(self.base_url, self.key, self.model, self.headers, stream=stream)

    def answers(self, *, stream: bool = False) -> bool:
        """Whether it answers that request with 200."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=_ANSWERS_WITHIN) as connection:
                connection.sendall(self.call(stream=stream))
                return connection.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def cpu_seconds(self) -> float:
        """What it and its children have used of the cores."""
        return sum(map(cpu_seconds, _family(self.pid)))

    def resident_mb(self) -> float:
        """RSS of it and its children in MB."""
        return sum(map(resident_mb, _family(self.pid)))


@contextmanager
def started(gateway: Gateway, where: Path) -> Iterator[Gateway]:
    """It, answering; ``where`` is the folder it runs in. Raises NotStarted."""
    log = where / "log"
    began = time.perf_counter()
    process = _spawned(gateway, where, log)
    try:
        gateway.pid = process.pid
        _wait_for_answer(gateway, process, log)
        gateway.start_seconds = time.perf_counter() - began
        yield gateway
    finally:
        _end(process)


def free_port() -> int:
    """One that is known before its listener starts: not all say which they took."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _spawned(gateway: Gateway, where: Path, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        process = subprocess.Popen(
            gateway.command,
            env=gateway.environment,
            cwd=where,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    os.sched_setaffinity(process.pid, SERVER_CORE)
    return process


def _wait_for_answer(gateway: Gateway, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.perf_counter() + _STARTS_WITHIN
    while not gateway.answers():
        if process.poll() is not None or time.perf_counter() > until:
            raise NotStarted(f"{gateway.name} does not answer: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(_LOOK_EVERY)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from _family(int(child))
