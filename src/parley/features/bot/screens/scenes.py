"""`/new` and `/reset`: beginning anew with the chosen character, after a question that tells what goes."""

from typing import Literal

import msgspec
from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery
from aiogram.utils.formatting import Text

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import scenes as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.characters.taps import Id
from parley.features.bot.screens.chosen import chosen
from parley.features.bot.screens.once import once
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, button, on_command, show
from parley.features.bot.screens.visitors import viewer_of
from parley.features.bot.service import Toast
from parley.features.characters.core import Character
from parley.features.characters.core.macros import named
from parley.features.identity.core import Person
from parley.kernel.ids import CharacterId
from parley.kernel.ports import Tx
from parley.kernel.sentences import Language

What = Literal["new", "all"]
"""A new scene, or everything."""


class Anew(CallbackData, prefix="anew"):
    """The person's answer to the question."""

    character: Id
    what: What
    yes: bool


def router() -> Router:
    """`/new`, `/reset` and the answers to their questions."""
    fresh = Router(name="scenes")
    fresh.message.register(_new, on_command("new"))
    fresh.message.register(_reset, on_command("reset"))
    fresh.callback_query.register(_answered, Anew.filter())
    return fresh


async def _new(_: object, services: BotServices, person: Person, dialog: Dialog, language: Language) -> None:
    await _ask(services, person, dialog, language, "new")


async def _reset(_: object, services: BotServices, person: Person, dialog: Dialog, language: Language) -> None:
    await _ask(services, person, dialog, language, "all")


async def _ask(services: BotServices, person: Person, dialog: Dialog, language: Language, what: What) -> None:
    """Ask with the numbers as they are; nobody is asked about nothing."""
    character = await chosen(services, person, dialog, language)
    if character is None:
        return
    messages, facts = await _counts(services, person, character.id)
    if not messages and (what == "new" or not facts):
        await show(services, person, Screen(texts.nothing_said(character.name, language)))
        return
    ask, yes = (texts.ask_new_scene, texts.NEW_SCENE) if what == "new" else (texts.ask_reset, texts.RESET)
    rows = [
        [button(yes[language], Anew(character=character.id, what=what, yes=True))],
        [button(words.CANCEL[language], Anew(character=character.id, what=what, yes=False))],
    ]
    await show(services, person, Screen(ask(character.name, messages, facts, language), rows))


async def _counts(services: BotServices, person: Person, character: CharacterId) -> tuple[int, int]:
    """How much was said, and how much is remembered."""
    chat = await services.chats.find(person.id, character)
    async with services.memories.db.read() as tx:
        facts = await services.memories.count(tx, person.id, character)
    return (0 if chat is None else chat.messages_count), facts


async def _answered(
    query: CallbackQuery,
    callback_data: Anew,
    services: BotServices,
    person: Person,
    dialog: Dialog,
    language: Language,
    update_id: int,
) -> Toast | None:
    if not callback_data.yes:
        await show(services, person, Screen(Text(words.CANCELLED[language])), query)
        return None
    if callback_data.character != dialog.character:
        return Toast(words.OUT_OF_DATE[language], is_alert=True)
    character = await services.characters.visible(viewer_of(person), dialog.character)
    begun = await _begin_anew(services, person, character, callback_data.what, language, update_id)
    await show(services, person, Screen(begun), query)
    return None


async def _begin_anew(
    services: BotServices, person: Person, character: Character, what: What, language: Language, update_id: int
) -> Text:
    async def change(tx: Tx) -> str:
        if what == "all":
            counts = await services.scenes.reset(tx, person.id, character.id)
        else:
            counts = await services.scenes.new_scene(tx, person.id, character.id, 0)
        return msgspec.json.encode(counts).decode()

    answer = await once(services, person, update_id, what, change)
    messages, facts = msgspec.json.decode(answer, type=tuple[int, int])
    greeting = named(character.greeting, character.name, person.display_name)
    told = texts.reset if what == "all" else texts.new_scene
    return told(messages, facts, greeting, language)
