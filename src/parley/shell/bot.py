"""The bot's loop: an update is stored, then confirmed, then handled; a death between any two of them loses nothing.

Long polling and webhook differ only in how updates come in. Both end in the inbox, and `Desk` hands them out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramUnauthorizedError
from aiogram.types import Update as TelegramUpdate
from pydantic import ValidationError

from parley.adapters.telegram.polling import BotRefused, PollFailed, Polling
from parley.features.bot.service import Later
from parley.features.updates import core
from parley.features.updates.core import Waiting
from parley.features.updates.service import Inbox
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Chance, Clock
from parley.shell.lanes import Lanes

MOST_IN_HAND: Final = 5000
"""Updates taken on and not yet handled; beyond it Telegram keeps them for us."""
LOOK_EVERY: Final = 1.0
"""Seconds between looks for updates that a dead process left, or that wait because too many were in hand."""
MOST_TRIES: Final = 3
MOST_DEATHS: Final = 100
"""An update that so many processes died with is given up: it may be what killed them."""
FORGET_EVERY: Final = 3600.0
_TRY_AGAIN: Final = 1.0
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_TELL_AGAIN: Final = 60.0
"""Seconds between two log lines about the same trouble."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Desk:
    """Hands stored updates to the dispatcher and notes what became of them."""

    inbox: Inbox
    bot: Bot
    dispatcher: Dispatcher
    clock: Clock
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when Telegram no longer knows the token."""
    _in_hand: set[int] = field(default_factory=set)
    _later: set[asyncio.Task[None]] = field(default_factory=set)
    _lanes: Lanes = field(init=False)
    _has_room: asyncio.Event = field(default_factory=asyncio.Event)
    _look: asyncio.Event = field(default_factory=asyncio.Event)
    _finished: set[int] = field(default_factory=set)
    """Since the last look began: the inbox as it was seen may still show them as waiting."""
    _is_behind: bool = True
    """The inbox may hold older updates than those that come in."""

    def __post_init__(self) -> None:
        self._lanes = Lanes(self._handle)
        self._has_room.set()

    async def receive(self, raw: Sequence[bytes]) -> int | None:
        """Store updates and take them on; the number after the last of them. Raises ServiceUnavailable."""
        updates = [update for update in map(core.read, raw) if update is not None]
        if len(updates) < len(raw):
            log.warning("updates_without_number", count=len(raw) - len(updates))
        if not updates:
            return None
        mine = await self.inbox.put(updates)
        if mine is None or self._is_behind:
            self._is_behind = True
            self._look.set()
        else:
            self._take_on(mine)
        return updates[-1].id + 1

    async def has_room(self) -> None:
        """Wait until more can be taken on."""
        await self._has_room.wait()

    async def watch(self) -> None:
        """Take on what waits in the inbox and nobody works on, until cancelled."""
        while True:
            try:
                await self._catch_up()
            except ServiceUnavailable:
                log.warning("inbox_away")
            await self._settle(LOOK_EVERY)

    async def _catch_up(self) -> None:
        """What comes in goes through here, in the order of the inbox, until all that is older has been taken on."""
        self._look.clear()
        self._finished.clear()
        found = await self.inbox.waiting(MOST_IN_HAND)
        self._is_behind = len(found) == MOST_IN_HAND or self._look.is_set()
        self._take_on(update for update in found if update.id not in self._finished)

    async def _settle(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._look.wait()
        except TimeoutError:
            return

    async def end(self, seconds: float) -> None:
        """Finish what is in hand for so long; what is not finished is handled after the next start."""
        until = self.clock.monotonic() + seconds
        await self._lanes.end(seconds)
        if self._later:
            await asyncio.wait(self._later, timeout=max(0.0, until - self.clock.monotonic()))
        for task in list(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    def _take_on(self, updates: Iterable[Waiting]) -> None:
        for update in updates:
            if update.id not in self._in_hand:
                self._in_hand.add(update.id)
                self._lanes.add(update)
        self._note_room()

    def _note_room(self) -> None:
        if len(self._in_hand) < MOST_IN_HAND:
            self._has_room.set()
        else:
            self._has_room.clear()

    # --- one update

    async def _handle(self, update: Waiting) -> None:
        """Handle it, again if need be; what may be waited for goes on beside the lane."""
        rest = await self._settled(update, lambda: self._dispatched(update))
        if isinstance(rest, Later):
            task = asyncio.create_task(self._go_on(update, rest))
            self._later.add(task)
            task.add_done_callback(self._later.discard)
        else:
            await self._put_away(update)

    async def _go_on(self, update: Waiting, later: Later) -> None:
        """See the rest through; if it breaks off, the whole is handled again."""
        first: list[Later] = [later]

        async def attempt() -> None:
            rest = first.pop() if first else await self._dispatched_again(update)
            while isinstance(rest, Later):
                await rest.rest
                rest = None

        await self._settled(update, attempt)
        await self._put_away(update)

    async def _settled(self, update: Waiting, attempt: Callable[[], Awaitable[Any]]) -> Any:
        """The attempt's result. What is away is waited for; a fault of ours gets three tries."""
        if update.attempts > MOST_DEATHS:
            return await self._gave_up(update, "deaths")
        tries = 0
        while True:
            try:
                return await attempt()
            except ServiceUnavailable:
                await self.clock.sleep(_TRY_AGAIN)
            except TelegramUnauthorizedError:
                self.refused.set()
                await asyncio.Event().wait()  # until this process ends; the next one handles the update
            except ValidationError:
                return await self._gave_up(update, "undecodable")
            except Exception:
                tries += 1
                log.exception("update_broke", update=update.id, tries=tries)
                if tries == MOST_TRIES:
                    return await self._gave_up(update, "broke")
                await self.clock.sleep(_TRY_AGAIN)

    async def _dispatched(self, update: Waiting) -> Any:
        """What the screens make of it; raises ValidationError for what is no update."""
        read = TelegramUpdate.model_validate_json(update.body, context={"bot": self.bot})
        return await self.dispatcher.feed_update(self.bot, read)

    async def _dispatched_again(self, update: Waiting) -> Any:
        """The like from the beginning, unless the person had everything erased meanwhile: it would bring them back."""
        return await self._dispatched(update) if await self.inbox.is_waiting(update.id) else None

    async def _gave_up(self, update: Waiting, why: str) -> None:
        log.error("update_given_up", update=update.id, why=why)
        await self._noted(lambda: self.inbox.failed(update.id))

    async def _put_away(self, update: Waiting) -> None:
        await self._noted(lambda: self.inbox.done(update.id))
        self._in_hand.discard(update.id)
        self._finished.add(update.id)
        self._note_room()

    async def _noted(self, note: Callable[[], Awaitable[None]]) -> None:
        """Note it, however long the database is away: else it would be handled once more."""
        while True:
            try:
                return await note()
            except ServiceUnavailable:
                await self.clock.sleep(_TRY_AGAIN)


