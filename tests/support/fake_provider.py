"""An OpenAI-compatible provider that answers at once, or fails exactly as it is told.

In a test it runs in the test's loop (``async with FakeProvider() as provider``). For benchmarks and crash harnesses it
is a program, ``python -m support.fake_provider --port 9001`` with this folder's parent on the path; there a request
asks for a fault by the header ``X-Fault: hang`` or the model name ``fault/hang``.
"""

import argparse
import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Final, Self, cast

import uvloop

from support.fake_answers import (
    Fault,
    Json,
    Script,
    embeddings_script,
    error_script,
    faulty_script,
    head_of,
    json_script,
    pieces_of,
    rendered,
    stream_script,
    whole,
)

__all__ = ["DEFAULT_REPLY", "Exchange", "FakeProvider", "Fault"]

DEFAULT_REPLY: Final = "Привет! I am a fake provider, and I say this to everyone 🙂."
MODELS: Final = ("fake-model",)


@dataclass(slots=True)
class Exchange:
    """One request and what became of it."""

    path: str
    headers: dict[str, str]
    body: Json
    connection: int
    """Number of the connection it came by, from 0."""
    tokens_sent: int = 0
    is_answered: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client goes away before the answer's end."""


class FakeProvider:
    """The server. Everything that tests steer or look at is here."""

    def __init__(self, reply: str = DEFAULT_REPLY, delay: float = 0.0, *, remembers: bool = True) -> None:
        self.reply = reply
        self.delay = delay
        """Seconds between two tokens."""
        self.exchanges: list[Exchange] = []
        self.retry_after: dict[str, str] = {"Retry_After": "1"}
        """Headers of a 429; ``_`` stands for ``-``."""
        self.refuses: set[str] = set()
        """Members of a request that are answered with 400."""
        self.connections = 0
        self.asked = asyncio.Event()
        """Set when a request has come; clear it to wait for the next."""
        self._remembers = remembers
        self._faults: deque[Fault | None] = deque()
        self._replies: deque[str] = deque()
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._port = 0

    def will(self, *faults: Fault | None) -> None:
        """How the next answers go wrong, one each; None: not at all."""
        self._faults.extend(faults)

    def recovers(self) -> None:
        """The answers from now on are faultless."""
        self._faults.clear()

    def will_say(self, *texts: str) -> None:
        """What the next answers say, one each."""
        self._replies.extend(texts)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    async def start(self, port: int = 0) -> None:
        """Listen on loopback."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", port, backlog=1024)
        self._port = self._server.sockets[0].getsockname()[1]

    async def pause(self) -> None:
        """Refuse connections and drop those there are, until `resume`."""
        assert self._server is not None
        self._server.close()
        for connection in list(self._open):
            connection.abort()
        await asyncio.gather(*(connection.ended.wait() for connection in list(self._open)))

    async def resume(self) -> None:
        """Listen again at the same address."""
        await self.start(self._port)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pause()

    def opened(self, connection: "_Connection") -> int:
        """A client came."""
        self._open.add(connection)
        self.connections += 1
        return self.connections - 1

    def closed(self, connection: "_Connection") -> None:
        """A client went."""
        self._open.discard(connection)

    def take(self, exchange: Exchange) -> bytes | Script:
        """The answer: bytes when nothing holds it up, else a script to play."""
        if self._remembers:
            self.exchanges.append(exchange)
            self.asked.set()
        if exchange.path.endswith("/chat/completions"):
            return self._completion(exchange)
        if exchange.path.endswith("/embeddings"):
            return whole(embeddings_script(exchange.body))
        if exchange.path.endswith("/models"):
            models = [{"id": model, "object": "model", "created": 0, "owned_by": "fake"} for model in MODELS]
            return whole(json_script({"object": "list", "data": models}))
        return whole(error_script(404, "not_found"))

    def _completion(self, exchange: Exchange) -> bytes | Script:
        body = exchange.body
        refused = sorted(self.refuses & body.keys())
        if refused:
            return whole(error_script(400, f"unsupported_parameter {refused[0]}"))
        model, is_stream = str(body.get("model")), bool(body.get("stream"))
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        fault = self._fault_for(exchange, model)
        text = self._replies.popleft() if self._replies else self.reply
        if fault is not None:
            return faulty_script(fault, model, text, self.retry_after)
        if self.delay and is_stream:
            return stream_script(model, text, with_usage=with_usage)
        exchange.tokens_sent = len(pieces_of(text)) if self._remembers else 0
        return rendered(model, text, is_stream=is_stream, with_usage=with_usage)

    def _fault_for(self, exchange: Exchange, model: str) -> Fault | None:
        if self._faults:
            return self._faults.popleft()
        asked = exchange.headers.get("x-fault") or (model.removeprefix("fault/") if "fault/" in model else "")
        return Fault(asked) if asked else None


class _Connection(asyncio.Protocol):
    """HTTP/1.1 as far as clients of such an API speak it: requests with a Content-Length, one after the other."""

    def __init__(self, provider: FakeProvider) -> None:
        self._provider = provider
        self._received = b""
        self._exchange: Exchange | None = None
        self._playing: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but ancestry
        self._number = self._provider.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio names it
        self._provider.closed(self)
        self.ended.set()
        if self._exchange is not None and not self._exchange.is_answered:
            self._exchange.gone.set()
        if self._playing is not None:
            self._playing.cancel()

    def abort(self) -> None:
        """Drop the client without a word."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self._received = rest[length:]
        body = json.loads(rest[:length]) if length else {}
        path = first.split(" ")[1].partition("?")[0]
        self._answer(Exchange(path, headers, body, self._number))

    def _answer(self, exchange: Exchange) -> None:
        self._exchange = exchange
        answer = self._provider.take(exchange)
        if isinstance(answer, bytes):
            exchange.is_answered = True
            self._transport.write(answer)
        else:
            self._playing = asyncio.get_running_loop().create_task(self._play(exchange, answer))

    async def _play(self, exchange: Exchange, script: Script) -> None:
        if script.status:
            self._transport.write(head_of(script))
        for number, write in enumerate(script.writes):
            self._transport.write(b"%x\r\n%b\r\n" % (len(write), write))
            exchange.tokens_sent += number in script.text_writes
            await asyncio.sleep(self._provider.delay)
        if script.ending == "whole":
            exchange.is_answered = True
            self._transport.write(b"0\r\n\r\n")
        elif script.ending == "cut":
            exchange.is_answered = True
            self._transport.close()


async def serve(port: int, reply: str, delay: float) -> None:
    """Run until ended from outside."""
    provider = FakeProvider(reply, delay, remembers=False)
    await provider.start(port)
    print(json.dumps({"base_url": provider.base_url}), flush=True)  # noqa: T201  # a program tells where it listens
    await asyncio.Event().wait()


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--reply", default=DEFAULT_REPLY)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between two tokens")
    asked = parser.parse_args()
    uvloop.run(serve(asked.port, asked.reply, asked.delay))


if __name__ == "__main__":
    main()
