"""`/settings`, and `/settings Europe/Moscow`."""

from aiogram import Router
from aiogram.filters import CommandObject

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.settings.overview import show_overview
from parley.features.bot.screens.settings.zones import set_by_name
from parley.features.bot.screens.showing import on_command
from parley.features.identity.core import Person


def router() -> Router:
    """`/settings`."""
    fresh = Router(name="opening settings")
    fresh.message.register(_settings, on_command("settings"))
    return fresh


async def _settings(_: object, command: CommandObject, services: BotServices, person: Person, dialog: Dialog) -> None:
    if command.args:
        await set_by_name(services, person, command.args)
    else:
        await show_overview(services, person, dialog)
