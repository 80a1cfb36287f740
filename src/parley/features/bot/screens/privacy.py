"""`/privacy`, `/export`, `/forget_me`: what is kept of a person, handed out, and erased after a question."""

from typing import Final

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError
from aiogram.filters.callback_data import CallbackData
from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile, CallbackQuery
from aiogram.utils.formatting import Text

from parley.features.bot.core.texts import privacy as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.characters.taps import Id
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, button, on_command, show
from parley.features.bot.service import Toast
from parley.features.identity.core import Person
from parley.kernel.errors import PayloadTooLarge
from parley.kernel.sentences import Language
from parley.kernel.wire import millis

GOOD_FOR: Final = 15 * 60
"""Seconds a question may be answered: a button found in an old chat erases nothing."""

log = structlog.get_logger(__name__)


class ForgetMe(CallbackData, prefix="erase"):
    """The answer to the question. It bears who was asked and when, in seconds: it is good for that person alone."""

    person: Id
    asked_at: Id
    yes: bool


def router() -> Router:
    """Three commands and the answer to the question of one."""
    fresh = Router(name="privacy")
    fresh.message.register(_privacy, on_command("privacy"))
    fresh.message.register(_export, on_command("export"))
    fresh.message.register(_forget_me, on_command("forget_me"))
    fresh.callback_query.register(_answered, ForgetMe.filter())
    return fresh


async def _privacy(_: object, services: BotServices, person: Person, language: Language) -> None:
    await show(services, person, Screen(texts.about(language)))


async def _export(_: object, services: BotServices, person: Person, language: Language) -> None:
    try:
        document = await services.privacy.export(person)
    except PayloadTooLarge:
        await show(services, person, Screen(Text(texts.TOO_LARGE[language])))
        return
    await services.outgoing.send(
        SendDocument(
            chat_id=person.telegram.id,
            document=BufferedInputFile(document, texts.file_name(services.clock.now())),
            caption=texts.EXPORTED[language],
            parse_mode=None,
        )
    )


async def _forget_me(_: object, services: BotServices, person: Person, language: Language) -> None:
    amount = await services.privacy.amount(person)
    rows = [
        [button(texts.ERASE[language], ForgetMe(person=person.id, asked_at=_seconds(services), yes=True))],
        [button(words.CANCEL[language], ForgetMe(person=person.id, asked_at=_seconds(services), yes=False))],
    ]
    await show(services, person, Screen(texts.ask(amount, language), rows))


async def _answered(
    query: CallbackQuery, callback_data: ForgetMe, services: BotServices, person: Person, language: Language
) -> Toast | None:
    is_in_time = 0 <= _seconds(services) - callback_data.asked_at <= GOOD_FOR
    if callback_data.person != person.id or not is_in_time:
        return Toast(words.OUT_OF_DATE[language], is_alert=True)
    if not callback_data.yes:
        await show(services, person, Screen(Text(words.CANCELLED[language])), query)
        return None
    await services.privacy.erase(person)
    await _say_goodbye(query, services, person, language)
    return None


async def _say_goodbye(query: CallbackQuery, services: BotServices, person: Person, language: Language) -> None:
    """Say that it is done, if Telegram lets us; there is nobody any more of whom anything else could be noted."""
    try:
        await show(services, person, Screen(Text(texts.ERASED[language])), query)
    except TelegramUnauthorizedError:
        raise
    except TelegramAPIError as refusal:
        log.info("goodbye_refused", kind=type(refusal).__name__)


def _seconds(services: BotServices) -> int:
    return millis(services.clock.now()) // 1000
