"""`/limits`."""

from datetime import timedelta

import pytest

from parley.adapters.db import OpenDatabase
from support.bot import BotUnderTest


async def test_used_and_left_and_when_it_is_fresh_by_ones_own_clock(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await bot.character()
    for someone in (bot, ann):
        await someone.chooses(kira)
        await someone.says("Привет")
        await someone.says("/settings Asia/Tokyo")
        await someone.says("/limits")
    assert "Осталось 49 из 50, использовано 1." in bot.text
    assert "в 09:00 (Asia/Tokyo)" in bot.text
    assert "49 of 50 left, 1 used." in ann.text
    assert "at 09:00 (Asia/Tokyo)" in ann.text


@pytest.mark.parametrize(
    ("hour", "minute", "left"), [(0, 0, "24 ч"), (12, 30, "11 ч 30 мин"), (23, 59, "1 мин"), (23, 0, "1 ч")]
)
async def test_the_wait_is_told_in_hours_and_minutes(bot: BotUnderTest, hour: int, minute: int, left: str) -> None:
    now = bot.clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    bot.sets_clock(midnight + timedelta(hours=hour, minutes=minute, seconds=0.5) - now)
    await bot.says("/limits")
    assert f"через {left}." in bot.text


async def test_a_subscription_tells_its_end(bot: BotUnderTest, ann: BotUnderTest) -> None:
    for someone in (bot, ann):
        await someone.says("/start")
        await someone.subscribes(30)
        await someone.says("/limits")
    end = bot.clock.now() + timedelta(days=30)
    assert "Подписка действует" in bot.text
    assert f"{end.year}" in bot.text
    assert "Your subscription is active" in ann.text


async def test_those_who_have_not_said_their_zone_get_the_default(sqlite_db: OpenDatabase) -> None:
    async with BotUnderTest.running(sqlite_db, default_timezone="Asia/Tokyo") as bot:
        await bot.says("/limits")
        assert "Asia/Tokyo" in bot.text
