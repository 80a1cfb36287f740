"""The question for the person's age, asked by several screens, and the answer."""

import dataclasses

from aiogram.filters.callback_data import CallbackData

from parley.features.bot.core.texts import age as texts
from parley.features.bot.screens.characters.taps import Id
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, button
from parley.features.identity.core import Person
from parley.kernel.ids import CharacterId
from parley.kernel.sentences import Language


class Adult(CallbackData, prefix="age"):
    """The person says whether they are an adult, to go on to this character."""

    character: Id
    yes: bool


def question(language: Language, character: CharacterId) -> Screen:
    """Asks for the person's word before they meet a character for adults."""
    yes = button(texts.YES[language], Adult(character=character, yes=True))
    return Screen(texts.question(language), [[yes, button(texts.NO[language], Adult(character=character, yes=False))]])


async def confirm(services: BotServices, person: Person, *, confirmed: bool) -> Person:
    """Keep or withdraw the person's word; the person as they now stand."""
    async with services.identity.db.begin() as tx:
        await services.identity.confirm_adult(tx, person, confirmed=confirmed)
    return dataclasses.replace(person, is_adult_confirmed=confirmed)
