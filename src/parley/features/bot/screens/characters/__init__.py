"""The catalogue: lists, search, a character's card, and the beginning of a conversation."""

from aiogram import Router

from parley.features.bot.screens.characters import card, listing, meeting, searching


def router() -> Router:
    """All screens of the catalogue."""
    fresh = Router(name="characters")
    fresh.include_routers(searching.router(), listing.router(), card.router(), meeting.router())
    return fresh
