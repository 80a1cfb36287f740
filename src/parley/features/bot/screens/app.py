"""`/app` and the button that opens the Mini App."""

from aiogram import Router
from aiogram.utils.formatting import Text

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import app as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Row, Screen, app_button, on_command, show
from parley.features.identity.core import Person
from parley.kernel.ids import CharacterId
from parley.kernel.sentences import Language


def router() -> Router:
    """`/app`."""
    fresh = Router(name="app")
    fresh.message.register(_app, on_command("app"))
    return fresh


def app_url(public_url: str, character: CharacterId | None = None) -> str:
    """Where the Mini App is; with a character, where it opens the chat with them."""
    address = f"{public_url}/app/"
    return address if character is None else f"{address}?startapp=c{character}"


def app_row(public_url: str, character: CharacterId | None, language: Language) -> Row:
    """The button that opens the Mini App, where it can be reached."""
    return [app_button(words.OPEN_APP[language], app_url(public_url, character))] if public_url else []


async def _app(_: object, services: BotServices, person: Person, dialog: Dialog, language: Language) -> None:
    row = app_row(services.public_url, dialog.character, language)
    await show(services, person, Screen(Text((texts.INVITATION if row else texts.NOT_THERE)[language]), [row]))
