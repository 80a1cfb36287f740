"""How the bot introduces itself to Telegram: its commands, its description, the button beside the message field."""

from collections.abc import Iterator
from typing import Any, Final

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError
from aiogram.methods import (
    SetChatMenuButton,
    SetMyCommands,
    SetMyDescription,
    SetMyShortDescription,
    TelegramMethod,
)
from aiogram.types import BotCommand, MenuButtonCommands, MenuButtonWebApp, WebAppInfo

from parley.features.bot.core.commands import COMMANDS
from parley.features.bot.core.texts import introduction as texts
from parley.features.bot.screens.app import app_url
from parley.features.bot.screens.services import BotServices
from parley.features.identity.core import Person
from parley.kernel.sentences import Language

_AUDIENCES: Final[tuple[tuple[Language, str | None], ...]] = (("ru", None), ("ru", "ru"), ("en", "en"))
"""In which language, and for whose Telegram; None: for everyone who has no own."""
_FOR_ALL: Final[Language] = "ru"
"""The language of what Telegram keeps once for everybody."""

log = structlog.get_logger(__name__)


def commands(language: Language) -> list[BotCommand]:
    """The command menu."""
    return [BotCommand(command=each.name, description=each.about[language]) for each in COMMANDS]


async def introduce(services: BotServices) -> None:
    """Tell Telegram who the bot is. What it refuses is noted, and the bot works without."""
    for method in _introduction(services.public_url):
        try:
            await services.outgoing.send(method)
        except TelegramUnauthorizedError:
            raise
        except TelegramAPIError as refusal:
            log.warning("introduction_refused", method=type(method).__name__, kind=type(refusal).__name__)


async def name_the_app(services: BotServices, person: Person, language: Language) -> None:
    """The app's button in the person's language, where that is not the one for all; nobody waits for it."""
    if not services.public_url or language == _FOR_ALL:
        return
    button = _app_button(services.public_url, language)
    try:
        await services.outgoing.offer(SetChatMenuButton(chat_id=person.telegram.id, menu_button=button))
    except TelegramAPIError as refusal:
        log.info("app_button_refused", kind=type(refusal).__name__)


def _app_button(public_url: str, language: Language) -> MenuButtonWebApp:
    return MenuButtonWebApp(text=texts.MENU[language], web_app=WebAppInfo(url=app_url(public_url)))


def _introduction(public_url: str) -> Iterator[TelegramMethod[Any]]:
    for language, audience in _AUDIENCES:
        yield SetMyCommands(commands=commands(language), language_code=audience)
        yield SetMyDescription(description=texts.DESCRIPTION[language], language_code=audience)
        yield SetMyShortDescription(short_description=texts.SHORT_DESCRIPTION[language], language_code=audience)
    if public_url:
        # One button for all: Telegram keeps no language with it.
        yield SetChatMenuButton(menu_button=_app_button(public_url, _FOR_ALL))
    else:
        yield SetChatMenuButton(menu_button=MenuButtonCommands())
