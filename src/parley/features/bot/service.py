"""Use cases of the bot that belong to no other feature, and the door through which it speaks to Telegram."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from aiogram.methods import TelegramMethod

from parley.features.bot import store
from parley.features.bot.core.dialogs import Delivered, Dialog, Heard
from parley.kernel.ids import CharacterId, MessageId, UserId
from parley.kernel.ports import Clock, Database
from parley.kernel.wire import millis

Answer = TypeVar("Answer")


class Outgoing(Protocol):
    """Speaks to Telegram within its limits: one budget a chat and one for all (reference §2.4).

    Both raise what aiogram raises for a refusal: TelegramForbiddenError, TelegramBadRequest and their kin. A 429, a
    fault of the server or of the network never comes through: `send` waits it out, `offer` gives up.
    """

    async def send(self, method: TelegramMethod[Answer], /) -> Answer:
        """A call that must take place: waits for the budget, however long that is."""
        ...

    async def offer(self, method: TelegramMethod[Answer], /) -> Answer | None:
        """A call that may be left out, such as a draft: takes place now or not at all (None)."""
        ...


@dataclass(frozen=True, slots=True)
class Later:
    """The rest of an update's handling, which nobody in the chat has to wait for, such as a character's reply.

    A screen returns it; the update counts as handled when it has ended, and is handled again if it never does.
    """

    rest: Awaitable[None]


@dataclass(frozen=True, slots=True)
class Toast:
    """What a tap is answered with: a line over the chat, or an alert to be closed. A screen returns it."""

    text: str
    is_alert: bool = False


@dataclass(frozen=True, slots=True)
class Dialogs:
    """Whom people talk with in the bot, and what stands where in their Telegram chats."""

    db: Database
    clock: Clock

    async def of(self, user: UserId) -> Dialog:
        """The person's dialog."""
        async with self.db.read() as tx:
            return await store.dialog(tx, user)

    async def choose(self, user: UserId, character: CharacterId | None) -> None:
        """From now on the person talks with this character, or with nobody. Who may is the caller's to check."""
        async with self.db.begin() as tx:
            await store.choose(tx, user, character, self._now())

    async def set_blocked(self, user: UserId, *, is_blocked: bool) -> None:
        """The person blocked the bot, or lets it write again."""
        async with self.db.begin() as tx:
            await store.set_blocked(tx, user, self._now(), is_blocked=is_blocked)

    async def hear(self, heard: Heard) -> None:
        """Note to which character a Telegram message is said."""
        async with self.db.begin() as tx:
            await store.hear(tx, heard, self._now())

    async def heard(self, user: UserId, telegram_chat: int, telegram_message: int) -> Heard | None:
        """To which character the person's Telegram message was said."""
        async with self.db.read() as tx:
            return await store.heard(tx, user, telegram_chat, telegram_message)

    async def deliver(self, user: UserId, character: CharacterId, delivered: Delivered) -> None:
        """Note that a part of a reply stands in a Telegram message."""
        async with self.db.begin() as tx:
            await store.deliver(tx, user, character, delivered, self._now())

    async def delivered(self, user: UserId, message: MessageId) -> Sequence[Delivered]:
        """Where the parts of a reply stand."""
        async with self.db.read() as tx:
            return await store.delivered(tx, user, message)

    async def reply_in(self, user: UserId, telegram_chat: int, telegram_message: int) -> MessageId | None:
        """Which reply a Telegram message shows."""
        async with self.db.read() as tx:
            return await store.reply_in(tx, user, telegram_chat, telegram_message)

    async def withdraw(self, user: UserId, delivered: Delivered) -> None:
        """A Telegram message no longer shows a part of a reply."""
        async with self.db.begin() as tx:
            await store.withdraw(tx, user, delivered.telegram_chat, delivered.telegram_message)

    def _now(self) -> int:
        return millis(self.clock.now())
