"""A viewer who does not read: told to resume, costs little, and slows nobody."""

import asyncio
import base64
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from support.app import AppUnderTest, Someone
from support.turns import LONG_ENOUGH, eventually, kinds, lasting, texts

BIG = "x" * 60_000
"""A reply that fills small buffers by itself."""
SMALL_BUFFER = 4096
MANY = 30


async def connected(someone: Someone) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection whose receiving side takes next to nothing until it is read."""
    address = urlsplit(someone.base_url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (str(address.hostname), int(address.port or 0)))
    return await asyncio.open_connection(sock=raw, limit=SMALL_BUFFER)


class RawSocket:
    """A WebSocket that reads only when it is told to."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def next(self) -> dict[str, Any] | int:
        """The next frame, or the code of the close."""
        async with asyncio.timeout(LONG_ENOUGH):
            first, length = await self._reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self._reader.readexactly(8))
            body = await self._reader.readexactly(length)
        if first & 0x0F == 8:
            return int.from_bytes(body[:2], "big")
        frame: dict[str, Any] = json.loads(body)
        return frame

    async def to_the_end(self) -> tuple[list[dict[str, Any]], int]:
        """All frames up to the close, and its code."""
        frames: list[dict[str, Any]] = []
        while isinstance(frame := await self.next(), dict):
            frames.append(frame)
        return frames, frame


@asynccontextmanager
async def not_reading(someone: Someone, character: int) -> AsyncIterator[RawSocket]:
    """An open socket that has not read anything after the handshake."""
    reader, writer = await connected(someone)
    key = base64.b64encode(b"0123456789abcdef").decode()
    path = f"/api/ws/chat/{character}?initData={quote(someone.init_data, safe='')}"
    head = f"GET {path} HTTP/1.1\r\nHost: parley\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    try:
        yield RawSocket(reader)
    finally:
        writer.close()


async def many_turns(app: AppUnderTest, someone: Someone, character: int) -> None:
    """More than any buffer takes."""
    for number in range(MANY):
        app.model.will_say(f"{number} ", *[BIG] * 4)
        assert (await someone.says(character, f"message {number}")).status == 200


async def test_who_does_not_read_slows_nobody_and_is_told_to_resume(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    async with not_reading(anya, kira) as stuck, anya.socket(kira) as phone:
        talking = asyncio.create_task(many_turns(sqlite_app, anya, kira))
        heard = [frame for _ in range(MANY) for frame in await phone.until("message.complete")]
        await talking
        assert [each["seq"] for each in lasting(heard)] == list(range(1, 3 * MANY + 1))
        frames, code = await stuck.to_the_end()
    assert code == 1013
    seen = [each["seq"] for each in lasting(frames)]
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) < 3 * MANY
    async with anya.socket(kira, after=len(seen)) as again:
        missed = [(await again.next())["seq"] for _ in range(3 * MANY - len(seen))]
    assert seen + missed == list(range(1, 3 * MANY + 1))


async def test_a_viewer_gone_without_a_word_is_let_go(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    async with not_reading(anya, kira):
        await many_turns(sqlite_app, anya, kira)

    async def nobody_is_left() -> bool:
        return "parley_ws_connections 0.0" in (await anya.get("/metrics")).text

    await eventually(nobody_is_left)


async def test_a_slow_reader_of_a_stream_gets_its_own_turn_and_no_other(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_say(*[BIG] * 100)
    reader, writer = await connected(anya)
    body = b'{"message": "First"}'
    head = f"POST /api/chats/{kira}/messages HTTP/1.1\r\nHost: parley\r\nAuthorization: tma {anya.init_data}\r\n"
    more = f"Accept: text/event-stream\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(f"{head}{more}".encode() + body)
    assert b" 200 " in await asyncio.wait_for(reader.readline(), LONG_ENOUGH)
    assert (await anya.says(kira, "Second")).status == 200
    stream = (await asyncio.wait_for(reader.read(-1), LONG_ENOUGH)).decode()
    writer.close()
    frames = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")]
    assert kinds(frames)[0] == "message.new"
    assert kinds(frames)[-3:] == ["message.typing", "message.new", "message.complete"]
    assert [each["seq"] for each in lasting(frames)] == [1, 2, 3]
    assert len(await texts(anya, kira)) == 4
