"""`/help`, the menu, and what the bot tells Telegram of itself."""

import re

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramUnauthorizedError
from aiogram.methods import SetChatMenuButton, SetMyCommands, SetMyDescription, SetMyShortDescription
from aiogram.types import MenuButtonCommands, MenuButtonWebApp

from parley.adapters.db import OpenDatabase
from parley.features.bot.core.texts.fallback import UNKNOWN_COMMAND
from parley.features.bot.screens import USED_UPDATES, commands, dispatcher, introduce
from parley.kernel.sentences import Language
from support.bot import BotUnderTest

NOT_BUILT = ("plan", "today", "tomorrow", "week", "tasks", "tz", "calendar", "premium", "paysupport", "terms")
BUILT = {
    "start", "help", "characters", "app", "new", "reset", "memory", "settings", "limits", "privacy", "export",
    "forget_me",
}  # fmt: skip


async def test_the_help_names_every_command_of_the_menu_and_no_other(bot: BotUnderTest, ann: BotUnderTest) -> None:
    for someone in (bot, ann):
        await someone.says("/help")
        named = re.findall(r"^/(\w+) —", someone.text, re.MULTILINE)
        assert set(named) == BUILT
        assert len(named) == len(BUILT)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_menu_holds_what_telegram_takes(language: Language) -> None:
    menu = commands(language)
    assert {each.command for each in menu} == BUILT
    assert all(re.fullmatch(r"[a-z0-9_]{1,32}", each.command) for each in menu)
    assert all(1 <= len(each.description) <= 256 for each in menu)


@pytest.mark.parametrize("command", sorted(BUILT))
async def test_every_command_of_the_menu_is_answered(bot: BotUnderTest, command: str) -> None:
    await bot.says(f"/{command}")
    assert bot.text != UNKNOWN_COMMAND["ru"]


@pytest.mark.parametrize("command", ["/HELP", "/help@parley_bot", "/Help@some_other_bot"])
async def test_commands_are_taken_however_they_are_written(bot: BotUnderTest, command: str) -> None:
    await bot.says(command)
    assert "/characters" in bot.text


@pytest.mark.parametrize(
    "command", [*(f"/{name}" for name in NOT_BUILT), "/x", "/", "/ start", "//", "/привет", "/start1"]
)
async def test_what_is_no_command_is_said_to_be_none(bot: BotUnderTest, ann: BotUnderTest, command: str) -> None:
    await bot.chooses(await bot.character())
    await bot.says(command)
    assert bot.text == UNKNOWN_COMMAND["ru"]
    await ann.says(command)
    assert ann.text == UNKNOWN_COMMAND["en"]
    assert bot.model.asked == []


async def test_telegram_is_asked_for_what_is_handled(bot: BotUnderTest) -> None:
    handled = set(dispatcher(bot.services).resolve_used_update_types())
    assert handled | {"subscription"} == set(USED_UPDATES)


async def test_the_bot_introduces_itself_in_both_languages(bot: BotUnderTest) -> None:
    await introduce(bot.services)
    menus = {each.language_code: each.commands for each in bot.sent if isinstance(each, SetMyCommands)}
    assert menus == {None: commands("ru"), "ru": commands("ru"), "en": commands("en")}
    long = [each.description or "" for each in bot.sent if isinstance(each, SetMyDescription)]
    short = [each.short_description or "" for each in bot.sent if isinstance(each, SetMyShortDescription)]
    assert len(long) == len(short) == 3
    assert all(0 < len(text) <= 512 for text in long)
    assert all(0 < len(text) <= 120 for text in short)
    (button,) = (each.menu_button for each in bot.sent if isinstance(each, SetChatMenuButton))
    assert isinstance(button, MenuButtonWebApp)
    assert button.web_app.url == "https://parley.example/app/"


async def test_without_an_app_the_menu_button_shows_commands(sqlite_db: OpenDatabase) -> None:
    async with BotUnderTest.running(sqlite_db) as bot:
        await introduce(bot.services)
        (button,) = (each.menu_button for each in bot.sent if isinstance(each, SetChatMenuButton))
        assert isinstance(button, MenuButtonCommands)


async def test_a_refused_introduction_stops_nothing_but_a_bad_token_does(bot: BotUnderTest) -> None:
    bot.outgoing.will_refuse(SetMyCommands, TelegramBadRequest, "Bad Request: BOT_COMMAND_INVALID")
    await introduce(bot.services)
    assert len(bot.sent) == 10
    bot.outgoing.will_refuse(SetMyCommands, TelegramUnauthorizedError, "Unauthorized")
    with pytest.raises(TelegramUnauthorizedError):
        await introduce(bot.services)
