"""`/memory`: what the chosen character remembers of the person."""

from collections.abc import Sequence
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery
from aiogram.utils.formatting import Text

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.shelf import pages
from parley.features.bot.core.texts import memory as texts
from parley.features.bot.screens.characters.taps import Id, Page
from parley.features.bot.screens.chosen import chosen
from parley.features.bot.screens.once import once
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Row, Screen, button, on_command, paging, show
from parley.features.bot.screens.visitors import viewer_of
from parley.features.bot.service import Toast
from parley.features.characters.core import Character
from parley.features.identity.core import Person
from parley.features.memories.core import Fact, Memory
from parley.kernel.errors import Conflict, InvalidInput, MemoryNotFound
from parley.kernel.ids import CharacterId, MemoryId
from parley.kernel.ports import Tx
from parley.kernel.sentences import Language

ON_A_PAGE: Final = 5
_USUAL_IMPORTANCE: Final = 5


class Remembered(CallbackData, prefix="mem"):
    """Show a page of what a character remembers."""

    character: Id
    page: Page = 0


class Pin(CallbackData, prefix="pin"):
    """Pin a fact, or take the pin away."""

    character: Id
    memory: Id
    pinned: bool
    page: Page


class AskForget(CallbackData, prefix="forget"):
    """Ask whether to forget a fact."""

    character: Id
    memory: Id
    page: Page


class Forget(CallbackData, prefix="gone"):
    """Forget a fact."""

    character: Id
    memory: Id
    page: Page


def router() -> Router:
    """`/memory` and the buttons under its list."""
    fresh = Router(name="memory")
    fresh.message.register(_memory, on_command("memory"))
    fresh.callback_query.register(_show_list, Remembered.filter())
    fresh.callback_query.register(_pin, Pin.filter())
    fresh.callback_query.register(_ask_forget, AskForget.filter())
    fresh.callback_query.register(_forget, Forget.filter())
    return fresh


async def _memory(
    _: object,
    command: CommandObject,
    services: BotServices,
    person: Person,
    dialog: Dialog,
    language: Language,
    update_id: int,
) -> None:
    character = await chosen(services, person, dialog, language)
    if character is None:
        return
    if command.args:
        screen = await _noted(services, person, character, command.args, language, update_id)
    else:
        screen = await _list(services, person, character, language, 0)
    await show(services, person, screen)


async def _noted(
    services: BotServices, person: Person, character: Character, told: str, language: Language, update_id: int
) -> Screen:
    """Keep the fact; what came of it."""

    async def change(tx: Tx) -> str:
        await services.memories.add(tx, person.id, character.id, Fact(told, "fact", _USUAL_IMPORTANCE))
        return "{}"  # not the fact itself: forgotten, it would live on there for a day

    try:
        await once(services, person, update_id, "memory", change)
    except InvalidInput:
        return Screen(Text(texts.TOO_LONG[language]))
    except Conflict:
        return Screen(Text(texts.TOO_MANY[language]))
    everything = button(texts.SHOW_ALL[language], Remembered(character=character.id))
    return Screen(texts.noted(character.name, told, language), [[everything]])


async def _list(services: BotServices, person: Person, character: Character, language: Language, page: int) -> Screen:
    """A page, or the last one if there are fewer facts by now."""
    facts = await services.memories.listing(person.id, character.id)
    if not facts:
        return Screen(texts.nothing(character.name, language))
    page = min(page, pages(len(facts), ON_A_PAGE) - 1)
    first = page * ON_A_PAGE
    here = facts[first : first + ON_A_PAGE]
    turning = paging(page, pages(len(facts), ON_A_PAGE), lambda other: Remembered(character=character.id, page=other))
    rows = [*_rows(character, here, first + 1, page, language), turning]
    return Screen(texts.remembered(character.name, here, first + 1, len(facts), language), rows)


def _rows(character: Character, facts: Sequence[Memory], first: int, page: int, language: Language) -> list[Row]:
    return [
        [
            button(
                texts.unpin(number, language) if fact.pinned else f"{number} {texts.PIN}",
                Pin(character=character.id, memory=fact.id, pinned=not fact.pinned, page=page),
            ),
            button(f"{number} {texts.FORGET}", AskForget(character=character.id, memory=fact.id, page=page)),
        ]
        for number, fact in enumerate(facts, first)
    ]


# --- taps: a memory is looked up by person and character, so nobody reaches another's


async def _show_list(
    query: CallbackQuery,
    callback_data: Remembered | Pin | Forget,
    services: BotServices,
    person: Person,
    language: Language,
) -> None:
    character = await services.characters.visible(viewer_of(person), CharacterId(callback_data.character))
    await show(services, person, await _list(services, person, character, language, callback_data.page), query)


async def _pin(
    query: CallbackQuery, callback_data: Pin, services: BotServices, person: Person, language: Language
) -> Toast:
    tap = callback_data
    fact = Fact(pinned=tap.pinned)
    await services.memories.change(person.id, CharacterId(tap.character), MemoryId(tap.memory), fact)
    await _show_list(query, tap, services, person, language)
    return Toast((texts.PINNED if tap.pinned else texts.UNPINNED)[language])


async def _ask_forget(
    query: CallbackQuery, callback_data: AskForget, services: BotServices, person: Person, language: Language
) -> None:
    tap = callback_data
    facts = await services.memories.listing(person.id, CharacterId(tap.character))
    fact = next((each for each in facts if each.id == tap.memory), None)
    if fact is None:
        raise MemoryNotFound
    forget = Forget(character=tap.character, memory=tap.memory, page=tap.page)
    keep = Remembered(character=tap.character, page=tap.page)
    row = [button(texts.REALLY_FORGET[language], forget), button(texts.KEEP[language], keep)]
    await show(services, person, Screen(texts.ask_forget(fact, language), [row]), query)


async def _forget(
    query: CallbackQuery, callback_data: Forget, services: BotServices, person: Person, language: Language
) -> Toast:
    tap = callback_data
    await services.memories.forget(person.id, CharacterId(tap.character), MemoryId(tap.memory))
    await _show_list(query, tap, services, person, language)
    return Toast(texts.FORGOTTEN[language])
