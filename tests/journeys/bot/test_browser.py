"""A person at the page of the local Telegram: the bot, a live answer, the app beside it, one chat in both."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from parley.adapters.db import OpenDatabase
from support.browser import browser_page
from support.telegram import Town, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
async def town_with_app(sqlite_db: OpenDatabase) -> AsyncIterator[Town]:
    """A town whose bot has an app to open."""
    port = free_port()
    async with Town.living(sqlite_db, port=str(port), public_url=f"http://127.0.0.1:{port}") as town:
        yield town


async def said_in(page: Page, text: str) -> None:
    """Wait until a bubble says it."""
    await expect(page.get_by_role("log").get_by_text(text).last).to_be_visible()


async def reaches_the_character(page: Page, address: str) -> None:
    """From the empty chat to the conversation, tap by tap."""
    await page.goto(address)
    await page.get_by_role("button", name="Bot 42").first.click()
    await page.get_by_role("button", name="Начать", exact=True).click()
    await page.get_by_role("button", name="Выбрать персонажа").click()
    await page.get_by_role("button", name="Вера", exact=True).last.click()
    await page.get_by_role("button", name="Начать разговор").click()


async def writes(page: Page, text: str) -> None:
    await page.get_by_placeholder("Сообщение").first.fill(text)
    await page.keyboard.press("Enter")


async def test_a_person_talks_with_the_bot_and_finds_the_chat_in_the_app(town_with_app: Town) -> None:
    town, go_on = town_with_app, asyncio.Event()
    await town.app.character("Вера", first_mes="Здравствуй, {{user}}.")
    await town.telegram.person(7, "Аня")
    async with browser_page() as page:
        await reaches_the_character(page, town.telegram.base_url)
        town.app.model.will_say("Жила-была", " девочка.", wait=go_on)
        await writes(page, "Расскажи сказку")
        await said_in(page, "Жила-была")
        await expect(page.get_by_role("button", name="Остановить")).to_be_visible()
        go_on.set()
        await said_in(page, "Жила-была девочка.")
        await expect(page.get_by_role("button", name="Остановить")).to_have_count(0)
        town.app.model.will_say("Жил-был мальчик.")
        await page.get_by_role("button", name="🔄").last.click()
        await said_in(page, "Жил-был мальчик.")
        await page.get_by_role("button", name="Приложение", exact=True).last.click()
        app = page.frame_locator("iframe")
        await app.get_by_text("Вера").first.click()
        await expect(app.get_by_text("Расскажи сказку").last).to_be_visible()
        await expect(app.get_by_text("Жил-был мальчик.").last).to_be_visible()
        town.app.model.will_say("И я тебя слышу.")
        await writes(page, "А теперь из бота")
        await expect(app.get_by_text("И я тебя слышу.").last).to_be_visible()
