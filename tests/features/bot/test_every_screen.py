"""All screens in both languages: nothing of the other language slips in, and nothing that Telegram refuses.

`TelegramChats` holds every message against Telegram's bounds.
"""

import re
from collections.abc import AsyncIterator

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage
from aiogram.types import InlineKeyboardMarkup

from parley.adapters.db import OpenDatabase
from support.bot import BotUnderTest
from support.counting import CountingDatabase
from support.telegram_chats import buttons_of

CYRILLIC = re.compile("[А-Яа-яЁё]")
MEANT = re.compile("Русский")
"""A language is told in itself."""


async def every_screen(bot: BotUnderTest) -> None:
    """Tap every button that is shown, wherever it leads, until all kinds have been seen."""
    kira = await bot.character("Kira", description_long="Bakes.", tags=["anime", "sea"], first_mes="Hey {{user}}")
    for number in range(8):
        await bot.character(f"Nr {number}", description_long="Somebody.", tags=["fantasy"])
    await bot.character("Lil", description_long="Night.", content_rating="nsfw", access_type="premium")
    for text in (
        "/start",
        "/help",
        "/characters",
        "/characters kira",
        "/new",
        "/memory",
        "/settings",
        "/limits",
        "/app",
    ):
        await bot.says(text)
    await bot.confirms_age()
    await bot.says("Hello")
    await bot.chooses(kira)
    await bot.says("Hello")
    for number in range(7):
        await bot.says(f"/memory Fact {number}")
    await walk(bot, "/start", "/memory", "/characters", "/characters kira", "/settings")
    await bot.chooses(kira)
    for text in ("/new", "/reset", "/settings Europe/Paris", "/settings Narnia", "/unknown", "/limits"):
        await bot.says(text)


async def walk(bot: BotUnderTest, *commands: str) -> None:
    """From each command on: tap one button of every kind that each new screen shows."""
    seen: set[str] = set()
    for command in commands:
        await bot.says(command)
        waiting = [(bot.last(), each.callback_data) for each in buttons_of(bot.last().reply_markup)]
        while waiting:
            message, data = waiting.pop()
            kind = re.sub(r"\d+", "0", data or "")
            if data is None or kind in seen or kind.startswith(("put:language", "leave", "adult!")):
                continue
            seen.add(kind)
            await bot.taps_data(data, message)
            shown = bot.last()
            waiting += [(shown, each.callback_data) for each in buttons_of(shown.reply_markup)]


def texts_of(bot: BotUnderTest) -> list[str]:
    told: list[str] = []
    for call in bot.sent:
        if isinstance(call, SendMessage | EditMessageText):
            told.append(call.text or "")
            keyboard = call.reply_markup if isinstance(call.reply_markup, InlineKeyboardMarkup) else None
            told += [each.text for each in buttons_of(keyboard)]
        elif isinstance(call, AnswerCallbackQuery) and call.text:
            told.append(call.text)
    return told


async def test_english_has_no_russian_in_it(ann: BotUnderTest) -> None:
    await every_screen(ann)
    told = texts_of(ann)
    assert len(told) > 300
    assert [text for text in told if CYRILLIC.search(MEANT.sub("", text))] == []


async def test_russian_says_every_sentence_in_russian(bot: BotUnderTest) -> None:
    await every_screen(bot)
    sentences = [text for text in texts_of(bot) if len(text.split()) > 3]
    assert len(sentences) > 50
    assert [text for text in sentences if not CYRILLIC.search(text)] == []


async def test_every_tap_of_the_walk_was_answered_once(bot: BotUnderTest) -> None:
    await every_screen(bot)
    answered = [each.callback_query_id for each in bot.toasts()]
    assert len(answered) == len(set(answered)) > 40


async def test_the_screens_work_on_both_engines(db: OpenDatabase) -> None:
    async with BotUnderTest.running(db) as bot:
        await every_screen(bot)
        assert "/help" in (bot.sent[-2].text if isinstance(bot.sent[-2], SendMessage) else "")


# --- what a screen costs

COSTS = [
    ("/help", 2), ("/start", 2), ("/app", 2), ("/limits", 3), ("/settings", 3), ("/memory", 3), ("/characters", 5),
    ("/new", 4), ("/reset", 4),
]  # fmt: skip
"""Each command, and the statements it may take: two are for the person and their dialog."""


@pytest.fixture
async def counting(sqlite_db: OpenDatabase) -> AsyncIterator[tuple[BotUnderTest, CountingDatabase]]:
    """The bot on a database that notes every statement; the person is known and talks with Kira."""
    database = CountingDatabase(sqlite_db)
    async with BotUnderTest.running(database) as bot:
        await bot.chooses(await bot.character("Kira"))
        for text, _ in COSTS:
            await bot.says(text)  # what is cached is cached
        yield bot, database


@pytest.mark.parametrize(("text", "statements"), COSTS)
async def test_a_screen_costs_few_statements_and_writes_nothing(
    counting: tuple[BotUnderTest, CountingDatabase], text: str, statements: int
) -> None:
    bot, database = counting
    with database.counted() as asked:
        await bot.says(text)
    assert len(asked) <= statements, asked
    assert database.transactions == 0
