"""How a screen comes into the chat: as a new message, or in the place of the one whose button was tapped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.methods import EditMessageText, SendMessage
from aiogram.types import (
    CallbackQuery,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    WebAppInfo,
)
from aiogram.utils.formatting import Text

from parley.features.bot.core.delivery import meaning
from parley.features.bot.screens.services import BotServices
from parley.features.identity.core import Person

Row = Sequence[InlineKeyboardButton]

NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
"""Telegram would call an address that a card or a model names, with whatever stands in it; nobody asked for that."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Screen:
    """A text and the buttons under it."""

    text: Text
    rows: Sequence[Row] = ()

    @property
    def keyboard(self) -> InlineKeyboardMarkup | None:
        """The buttons as Telegram takes them."""
        rows = [list(row) for row in self.rows if row]
        return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def on_command(name: str) -> Command:
    """The filter of a command. In a private chat every command is for this bot, whatever name stands behind an @."""
    return Command(name, ignore_case=True, ignore_mention=True)


def button(text: str, tap: CallbackData) -> InlineKeyboardButton:
    """A button that comes back as a tap."""
    return InlineKeyboardButton(text=text, callback_data=tap.pack())


def app_button(text: str, url: str) -> InlineKeyboardButton:
    """A button that opens the Mini App."""
    return InlineKeyboardButton(text=text, web_app=WebAppInfo(url=url))


def two_a_row(buttons: Row) -> list[Row]:
    """Many buttons of a few letters each."""
    return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]


def paging(page: int, count: int, to: Callable[[int], CallbackData]) -> Row:
    """The row that turns pages, numbered from 0; nothing where there is one page only."""
    if count <= 1:
        return []
    before = [button("‹", to(page - 1))] if page > 0 else []
    after = [button("›", to(page + 1))] if page + 1 < count else []
    return [*before, button(f"{page + 1}/{count}", to(page)), *after]


async def show(services: BotServices, person: Person, screen: Screen, tap: CallbackQuery | None = None) -> None:
    """Show the screen: in the place of the tapped message if that can be edited, else as a new one."""
    if tap is None or tap.message is None or not await _replaced(services, person, screen, tap.message.message_id):
        await services.outgoing.send(
            SendMessage(
                chat_id=person.telegram.id,
                reply_markup=screen.keyboard,
                link_preview_options=NO_PREVIEW,
                **screen.text.as_kwargs(),
            )
        )


async def ask(services: BotServices, person: Person, question: Text, placeholder: str) -> None:
    """Ask for a word: the person's Telegram opens a reply to this very message."""
    await services.outgoing.send(
        SendMessage(
            chat_id=person.telegram.id,
            reply_markup=ForceReply(force_reply=True, input_field_placeholder=placeholder),
            **question.as_kwargs(),
        )
    )


async def _replaced(services: BotServices, person: Person, screen: Screen, message: int) -> bool:
    """Whether the message shows the screen now. It may do so already: then Telegram refuses, and all is well."""
    try:
        await services.outgoing.send(
            EditMessageText(
                chat_id=person.telegram.id,
                message_id=message,
                reply_markup=screen.keyboard,
                link_preview_options=NO_PREVIEW,
                **screen.text.as_kwargs(),
            )
        )
    except TelegramBadRequest as refusal:
        if meaning(refusal.message) == "same":
            return True
        log.info("message_not_edited", kind=type(refusal).__name__)
        return False
    return True
