"""A Telegram for journeys in the bot."""

from collections.abc import AsyncIterator

import pytest

from parley.adapters.db import OpenDatabase
from support.telegram import Town


@pytest.fixture
async def town(sqlite_db: OpenDatabase) -> AsyncIterator[Town]:
    """The application, its bot and a Telegram, on SQLite."""
    async with Town.living(sqlite_db) as living:
        yield living