@dataclass(slots=True)
class PollingLoop:
    """Long polling: store, then move the offset."""

    polling: Polling
    desk: Desk
    clock: Clock
    chance: Chance
    _pause: float = _FIRST_PAUSE
    _told: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Poll until cancelled; raises BotRefused."""
        offset: int | None = None
        while True:
            await self.desk.has_room()
            try:
                received = core.batch(await self.polling.updates(offset))
                offset = await self.desk.receive(received) or offset
                self._pause = _FIRST_PAUSE
            except PollFailed as failure:
                await self._wait_out(failure.kind, failure.retry_after)
            except ValueError:
                await self._wait_out("undecodable", None)
            except ServiceUnavailable:
                await self._wait_out("database", None)

    async def _wait_out(self, kind: str, retry_after: float | None) -> None:
        """Wait longer each time, or as long as Telegram asks."""
        now = self.clock.monotonic()
        if now >= self._told.get(kind, 0.0):
            self._told[kind] = now + _TELL_AGAIN
            log.warning("poll_failed", kind=kind, hint=_HINTS.get(kind))
        await self.clock.sleep(retry_after or self._pause * (0.5 + self.chance.fraction() / 2))
        self._pause = _FIRST_PAUSE if retry_after else min(2 * self._pause, _LONGEST_PAUSE)


_HINTS: Final = {
    "conflict": "another process polls with this token, or a webhook is set",
    "limit": "Telegram asks for a pause",
    "database": "updates wait at Telegram until the database is back",
}


async def until_refused(desk: Desk) -> None:
    """Wait until Telegram refuses the token; raises BotRefused then."""
    await desk.refused.wait()
    raise BotRefused


async def forget_handled(inbox: Inbox, clock: Clock) -> None:
    """Drop the numbers of what was handled long ago, now and then, until cancelled. Once may be missed."""
    while True:
        await clock.sleep(FORGET_EVERY)
        with suppress(ServiceUnavailable):
            await inbox.forget_old()
