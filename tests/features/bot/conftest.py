"""The bot for its screens' tests."""

from collections.abc import AsyncIterator

import pytest

from parley.adapters.db import OpenDatabase
from support.bot import BotUnderTest


@pytest.fixture
async def bot(sqlite_db: OpenDatabase) -> AsyncIterator[BotUnderTest]:
    """The bot as Аня meets it, with an app that can be reached."""
    async with BotUnderTest.running(
        sqlite_db, public_url="https://parley.example", default_timezone="Europe/Moscow"
    ) as running:
        yield running


@pytest.fixture
def ann(bot: BotUnderTest) -> BotUnderTest:
    """The same bot as an English speaker meets it."""
    return bot.as_someone(8, "Ann", "en")
