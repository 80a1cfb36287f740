"""Commands that do not exist. Stands before talking, so that no character is asked to answer them."""

from aiogram import Router
from aiogram.types import Message
from aiogram.utils.formatting import Text

from parley.features.bot.core.texts.fallback import UNKNOWN_COMMAND
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, show
from parley.features.identity.core import Person
from parley.kernel.sentences import Language


def router() -> Router:
    """Whatever looks like a command and is none."""
    fresh = Router(name="unknown")
    fresh.message.register(_unknown, _is_command)
    return fresh


async def _is_command(message: Message) -> bool:
    return message.text is not None and message.text.startswith("/")


async def _unknown(_: Message, services: BotServices, person: Person, language: Language) -> None:
    await show(services, person, Screen(Text(UNKNOWN_COMMAND[language])))
