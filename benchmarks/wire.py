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
_TEXT, _PING, _PONG = 1, 9, 10
"""Kinds of frames (RFC 6455 §5.2)."""


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
        """A text frame of at most 64 KiB."""
        self._send(_TEXT, text.encode())

    def next(self) -> Any:
        """The next text frame, decoded; the server's pings are answered on the way."""
        while True:
            kind, data = self._frame()
            if kind == _TEXT:
                return json.loads(data)
            assert kind == _PING, "the server said goodbye"
            self._send(_PONG, data)

    def until(self, event: str) -> float:
        """Read up to the next frame of this event; the moment it came, by `time.perf_counter`."""
        while self.next()["event"] != event:
            continue
        return time.perf_counter()

    def _send(self, kind: int, data: bytes) -> None:
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        self.peer.sendall(bytes([0x80 | kind]) + length + bytes(4) + data)  # a mask of zeros changes nothing

    def _frame(self) -> tuple[int, bytes]:
        kind, length = self._taken(2)
        if length == 126:
            length = int.from_bytes(self._taken(2))
        return kind & 0x0F, self._taken(length)

    def _taken(self, count: int) -> bytes:
        """The next bytes, waited for."""
        while len(self._received) < count:
            received = self.peer.recv(_READ)
            assert received, "the server hung up"
            self._received += received
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken
