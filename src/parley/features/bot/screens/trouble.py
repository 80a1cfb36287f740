"""How an error looks in the chat."""

from aiogram.utils.formatting import Text

from parley.features.bot.core.texts import words
from parley.features.bot.core.texts.trouble import explained
from parley.features.bot.screens.characters.taps import Browse
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Row, Screen, button, show
from parley.features.bot.service import Toast
from parley.features.identity.core import Person
from parley.kernel.errors import AppError, CharacterNotFound, PremiumRequired
from parley.kernel.sentences import Language


def toast_of(error: AppError, language: Language) -> Toast:
    """The error as the answer to a tap."""
    return Toast(explained(error, language), is_alert=True)


async def tell(services: BotServices, person: Person, language: Language, error: AppError) -> None:
    """The error as a message, with a button where one helps."""
    await show(services, person, Screen(Text(explained(error, language)), _ways_out(error, language)))


def _ways_out(error: AppError, language: Language) -> list[Row]:
    if isinstance(error, CharacterNotFound | PremiumRequired):
        return [[button(words.CHOOSE[language], Browse())]]
    return []
