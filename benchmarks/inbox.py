"""The bot's inbox on SQLite, fully durable: updates taken in, and updates handled by a handler that echoes nothing."""

import asyncio
import json
import time
from collections.abc import Iterator

from aiogram import Bot, Dispatcher
from aiogram.types import Message

from benchmarks.figures import Figure
from benchmarks.scale import Scale
from benchmarks.stage import folder, new_database
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database
from parley.features.updates.core import read
from parley.features.updates.service import Inbox
from parley.features.workers.service import Workers
from parley.shell.bot import Desk

TAKEN_IN = 2000.0
HANDLED = 500.0
"""Updates a second, on one core."""
_BATCH = 100
"""What Telegram hands over at once, at most."""
_CHATS = 50


def run(scale: Scale) -> Iterator[Figure]:
    """Both figures, each on a fresh database."""
    count = scale.of(10_000, 2_000)
    for measure, name, target in ((_taken_in, "taken in", TAKEN_IN), (_handled, "taken in and handled", HANDLED)):
        with folder() as where:
            seconds = asyncio.run(measure(new_database(where), count))
        yield Figure(f"updates {name}", count / seconds, "updates/s", count, target, "at least")


async def _taken_in(url: str, count: int) -> float:
    db = await open_database(url, SystemClock())
    try:
        inbox = await _inbox(db)
        began = time.perf_counter()
        for batch in _batches(count):
            await inbox.put([update for update in map(read, batch) if update is not None])
        return time.perf_counter() - began
    finally:
        await db.close()


async def _handled(url: str, count: int) -> float:
    db = await open_database(url, SystemClock())
    heard = 0
    everything = asyncio.Event()

    async def hear(message: Message) -> None:
        nonlocal heard
        heard += message.text is not None
        if heard == count:
            everything.set()

    dispatcher = Dispatcher()
    dispatcher.message.register(hear)
    desk = Desk(await _inbox(db), Bot("42:TEST"), dispatcher, SystemClock())
    watching = asyncio.create_task(desk.watch())
    try:
        began = time.perf_counter()
        for batch in _batches(count):
            await desk.has_room()
            await desk.receive(batch)
        await everything.wait()
        await desk.end(10.0)
        return time.perf_counter() - began
    finally:
        watching.cancel()
        await db.close()


async def _inbox(db: OpenDatabase) -> Inbox:
    workers = Workers(db, SystemClock(), "benchmark")
    await workers.beat()
    return Inbox(db, SystemClock(), workers)


def _batches(count: int) -> Iterator[list[bytes]]:
    for first in range(0, count, _BATCH):
        yield [_update(number) for number in range(first, first + _BATCH)]


def _update(number: int) -> bytes:
    person = {"id": 1000 + number % _CHATS, "is_bot": False, "first_name": "Аня", "language_code": "ru"}
    chat = {"id": person["id"], "type": "private", "first_name": "Аня"}
    message = {"message_id": number, "date": 1_767_000_000, "chat": chat, "from": person, "text": "Привет! Как ты?"}
    return json.dumps({"update_id": 700_000_000 + number, "message": message}).encode()
