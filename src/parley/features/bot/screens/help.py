"""`/help`."""

from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from parley.features.bot.core.texts import help as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.characters.taps import Browse
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, button, on_command, show
from parley.features.identity.core import Person
from parley.kernel.sentences import Language


class Help(CallbackData, prefix="help"):
    """Show the help."""


def router() -> Router:
    """`/help` and the button that leads there."""
    fresh = Router(name="help")
    fresh.message.register(_help, on_command("help"))
    fresh.callback_query.register(_help_in_place, Help.filter())
    return fresh


def _screen(language: Language) -> Screen:
    return Screen(texts.overview(language), [[button(words.CHOOSE[language], Browse())]])


async def _help(_: object, services: BotServices, person: Person, language: Language) -> None:
    await show(services, person, _screen(language))


async def _help_in_place(query: CallbackQuery, services: BotServices, person: Person, language: Language) -> None:
    await show(services, person, _screen(language), query)
