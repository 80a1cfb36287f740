"""All settings at a glance."""

from aiogram import Router
from aiogram.types import CallbackQuery

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import settings as texts
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.settings.taps import Age, Choose, ChooseWith, Overview, Regions
from parley.features.bot.screens.showing import Row, Screen, button, show
from parley.features.bot.screens.visitors import viewer_of, zone_of
from parley.features.characters.core import Character
from parley.features.identity.core import Person
from parley.kernel.errors import AgeConfirmationRequired, CharacterNotFound
from parley.kernel.ids import CharacterId
from parley.kernel.sentences import Language


def router() -> Router:
    """The way back to the settings."""
    fresh = Router(name="settings overview")
    fresh.callback_query.register(_back, Overview.filter())
    return fresh


async def _back(query: CallbackQuery, services: BotServices, person: Person, dialog: Dialog) -> None:
    await show_overview(services, person, dialog, query)


async def show_overview(
    services: BotServices, person: Person, dialog: Dialog, tap: CallbackQuery | None = None
) -> None:
    """The settings in the language that holds now: it may just have been changed."""
    language = person.speaks
    character = await _character(services, person, dialog)
    now = services.clock.now().astimezone(zone_of(person, services))
    session = None if character is None else await _session(services, person, character)
    chosen = texts.Chosen(language, person.gender, person.is_adult_confirmed, now, session)
    await show(services, person, Screen(texts.overview(chosen, language), _rows(character, language)), tap)


async def _character(services: BotServices, person: Person, dialog: Dialog) -> Character | None:
    """The chosen character, if one can still talk with it."""
    if dialog.character is None:
        return None
    try:
        return await services.characters.visible(viewer_of(person), dialog.character)
    except (CharacterNotFound, AgeConfirmationRequired):
        return None


async def _session(services: BotServices, person: Person, character: Character) -> texts.Session:
    chat = await services.chats.find(person.id, character.id)
    if chat is None:
        return texts.Session(character.name, "neutral", "neutral")
    return texts.Session(character.name, chat.relationship_type, chat.mood_preference)


def _rows(character: Character | None, language: Language) -> list[Row]:
    names = texts.NAMES
    own = [
        button(names["language"][language], Choose(what="language")),
        button(names["gender"][language], Choose(what="gender")),
    ]
    more = [button(names["zone"][language], Regions()), button(names["age"][language], Age())]
    return [own, more, [] if character is None else _with(character.id, language)]


def _with(character: CharacterId, language: Language) -> Row:
    return [
        button(texts.NAMES["relationship"][language], ChooseWith(what="relationship", character=character)),
        button(texts.NAMES["mood"][language], ChooseWith(what="mood", character=character)),
    ]
