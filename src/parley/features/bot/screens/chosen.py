"""The character a person talks with, for screens that are about it."""

from aiogram.utils.formatting import Text

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import words
from parley.features.bot.screens.characters.taps import Browse
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, button, show
from parley.features.bot.screens.visitors import viewer_of
from parley.features.characters.core import Character
from parley.features.identity.core import Person
from parley.kernel.sentences import Language


async def chosen(services: BotServices, person: Person, dialog: Dialog, language: Language) -> Character | None:
    """The chosen character; None when there is none, and the person has been told.

    Raises CharacterNotFound and AgeConfirmationRequired.
    """
    if dialog.character is not None:
        return await services.characters.visible(viewer_of(person), dialog.character)
    choose = button(words.CHOOSE[language], Browse())
    await show(services, person, Screen(Text(words.CHOOSE_FIRST[language]), [[choose]]))
    return None
