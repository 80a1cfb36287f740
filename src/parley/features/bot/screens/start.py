"""`/start`, plain or by a link to a character."""

import re
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import start as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.app import app_row
from parley.features.bot.screens.characters.meeting import meet
from parley.features.bot.screens.characters.taps import Browse, Talk
from parley.features.bot.screens.help import Help
from parley.features.bot.screens.introducing import name_the_app
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Row, Screen, button, on_command, show
from parley.features.bot.screens.visitors import viewer_of
from parley.features.identity.core import Person
from parley.kernel.errors import AgeConfirmationRequired, CharacterNotFound
from parley.kernel.ids import MAX_ID, CharacterId
from parley.kernel.sentences import Language

_LINK: Final = re.compile(r"(?:c|character_)([1-9][0-9]{0,18})")


def router() -> Router:
    """`/start`."""
    fresh = Router(name="start")
    fresh.message.register(_start, on_command("start"))
    return fresh


async def _start(
    _: object, command: CommandObject, services: BotServices, person: Person, dialog: Dialog, language: Language
) -> None:
    character = _linked(command.args)
    if character is not None:
        await meet(services, person, language, character, is_introduced=True)
        return
    rows = [
        await _way_back(services, person, dialog, language),
        [button(words.CHOOSE[language], Browse())],
        app_row(services.public_url, None, language),
        [button(words.HELP[language], Help())],
    ]
    understood = services.turns.model.traits.languages
    is_understood = not understood or language in understood
    welcome = texts.welcome(person.display_name, language, is_understood=is_understood)
    await show(services, person, Screen(welcome, rows))
    await name_the_app(services, person, language)


def _linked(payload: str | None) -> CharacterId | None:
    """The character of a link; another link opens the plain beginning."""
    link = None if payload is None else _LINK.fullmatch(payload)
    number = 0 if link is None else int(link[1])
    return CharacterId(number) if 0 < number <= MAX_ID else None


async def _way_back(services: BotServices, person: Person, dialog: Dialog, language: Language) -> Row:
    """The button that goes on with the character chosen before, if that still is possible."""
    if dialog.character is None:
        return []
    try:
        character = await services.characters.visible(viewer_of(person), dialog.character)
    except (CharacterNotFound, AgeConfirmationRequired):
        return []
    return [button(texts.go_on(character.name, language), Talk(character=character.id))]
