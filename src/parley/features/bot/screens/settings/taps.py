"""The buttons of the settings."""

from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from parley.features.bot.screens.characters.taps import Id

Short = Annotated[str, Field(min_length=1, max_length=16)]


class Overview(CallbackData, prefix="settings"):
    """Show all settings."""


class Choose(CallbackData, prefix="choose"):
    """Show the values of a setting of the person's own."""

    what: Literal["language", "gender"]


class Put(CallbackData, prefix="put"):
    """Set one of the person's own."""

    what: Literal["language", "gender"]
    value: Short


class ChooseWith(CallbackData, prefix="with"):
    """Show the values of a setting of the conversation with this character."""

    what: Literal["relationship", "mood"]
    character: Id


class PutWith(CallbackData, prefix="putwith"):
    """Set one of the conversation with this character."""

    what: Literal["relationship", "mood"]
    character: Id
    value: Short


class Regions(CallbackData, prefix="regions"):
    """Show the parts of the world."""


class Places(CallbackData, prefix="places"):
    """Show the cities of a region."""

    region: Short


class PutZone(CallbackData, prefix="zone"):
    """Set the time zone."""

    zone: Annotated[str, Field(min_length=1, max_length=55)]


class Age(CallbackData, prefix="adult?"):
    """Show what the confirmation of age means."""


class PutAge(CallbackData, prefix="adult!"):
    """Give or take back one's word."""

    confirmed: bool
