"""The person's word that they are 18 or older."""

from aiogram import Router
from aiogram.types import CallbackQuery

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import age as age_texts
from parley.features.bot.core.texts import settings as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens import age
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.settings.overview import show_overview
from parley.features.bot.screens.settings.taps import Age, Overview, PutAge
from parley.features.bot.screens.showing import Screen, button, show
from parley.features.bot.service import Toast
from parley.features.identity.core import Person
from parley.kernel.sentences import Language


def router() -> Router:
    """The button that explains, and those that answer."""
    fresh = Router(name="age")
    fresh.callback_query.register(_explain, Age.filter())
    fresh.callback_query.register(_put, PutAge.filter())
    return fresh


async def _explain(query: CallbackQuery, services: BotServices, person: Person, language: Language) -> None:
    is_adult = person.is_adult_confirmed
    label = (texts.WITHDRAW if is_adult else age_texts.YES)[language]
    rows = [[button(label, PutAge(confirmed=not is_adult))], [button(words.BACK[language], Overview())]]
    await show(services, person, Screen(texts.age(language, is_adult=is_adult), rows), query)


async def _put(
    query: CallbackQuery,
    callback_data: PutAge,
    services: BotServices,
    person: Person,
    dialog: Dialog,
    language: Language,
) -> Toast:
    changed = await age.confirm(services, person, confirmed=callback_data.confirmed)
    await show_overview(services, changed, dialog, query)
    return Toast(texts.SAVED[language])
