"""`/app`."""

from parley.adapters.db import OpenDatabase
from support.bot import BotUnderTest
from support.telegram_chats import buttons_of


def addresses(bot: BotUnderTest) -> list[str]:
    return [each.web_app.url for each in buttons_of(bot.last().reply_markup) if each.web_app is not None]


async def test_the_app_opens_at_its_beginning_or_in_the_chosen_chat(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.says("/app")
    assert addresses(bot) == ["https://parley.example/app/"]
    kira = await ann.character()
    await ann.chooses(kira)
    await ann.says("/app")
    assert addresses(ann) == [f"https://parley.example/app/?startapp=c{kira}"]
    assert ann.buttons() == ["Open the app"]


async def test_where_there_is_none_it_is_said(sqlite_db: OpenDatabase) -> None:
    async with BotUnderTest.running(sqlite_db) as bot:
        await bot.says("/app")
        assert "не подключено" in bot.text
        assert bot.buttons() == []
        ann = bot.as_someone(8, "Ann", "en")
        await ann.says("/app")
        assert "no app connected" in ann.text
