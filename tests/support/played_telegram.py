"""Telegram played at the port (`Outgoing`), with one chat: calls are refused, held or lost when a test says so."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from aiogram.exceptions import TelegramAPIError
from aiogram.methods import (
    TelegramMethod,
)
from aiogram.types import InlineKeyboardMarkup

from support.telegram_chats import TelegramChats

Answer = TypeVar("Answer")
PERSON = 7
LONG_ENOUGH = 20.0
"""Seconds after which a test stops waiting: only a failing one ever does."""
ANYA = {"id": PERSON, "is_bot": False, "first_name": "Аня", "language_code": "ru"}


@dataclass(slots=True)
class Call:
    """One call to Telegram."""

    how: Literal["send", "offer"]
    method: TelegramMethod[Any]

    @property
    def name(self) -> str:
        """The method's name, as in Telegram's documentation."""
        return self.method.__api_method__

    @property
    def text(self) -> str:
        """The text it bears."""
        text: str | None = getattr(self.method, "text", None)
        return text or ""


@dataclass(slots=True)
class Standing:
    """A message of the bot as it stands in the chat."""

    text: str
    keyboard: InlineKeyboardMarkup | None

    @property
    def buttons(self) -> dict[str, str]:
        """What the buttons say, and what comes back when they are tapped."""
        rows = [] if self.keyboard is None else self.keyboard.inline_keyboard
        return {button.text: button.callback_data or "" for row in rows for button in row}


@dataclass(slots=True)
class PlayedTelegram:
    """Answers by Telegram's rules, and refuses or waits where it is told to."""

    calls: list[Call] = field(default_factory=list)
    chats: TelegramChats = field(default_factory=TelegramChats)
    has_room: bool = True
    """Whether what may be left out takes place."""
    refusals: dict[type[TelegramMethod[Any]], "deque[tuple[type[TelegramAPIError], str] | None]"] = field(
        default_factory=dict
    )
    held: dict[type[TelegramMethod[Any]], asyncio.Event] = field(default_factory=dict)
    """Calls of these kinds wait for the event before they take place."""
    lost: dict[type[TelegramMethod[Any]], asyncio.Event] = field(default_factory=dict)
    """Calls of these kinds take place, and their answer waits for the event."""
    passing: dict[type[TelegramMethod[Any]], int] = field(default_factory=dict)
    """So many calls of these kinds take place before one is held."""
    waiting: int = 0
    """How many calls are held."""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, method: TelegramMethod[Answer], /) -> Answer:
        return await self._made("send", method)

    async def offer(self, method: TelegramMethod[Answer], /) -> Answer | None:
        if not self.has_room:
            return None
        return await self._made("offer", method)

    def refuse(
        self, kind: type[TelegramMethod[Any]], error: type[TelegramAPIError], message: str, *, after: int = 0
    ) -> None:
        """Refuse one call of this kind, after so many that are not refused."""
        self.refusals.setdefault(kind, deque()).extend([*([None] * after), (error, message)])

    async def until(self, holds: Callable[["PlayedTelegram"], bool]) -> None:
        """Wait until the chat is as it should be."""
        async with asyncio.timeout(LONG_ENOUGH):
            while not holds(self):
                self._came.clear()
                await self._came.wait()

    async def until_called(self, name: str, times: int = 1) -> None:
        """Wait for so many calls of a method in all."""
        await self.until(lambda telegram: len(telegram.named(name)) >= times)

    def named(self, name: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.name == name]

    @property
    def drafts(self) -> list[str]:
        """The texts of all drafts."""
        return [call.text for call in self.named("sendMessageDraft")]

    @property
    def standing(self) -> dict[int, Standing]:
        """The bot's messages by number, in order."""
        messages = self.chats.messages.items()
        return {number: Standing(message.text or "", message.reply_markup) for (_, number), message in messages}

    @property
    def texts(self) -> list[str]:
        """What the bot's messages say now."""
        return [each.text for each in self.standing.values()]

    @property
    def last(self) -> tuple[int, Standing]:
        """The bot's last message."""
        return list(self.standing.items())[-1]

    async def _made(self, how: Literal["send", "offer"], method: TelegramMethod[Answer]) -> Answer:
        await self._wait(self.held, method)
        self.calls.append(Call(how, method))
        self._came.set()
        await asyncio.sleep(0)
        refusals = self.refusals.get(type(method))
        refusal = refusals.popleft() if refusals else None
        if refusal is not None:
            raise refusal[0](cast("TelegramMethod[Any]", method), refusal[1])
        answer = self.chats.make(method)
        self._came.set()
        await self._wait(self.lost, method)
        return cast("Answer", answer)

    async def _wait(self, where: dict[type[TelegramMethod[Any]], asyncio.Event], method: TelegramMethod[Any]) -> None:
        event = where.get(type(method))
        if event is None:
            return
        left = self.passing.get(type(method), 0)
        self.passing[type(method)] = max(left - 1, 0)
        if not left:
            self.waiting += 1
            await event.wait()
            self.waiting -= 1


def message_json(number: int, text: str) -> dict[str, Any]:
    chat = {"id": PERSON, "type": "private", "first_name": "Аня"}
    return {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": ANYA, "text": text}


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait for something that sets no event."""
    async with asyncio.timeout(LONG_ENOUGH):
        while not holds():  # noqa: ASYNC110  there is none
            await asyncio.sleep(0.001)
