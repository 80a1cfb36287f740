"""Fixtures of the attacks."""

from collections.abc import AsyncIterator

import pytest

from support.app import AppUnderTest


@pytest.fixture
async def besieged(sqlite_app: AppUnderTest) -> AsyncIterator[AppUnderTest]:
    """The application with one character, whose id is 1. After the test somebody else is served as ever."""
    kira = await sqlite_app.character("Кира")
    yield sqlite_app
    sqlite_app.model.will_say("Я здесь.")
    answer = await sqlite_app.person(99, "Борис").says(kira, "Ты здесь?")
    assert answer.json["assistant_message"]["message_text"] == "Я здесь."
