"""The bot's loop with a real inbox and small screens of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramUnauthorizedError
from aiogram.methods import GetMe
from aiogram.types import Message

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.features.bot.service import Later
from parley.features.updates.service import Inbox
from parley.features.workers.service import Workers
from parley.kernel.errors import ServiceUnavailable
from parley.shell import bot as shell
from parley.shell.bot import Desk

Screen = Callable[[str], Awaitable[Any]]


class QuickClock(SystemClock):
    """Time as it is, but pauses are over at once."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0))


@dataclass(slots=True)
class Loop:
    """A desk whose screens are one function of the text."""

    db: OpenDatabase
    screen: Screen | None = None
    heard: list[str] = field(default_factory=list)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        dispatcher = Dispatcher()
        dispatcher.message.register(self._hear)
        clock = QuickClock()
        self.desk = Desk(Inbox(self.db, clock, Workers(self.db, clock, "me")), Bot("42:TEST"), dispatcher, clock)

    async def _hear(self, message: Message) -> Any:
        self.heard.append(message.text or "")
        return await self.screen(message.text or "") if self.screen is not None else None

    async def state(self, number: int) -> str | None:
        """What the inbox says of an update."""
        async with self.db.read() as tx:
            row = await tx.one("SELECT state FROM updates WHERE update_id = :number", number=number)
        return None if row is None else str(row["state"])

    async def until(self, number: int, state: str) -> None:
        """Wait for it."""
        async with asyncio.timeout(10):
            while await self.state(number) != state:  # noqa: ASYNC110  the database sets no event
                await asyncio.sleep(0.005)


@pytest.fixture
async def loop(sqlite_db: OpenDatabase) -> AsyncIterator[Loop]:
    running = Loop(sqlite_db)
    watching = asyncio.create_task(running.desk.watch())
    yield running
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await running.desk.end(0.1)


def said(number: int, text: str = "hi", chat: int = 7) -> bytes:
    person = {"id": chat, "is_bot": False, "first_name": "Аня"}
    message = {"message_id": number, "date": 1, "chat": {"id": chat, "type": "private"}, "from": person, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


async def test_an_update_is_handled_once_however_often_it_is_delivered(loop: Loop) -> None:
    assert await loop.desk.receive([said(10, "a"), said(10, "a"), said(11, "b")]) == 12
    await loop.until(11, "done")
    await loop.desk.receive([said(10, "a"), said(11, "b"), said(12, "c")])
    await loop.until(12, "done")
    assert loop.heard == ["a", "b", "c"]


async def test_an_undecodable_update_is_put_aside_and_the_next_is_handled(loop: Loop) -> None:
    broken = json.dumps({"update_id": 1, "message": {"chat": {"id": 7}, "text": 5}}).encode()
    assert await loop.desk.receive([b'{"no": "number"}', broken, said(2, "after")]) == 3
    await loop.until(2, "done")
    assert await loop.state(1) == "failed"
    assert loop.heard == ["after"]


async def test_a_fault_of_ours_gets_three_tries_and_then_makes_way(loop: Loop) -> None:
    async def break_down(text: str) -> None:
        if text == "broken":
            raise RuntimeError("a fault of ours")

    loop.screen = break_down
    await loop.desk.receive([said(1, "broken"), said(2, "fine")])
    await loop.until(2, "done")
    assert loop.heard == ["broken"] * shell.MOST_TRIES + ["fine"]
    assert await loop.state(1) == "failed"


async def test_what_is_away_is_waited_for_however_long_it_takes(loop: Loop) -> None:
    tries = 0

    async def away_at_first(text: str) -> None:
        nonlocal tries
        tries += 1
        if tries <= 2 * shell.MOST_TRIES:
            raise ServiceUnavailable

    loop.screen = away_at_first
    await loop.desk.receive([said(1)])
    await loop.until(1, "done")
    assert tries == 2 * shell.MOST_TRIES + 1


async def test_what_is_left_for_later_holds_nobody_up_but_is_not_done_before_it_ends(loop: Loop) -> None:
    may_end = asyncio.Event()

    async def wait() -> None:
        await may_end.wait()

    async def reply_later(text: str) -> Later | None:
        return Later(wait()) if text == "long" else None

    loop.screen = reply_later
    await loop.desk.receive([said(1, "long"), said(2, "short")])
    await loop.until(2, "done")
    assert await loop.state(1) == "waiting"
    may_end.set()
    await loop.until(1, "done")


async def test_a_rest_that_breaks_off_is_handled_again_from_the_beginning(loop: Loop) -> None:
    breaks = 1

    async def rest() -> None:
        nonlocal breaks
        if breaks:
            breaks -= 1
            raise ServiceUnavailable

    async def reply_later(_: str) -> Later:
        return Later(rest())

    loop.screen = reply_later
    await loop.desk.receive([said(1, "again")])
    await loop.until(1, "done")
    assert loop.heard == ["again", "again"]


async def test_a_rest_that_breaks_off_after_its_person_was_erased_is_not_handled_again(loop: Loop) -> None:
    begun = asyncio.Event()

    async def rest() -> None:
        await loop.desk.inbox.done(1)  # as erasing does
        begun.set()
        raise RuntimeError("there is nobody to note it of")

    async def reply_later(_: str) -> Later:
        return Later(rest())

    loop.screen = reply_later
    await loop.desk.receive([said(1, "a secret")])
    async with asyncio.timeout(10):
        await begun.wait()
    await loop.desk.end(5.0)
    assert loop.heard == ["a secret"]


async def test_a_token_that_telegram_no_longer_knows_ends_the_bot_and_keeps_the_update(loop: Loop) -> None:
    async def refused(_: str) -> None:
        raise TelegramUnauthorizedError(method=GetMe(), message="Unauthorized")

    loop.screen = refused
    await loop.desk.receive([said(1)])
    await asyncio.wait_for(loop.desk.refused.wait(), 10)
    assert await loop.state(1) == "waiting"


async def test_the_next_process_handles_what_the_last_one_left(loop: Loop) -> None:
    started = asyncio.Event()

    async def never(_: str) -> None:
        started.set()
        await asyncio.Event().wait()

    loop.screen = never
    await loop.desk.receive([said(1, "first"), said(2, "second")])
    await started.wait()
    await loop.desk.end(0.01)
    assert await loop.state(1) == "waiting"
    after = Loop(loop.db)
    watching = asyncio.create_task(after.desk.watch())
    await after.until(2, "done")
    watching.cancel()
    assert after.heard == ["first", "second"]


class AwayAtFirst(Inbox):
    """An inbox whose database is away the first time."""

    def __init__(self, db: OpenDatabase, clock: QuickClock) -> None:
        super().__init__(db, clock, Workers(db, clock, "me"))
        self.asked = 0
        self.is_back = asyncio.Event()

    async def forget_old(self) -> int:
        self.asked += 1
        if self.asked == 1:
            raise ServiceUnavailable
        self.is_back.set()
        return 0


async def test_old_numbers_that_cannot_be_forgotten_now_are_forgotten_the_next_time(sqlite_db: OpenDatabase) -> None:
    inbox = AwayAtFirst(sqlite_db, QuickClock())
    forgetting = asyncio.create_task(shell.forget_handled(inbox, inbox.clock))
    async with asyncio.timeout(10):
        await inbox.is_back.wait()
    forgetting.cancel()
    assert inbox.asked > 1
