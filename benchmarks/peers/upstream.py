"""The provider all gateways stand before: prepared bytes, no framework, so that it is never what is measured.

As a program, ``python -m benchmarks.peers.upstream --tokens 10 --rate 200``, it says where it listens and answers every
POST as a chat completion: a document, or a stream if the request asks for one. Each streamed piece holds the moment it
was sent, by the clock that all processes of this machine share (`time.perf_counter_ns`).
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, cast

import uvloop

from benchmarks.completions import chat

FIRST_TEXT: Final = b'" at '
"""How the first text begins in an answer, whoever hands it on."""
STAMP: Final = re.compile(rb" at (\d{1,20})\.")
_ROOT: Final = Path(__file__).parent.parent.parent
_ASKS_STREAM: Final = re.compile(rb'"stream"\s*:\s*true')
_ASKS_USAGE: Final = re.compile(rb'"include_usage"\s*:\s*true')
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,9})\r\n")
_STREAM_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_SAID: Final = "A reply of ordinary length, such as a character gives when it is asked how its day has been. " * 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How it streams."""

    tokens: int
    rate: float
    """Tokens a second; 0: all at once."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where it listens."""

    port: int

    @property
    def base_url(self) -> str:
        """As providers' addresses are given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def call(self, *, stream: bool = False) -> bytes:
        """The request that asks it directly."""
        return chat(self.base_url, "any", "fake-model", stream=stream)


@contextmanager
def upstream(pace: Pace, cores: frozenset[int] = frozenset()) -> Iterator[Upstream]:
    """It, as a process of its own on these cores."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.peers.upstream", "--tokens", str(pace.tokens), "--rate", str(pace.rate)],
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        if cores:
            os.sched_setaffinity(process.pid, cores)
        assert process.stdout is not None
        yield Upstream(int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


class _Connection(asyncio.Protocol):
    """HTTP/1.1 as gateways speak it: one request after the other, its length told or in chunks."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._received = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but ancestry

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio names it
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or not _is_whole(head.lower() + b"\r\n", body):
            return
        self._received = b""
        if _ASKS_STREAM.search(body):
            self._stream(with_usage=_ASKS_USAGE.search(body) is not None)
        else:
            self._transport.write(_document())

    def _stream(self, *, with_usage: bool) -> None:
        ending = _ending(with_usage=with_usage)
        if not self._pace.rate:
            pieces = b"".join(_piece() for _ in range(self._pace.tokens))
            self._transport.write(_STREAM_HEAD + _opening() + pieces + ending)
            return
        self._transport.write(_STREAM_HEAD + _opening())
        self._say(asyncio.get_running_loop().time(), 0, ending)

    def _say(self, began: float, number: int, ending: bytes) -> None:
        """One token, and the next at its own moment, so that delays do not add up."""
        if number == self._pace.tokens:
            self._transport.write(ending)
            return
        self._transport.write(_piece())
        due = began + (number + 1) / self._pace.rate
        self._timer = asyncio.get_running_loop().call_at(due, self._say, began, number + 1, ending)


def _is_whole(head: bytes, body: bytes) -> bool:
    if b"\r\ntransfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    length = _LENGTH.search(head)
    return len(body) >= (int(length[1]) if length else 0)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _event(**more: object) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "fake-model"}
    return b"data: " + json.dumps({**head, **more}, separators=(",", ":")).encode() + b"\n\n"


def _choice(delta: object, finish: str | None = None) -> object:
    return [{"index": 0, "delta": delta, "finish_reason": finish}]


@cache
def _opening() -> bytes:
    return _chunk(_event(choices=_choice({"role": "assistant", "content": ""})))


@cache
def _template() -> tuple[bytes, bytes]:
    before, _, after = _event(choices=_choice({"content": " at NOW."})).partition(b"NOW")
    return before, after


def _piece() -> bytes:
    before, after = _template()
    return _chunk(b"%b%d%b" % (before, time.perf_counter_ns(), after))


@cache
def _ending(*, with_usage: bool) -> bytes:
    finish = _event(choices=_choice({}, "stop"))
    usage = _event(choices=[], usage=_usage()) if with_usage else b""
    return _chunk(finish + usage + b"data: [DONE]\n\n") + b"0\r\n\r\n"


def _usage() -> object:
    return {"prompt_tokens": 20, "completion_tokens": 60, "total_tokens": 80}


@cache
def _document() -> bytes:
    message = {"role": "assistant", "content": _SAID.strip()}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "fake-model"}
    body = json.dumps({**head, "choices": choices, "usage": _usage()}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def _serve(pace: Pace) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(pace), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.0, help="tokens a second of a stream; 0: all at once")
    asked = parser.parse_args()
    uvloop.run(_serve(Pace(asked.tokens, asked.rate)))


if __name__ == "__main__":
    main()
