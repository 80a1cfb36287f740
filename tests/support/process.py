"""Programs of ours as their users run them, each a process of its own: `parley serve` and the fake provider."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

_TESTS = Path(__file__).parent.parent
_STARTS_WITHIN = 30.0
_LOOK_EVERY = 0.01
"""Seconds."""


class NotStarted(Exception):
    """The program ended, or was ended, before it served; the text is what it said last."""


@dataclass(slots=True)
class ServerProcess:
    """`parley serve` or `run` on a free loopback port. It may be killed and started again, then on another port."""

    environment: Mapping[str, str]
    """Settings as the environment has them; nothing of this process's own environment is handed on."""
    log: Path
    """Where its standard error goes, of all starts."""
    cores: frozenset[int] = frozenset()
    """The cores it may run on; empty: those of this process."""
    command: str = "serve"
    """`serve`, or `run` with the bot."""
    _process: "subprocess.Popen[bytes] | None" = None
    _said_before: int = 0
    _port: int = 0

    @property
    def base_url(self) -> str:
        """Where it listens now."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        """Where it listens now."""
        return self._port

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    def spawn(self) -> None:
        """Start it, without waiting for anything."""
        self._said_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "parley", self.command],
                env={"PARLEY_PORT": "0", **self.environment},
                cwd=self.log.parent,  # a `.env` of the developer's is not there
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if self.cores:
            os.sched_setaffinity(self._process.pid, self.cores)

    async def serving(self) -> None:
        """Wait until it listens; raises NotStarted."""
        until = time.monotonic() + _STARTS_WITHIN
        while (port := self._told_port()) is None:
            if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                raise NotStarted(self._said()[-2000:])
            await asyncio.sleep(_LOOK_EVERY)
        self._port = port

    async def start(self) -> None:
        """Start it and wait until `/readyz` says so."""
        self.spawn()
        await self.serving()
        await self.ready()

    async def ready(self) -> None:
        """Wait until it says that it can answer."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(_STARTS_WITHIN):
            while not await _answers(session, f"{self.base_url}/readyz"):  # noqa: ASYNC110  a process sets no event
                await asyncio.sleep(_LOOK_EVERY)

    def kill(self) -> None:
        """SIGKILL: it can do nothing about it. Twice is once."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    async def stop(self) -> int:
        """SIGTERM, as an operator ends it; its exit code."""
        process, self._process = self._process, None
        assert process is not None
        process.terminate()
        return await asyncio.to_thread(process.wait)

    def freeze(self) -> None:
        """Let it stand still in the middle of whatever it does."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if no time had passed."""
        os.kill(self.pid, signal.SIGCONT)

    def entries(self) -> list[dict[str, object]]:
        """The log lines of this start."""
        return [json.loads(line) for line in self._said().splitlines() if line.startswith("{")]

    def _told_port(self) -> int | None:
        for entry in self.entries():
            if entry.get("event") == "serving":
                port = entry["port"]
                assert isinstance(port, int)
                return port
        return None

    def _said(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return log.read().decode(errors="replace")


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, OSError):
        return False


@asynccontextmanager
async def serving(
    environment: Mapping[str, str], log: Path, cores: frozenset[int] = frozenset()
) -> AsyncIterator[ServerProcess]:
    """A server that is ready, ended with SIGTERM."""
    server = ServerProcess(environment, log, cores)
    try:
        await server.start()
        yield server
        await server.stop()
    finally:
        server.kill()


@dataclass(slots=True)
class ProviderProcess:
    """The fake provider as a process."""

    base_url: str
    _process: "subprocess.Popen[bytes]" = field(repr=False)


@contextmanager
def provider(
    *, delay: float = 0.0, reply: str | None = None, cores: frozenset[int] = frozenset()
) -> Iterator[ProviderProcess]:
    """A fake provider; ``delay``: seconds between two tokens."""
    arguments: Sequence[str] = ["--delay", str(delay), *(["--reply", reply] if reply else [])]
    process = subprocess.Popen(
        [sys.executable, "-m", "support.fake_provider", *arguments],
        env={"PYTHONPATH": str(_TESTS)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        if cores:
            os.sched_setaffinity(process.pid, cores)
        assert process.stdout is not None
        yield ProviderProcess(json.loads(process.stdout.readline())["base_url"], process)
    finally:
        process.kill()
        process.communicate()
