"""The beginning of a conversation: who may talk with whom, and the character's first words."""

from aiogram import Router
from aiogram.types import CallbackQuery
from aiogram.utils.formatting import Text

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import age as age_texts
from parley.features.bot.core.texts import characters as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens import age
from parley.features.bot.screens.characters.taps import Browse, Leave, Talk
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Row, Screen, button, show
from parley.features.bot.screens.visitors import viewer_of
from parley.features.bot.service import Toast
from parley.features.characters.core.catalogue import greeting_to
from parley.features.identity.core import Person
from parley.kernel.errors import AgeConfirmationRequired
from parley.kernel.ids import CharacterId
from parley.kernel.sentences import Language


def router() -> Router:
    """Buttons that begin and end conversations."""
    fresh = Router(name="meeting")
    fresh.callback_query.register(_talk, Talk.filter())
    fresh.callback_query.register(_leave, Leave.filter())
    fresh.callback_query.register(_say_age, age.Adult.filter())
    return fresh


async def meet(
    services: BotServices,
    person: Person,
    language: Language,
    character: CharacterId,
    *,
    tap: CallbackQuery | None = None,
    is_introduced: bool = False,
) -> None:
    """Let the person talk with the character from now on. Raises CharacterNotFound and PremiumRequired.

    Whoever must say first that they are an adult is asked, and comes back here.
    """
    try:
        entry = await services.characters.entry(viewer_of(person), character)
    except AgeConfirmationRequired:
        await show(services, person, age.question(language, character), tap)
        return
    async with services.limits.db.read() as tx:
        await services.limits.require_access(tx, person.id, entry.access_type)
    await services.dialogs.choose(person.id, character)
    greeting = greeting_to(entry, viewer_of(person))
    told = texts.met(entry, greeting, language, is_introduced=is_introduced)
    await show(services, person, Screen(told, [_ways_out(language)]), tap)


def _ways_out(language: Language) -> Row:
    return [button(words.CHOOSE_ANOTHER[language], Browse()), button(texts.LEAVE[language], Leave())]


async def _talk(
    query: CallbackQuery, callback_data: Talk, services: BotServices, person: Person, language: Language
) -> None:
    await meet(services, person, language, CharacterId(callback_data.character), tap=query)


async def _leave(
    query: CallbackQuery, services: BotServices, person: Person, dialog: Dialog, language: Language
) -> Toast | None:
    if dialog.character is None:
        return Toast(texts.ALREADY_LEFT[language])
    await services.dialogs.choose(person.id, None)
    await show(
        services, person, Screen(Text(texts.LEFT[language]), [[button(words.CHOOSE[language], Browse())]]), query
    )
    return None


async def _say_age(
    query: CallbackQuery, callback_data: age.Adult, services: BotServices, person: Person, language: Language
) -> None:
    if not callback_data.yes:
        await show(services, person, Screen(Text(age_texts.DECLINED[language])), query)
        return
    adult = await age.confirm(services, person, confirmed=True)
    await meet(services, adult, language, CharacterId(callback_data.character), tap=query, is_introduced=True)
