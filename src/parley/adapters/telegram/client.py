"""Speaks to Telegram: every call of the bot goes through one budget, and nothing that must be said gets lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import Response, TelegramMethod
from pydantic import ValidationError

from parley.adapters.telegram.budget import Budget
from parley.kernel.ports import Chance, Clock

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
_CALL_SECONDS: Final = 20
"""A call that takes longer counts as lost on the way."""
_OFFER_SECONDS: Final = 5
"""A draft that takes longer is of no use any more."""

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


class _Session(AiohttpSession):
    """aiogram's, which takes what a proxy says of a server that is away for an answer it cannot read."""

    def check_response(
        self, bot: Bot, method: TelegramMethod[Answer], status_code: int, content: str
    ) -> Response[Answer]:
        if status_code >= 500:
            raise TelegramServerError(method=method, message=f"status {status_code}")
        try:
            return super().check_response(bot, method, status_code, content)
        except ClientDecodeError as error:
            if isinstance(error.original, ValidationError):
                raise  # Telegram's own, in a shape nobody knew: the call has taken place
            raise TelegramServerError(method=method, message="not an answer of the Bot API") from None


@dataclass(slots=True)
class _Line:
    """Calls to one chat follow each other."""

    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


@dataclass(slots=True)
class TelegramClient:
    """The bot's voice (`features/bot/service.py`, Outgoing). Its errors bear no address: that would hold the token."""

    bot: Bot
    clock: Clock
    chance: Chance
    budget: Budget = field(default_factory=Budget)
    _lines: dict[int, _Line] = field(default_factory=dict)

    async def send(self, method: TelegramMethod[Answer], /) -> Answer:
        """Make this call, however long it must wait; raises what Telegram refuses for good."""
        chat = _chat_of(method)
        if chat is None:
            return await self._made(method, None)
        async with self._in_line(chat):
            return await self._made(method, chat)

    async def offer(self, method: TelegramMethod[Answer], /) -> Answer | None:
        """Make this call now or not at all; raises what Telegram refuses for good."""
        chat = _chat_of(method)
        if chat is None or chat in self._lines or not self.budget.try_take(chat, self.clock.monotonic()):
            return None
        try:
            async with self._in_line(chat):
                answer: Answer = await self.bot.session(self.bot, method, timeout=_OFFER_SECONDS)
                return answer
        except TelegramRetryAfter as refusal:
            self._heed(refusal, chat)
        except (TelegramNetworkError, TelegramServerError):
            log.info("telegram_call_left_out", method=method.__api_method__)
        return None

    @asynccontextmanager
    async def _in_line(self, chat: int) -> AsyncIterator[None]:
        """The block's turn to call this chat, after those who asked before."""
        line = self._lines.setdefault(chat, _Line())
        line.length += 1
        try:
            async with line.door:
                yield
        finally:
            line.length -= 1
            if not line.length:
                del self._lines[chat]

    async def _made(self, method: TelegramMethod[Answer], chat: int | None) -> Answer:
        """Call until Telegram has answered."""
        pause = FIRST_PAUSE
        await self.clock.sleep(self.budget.take(chat, self.clock.monotonic()))
        while True:
            await self._keep_silence(chat)
            try:
                return await self.bot.session(self.bot, method, timeout=_CALL_SECONDS)
            except TelegramRetryAfter as refusal:
                self._heed(refusal, chat)
            except (TelegramNetworkError, TelegramServerError) as fault:
                log.warning("telegram_away", method=method.__api_method__, kind=type(fault).__name__)
                await self.clock.sleep(pause * (0.5 + self.chance.fraction()))
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _keep_silence(self, chat: int | None) -> None:
        """Wait for as long as Telegram wants; it may have asked for it since this call got its place."""
        while seconds := self.budget.wait(chat, self.clock.monotonic()):
            await self.clock.sleep(seconds)

    def _heed(self, refusal: TelegramRetryAfter, chat: int | None) -> None:
        """Telegram asked for silence; to call on meanwhile makes it longer."""
        log.warning("telegram_limit", method=refusal.method.__api_method__, retry_after=refusal.retry_after)
        self.budget.shut(chat, self.clock.monotonic() + refusal.retry_after)


def _chat_of(method: TelegramMethod[Any]) -> int | None:
    chat = getattr(method, "chat_id", None)
    return chat if isinstance(chat, int) else None


def _decoded(text: str) -> Any:
    return msgspec.json.decode(text)


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()


@asynccontextmanager
async def telegram_client(token: str, api_url: str, clock: Clock, chance: Chance) -> AsyncIterator[TelegramClient]:
    """A client for the bot with this token, closed in the end."""
    session = _Session(api=TelegramAPIServer.from_base(api_url), json_loads=_decoded, json_dumps=_encoded)
    bot = Bot(token, session=session)
    try:
        yield TelegramClient(bot, clock, chance)
    finally:
        await session.close()
