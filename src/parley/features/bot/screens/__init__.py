"""The bot's screens, each in a file named by what it shows."""

from typing import Final

from aiogram import Dispatcher

from parley.features.bot.screens import (
    app,
    characters,
    fallback,
    help,  # noqa: A004  the screen is named after its command
    limits,
    memory,
    privacy,
    scenes,
    settings,
    start,
    talking,
    unknown,
)
from parley.features.bot.screens.introducing import commands, introduce
from parley.features.bot.screens.middleware import Door
from parley.features.bot.screens.services import BotServices

__all__ = ["USED_UPDATES", "BotServices", "commands", "dispatcher", "introduce"]

USED_UPDATES: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "pre_checkout_query",
    "stopped_message_generation",
    "subscription",
)
"""What Telegram is asked to send (`allowed_updates`)."""


def dispatcher(services: BotServices) -> Dispatcher:
    """Everything people can do in the bot. The first screen that takes an update has it."""
    fresh = Dispatcher(disable_fsm=True, name="bot")
    fresh.update.outer_middleware(Door(services))
    screens = (start, characters, scenes, memory, settings, limits, privacy, app, help, unknown, talking, fallback)
    fresh.include_routers(*(screen.router() for screen in screens))
    return fresh
