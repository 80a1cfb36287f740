"""HTTP as no client library would send it: bytes in, bytes out."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from support.app import AppUnderTest, Someone

_WITHIN = 10.0
"""Seconds an answer may take to come."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back, if anything did."""

    data: bytes

    @property
    def status(self) -> int | None:
        """The first answer's status; None if the connection was closed without one."""
        return int(self.data.split(b" ", 2)[1]) if self.data.startswith(b"HTTP/") else None

    @property
    def statuses(self) -> list[int]:
        """The statuses of all answers on the connection."""
        return [int(part[1:4]) for part in self.data.split(b"HTTP/1.1")[1:]]

    @property
    def head(self) -> list[bytes]:
        """The lines of the first answer's head."""
        return self.data.partition(b"\r\n\r\n")[0].split(b"\r\n")


async def connect(app: AppUnderTest) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of one's own."""
    parts = urlsplit(app.base_url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def exchange(app: AppUnderTest, *pieces: bytes, within: float = _WITHIN) -> RawAnswer:
    """Send the pieces and read until the server closes, or says nothing for ``within`` seconds."""
    reader, writer = await connect(app)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return RawAnswer(await _read(reader, within))
    except (ConnectionError, BrokenPipeError):
        return RawAnswer(b"")
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader, within: float) -> bytes:
    data = b""
    while True:
        try:
            piece = await asyncio.wait_for(reader.read(65536), within)
        except (TimeoutError, ConnectionError):
            return data
        if not piece:
            return data
        data += piece


def request(method: str, target: str, someone: Someone | None = None, *lines: str, body: bytes = b"") -> bytes:
    """The only request of a connection as bytes; ``lines`` are further header lines as they stand."""
    head = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    if someone is not None:
        head.append(f"Authorization: tma {someone.init_data}")
    if body and not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, *lines, "", ""]).encode("latin-1") + body
