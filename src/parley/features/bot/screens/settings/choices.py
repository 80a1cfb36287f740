"""Settings that are one value of a few: language, gender, relationship, mood."""

from collections.abc import Callable, Mapping
from typing import Final

from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import settings as texts
from parley.features.bot.core.texts import words
from parley.features.bot.core.texts.words import Phrase
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.settings.overview import show_overview
from parley.features.bot.screens.settings.taps import Choose, ChooseWith, Overview, Put, PutWith
from parley.features.bot.screens.showing import Screen, button, show, two_a_row
from parley.features.bot.screens.visitors import viewer_of
from parley.features.bot.service import Toast
from parley.features.chats.core import SessionChange
from parley.features.identity.core import DEFAULT_LANGUAGE, Person, ProfileChange
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import CharacterId
from parley.kernel.sentences import Language

_VALUES: Final[Mapping[str, Mapping[str, Phrase]]] = {
    "language": texts.LANGUAGES,
    "gender": texts.GENDERS,
    "relationship": texts.RELATIONSHIPS,
    "mood": texts.MOODS,
}
_UNSAID: Final = "none"


def router() -> Router:
    """The buttons that show values and set them."""
    fresh = Router(name="choices")
    fresh.callback_query.register(_choose, Choose.filter())
    fresh.callback_query.register(_put, Put.filter())
    fresh.callback_query.register(_choose_with, ChooseWith.filter())
    fresh.callback_query.register(_put_with, PutWith.filter())
    return fresh


def _values(what: str, current: str, to: Callable[[str], CallbackData], language: Language) -> Screen:
    """The values, two a row, the current one with its sign."""
    buttons = [
        button(words.chosen(phrase[language], is_it=value == current), to(value))
        for value, phrase in _VALUES[what].items()
    ]
    return Screen(texts.question(what, language), [*two_a_row(buttons), [button(words.BACK[language], Overview())]])


# --- of the person


async def _choose(
    query: CallbackQuery, callback_data: Choose, services: BotServices, person: Person, language: Language
) -> None:
    what = callback_data.what
    current = language if what == "language" else person.gender or _UNSAID
    screen = _values(what, current, lambda value: Put(what=what, value=value), language)
    await show(services, person, screen, query)


async def _put(
    query: CallbackQuery, callback_data: Put, services: BotServices, person: Person, dialog: Dialog
) -> Toast:
    change = _profile_change(callback_data, person)
    changed = await services.identity.change_profile(person, change)
    await show_overview(services, changed, dialog, query)
    return Toast(texts.SAVED[changed.speaks])


def _profile_change(tap: Put, person: Person) -> ProfileChange:
    """What the tap asks for; raises InvalidInput for a value that no button of ours bears."""
    if tap.value not in _VALUES[tap.what]:
        raise InvalidInput(tap.what)
    if tap.what == "gender":
        is_unsaid = tap.value == _UNSAID
        return ProfileChange(gender=None if is_unsaid else tap.value, clears_gender=is_unsaid)
    if tap.value == "telegram":
        return ProfileChange(language=person.telegram.language_code or DEFAULT_LANGUAGE)
    return ProfileChange(language=tap.value)


# --- of the conversation with a character


async def _choose_with(
    query: CallbackQuery,
    callback_data: ChooseWith,
    services: BotServices,
    person: Person,
    dialog: Dialog,
    language: Language,
) -> Toast | None:
    what, character = callback_data.what, CharacterId(callback_data.character)
    if character != dialog.character:
        return Toast(words.OUT_OF_DATE[language])
    chat = await services.chats.find(person.id, character)
    current = ("neutral", "neutral") if chat is None else (chat.relationship_type, chat.mood_preference)
    screen = _values(
        what,
        current[what == "mood"],
        lambda value: PutWith(what=what, character=character, value=value),
        language,
    )
    await show(services, person, screen, query)
    return None


async def _put_with(
    query: CallbackQuery,
    callback_data: PutWith,
    services: BotServices,
    person: Person,
    dialog: Dialog,
    language: Language,
) -> Toast:
    character = CharacterId(callback_data.character)
    if character != dialog.character:
        return Toast(words.OUT_OF_DATE[language])
    await services.characters.visible(viewer_of(person), character)
    value = callback_data.value
    change = SessionChange(value, None) if callback_data.what == "relationship" else SessionChange(None, value)
    await services.chats.change_session(person.id, character, change)
    await show_overview(services, person, dialog, query)
    return Toast(texts.SAVED[language])
