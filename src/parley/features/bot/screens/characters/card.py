"""A character's card."""

from aiogram import Router
from aiogram.types import CallbackQuery

from parley.features.bot.core.texts import characters as texts
from parley.features.bot.screens import age
from parley.features.bot.screens.characters.searching import query_of
from parley.features.bot.screens.characters.taps import Browse, Look, Talk
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, button, show
from parley.features.bot.screens.visitors import viewer_of
from parley.features.characters.core.catalogue import greeting_to
from parley.features.identity.core import Person
from parley.kernel.errors import AgeConfirmationRequired
from parley.kernel.ids import CharacterId
from parley.kernel.sentences import Language


def router() -> Router:
    """The buttons that bear characters' names."""
    fresh = Router(name="card")
    fresh.callback_query.register(_look, Look.filter())
    return fresh


async def _look(
    query: CallbackQuery, callback_data: Look, services: BotServices, person: Person, language: Language
) -> None:
    character, viewer = CharacterId(callback_data.character), viewer_of(person)
    try:
        entry = await services.characters.entry(viewer, character)
    except AgeConfirmationRequired:
        await show(services, person, age.question(language, character), query)
        return
    is_found = callback_data.order == "q"
    searched = query_of(query) if is_found else None
    back = texts.TO_FOUND if is_found else texts.TO_LIST
    text = texts.card(entry, greeting_to(entry, viewer), language, searched)
    ways = [
        button(texts.TALK[language], Talk(character=entry.id)),
        button(back[language], Browse.at(callback_data.shelf)),
    ]
    await show(services, person, Screen(text, [ways]), query)
