"""The least a client can be: blocking sockets and prepared bytes, so that what is measured is the server."""

import base64
import json
import os
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any, Self

_READ = 256 * 1024


def request(method: str, path: str, init_data: str = "", body: object = None, *, stream: bool = False) -> bytes:
    """A whole HTTP/1.1 request."""
    data = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Accept: {'text/event-stream' if stream else 'application/json'}",
        f"Content-Length: {len(data)}",
        *([f"Authorization: tma {init_data}"] if init_data else []),
        *(["Content-Type: application/json"] if data else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def is_whole(received: bytes | bytearray) -> bool:
    """Whether an answer has come to its end."""
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    head = head.lower()
    if b"transfer-encoding: chunked" in head:
        return received.endswith(b"\r\n0\r\n\r\n")
    _, _, length = head.partition(b"content-length: ")
    return len(body) >= int(length.split(b"\r\n")[0] or 0)


@dataclass(slots=True)
class Connection:
    """One keep-alive connection."""

    port: int
    peer: socket.socket = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.peer = socket.create_connection(("127.0.0.1", self.port))
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.peer.close()

    def exchange(self, sent: bytes) -> tuple[float, bytes]:
        """Seconds from the first byte out to the last byte in, and the answer; fails unless it is a 200."""
        began = time.perf_counter()
        self.peer.sendall(sent)
        received = bytearray()
        while not is_whole(received):
            received += self._more()
        seconds = time.perf_counter() - began
        assert received.startswith(b"HTTP/1.1 200"), bytes(received)
        return seconds, bytes(received)

    def until(self, sent: bytes, mark: bytes) -> float:
        """Seconds until the answer holds ``mark``; the rest is read and dropped."""
        began = time.perf_counter()
        self.peer.sendall(sent)
        received = bytearray()
        while mark not in received:
            received += self._more()
        seconds = time.perf_counter() - began
        while not is_whole(received):
            received += self._more()
        return seconds

    def _more(self) -> bytes:
        received = self.peer.recv(_READ)
        assert received, "the server closed the connection"
        return received


def body_of(answer: bytes) -> Any:
    """The decoded JSON of an answer with a Content-Length."""
    return json.loads(answer.partition(b"\r\n\r\n")[2])


@dataclass(slots=True)
class WebSocket:
    """One WebSocket, reading text frames as they come."""

    port: int
    path: str
    peer: socket.socket = field(init=False, repr=False)
    _received: bytearray = field(default_factory=bytearray, repr=False)

    def __post_init__(self) -> None:
        self.peer = socket.create_connection(("127.0.0.1", self.port))
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [
            f"GET {self.path} HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        self.peer.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        while b"\r\n\r\n" not in self._received:
            self._received += self.peer.recv(_READ)
        head, _, rest = self._received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), bytes(head)
        self._received = rest

    def close(self) -> None:
        """Hang up."""
        self.peer.close()

    def send(self, text: str) -> None:
        """A masked text frame of at most 64 KiB."""
        data = text.encode()
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        self.peer.sendall(b"\x81" + length + bytes(4) + data)  # a mask of zeros changes nothing

    def next(self) -> Any:
        """The next text frame, decoded."""
        while (found := self._frame()) is None:
            received = self.peer.recv(_READ)
            assert received, "the server hung up"
            self._received += received
        return json.loads(found)

    def until(self, event: str) -> float:
        """Read up to the next frame of this event; the moment it came, by `time.perf_counter`."""
        while self.next()["event"] != event:
            continue
        return time.perf_counter()

    def _frame(self) -> bytes | None:
        head = 2
        if len(self._received) < head:
            return None
        length = self._received[1]
        if length == 126:
            head = 4
            length = int.from_bytes(self._received[2:4])
        if len(self._received) < head + length:
            return None
        frame = bytes(self._received[head : head + length])
        del self._received[: head + length]
        return frame
