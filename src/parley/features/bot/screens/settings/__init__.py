"""`/settings`: one message, edited in place."""

from aiogram import Router

from parley.features.bot.screens.settings import adult, choices, opening, overview, zones


def router() -> Router:
    """`/settings` and everything behind its buttons."""
    fresh = Router(name="settings")
    fresh.include_routers(opening.router(), overview.router(), choices.router(), zones.router(), adult.router())
    return fresh
