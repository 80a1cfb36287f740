"""`/start`: the first words, and links to characters."""

import pytest

from parley.adapters.db import OpenDatabase
from support.bot import BotUnderTest
from support.telegram_chats import buttons_of


async def test_the_first_words_greet_by_name_and_say_what_to_do(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.says("/start")
    assert bot.text.startswith("Здравствуйте, Аня!")
    assert bot.buttons() == ["Выбрать персонажа", "Открыть приложение", "Справка"]
    await ann.says("/start")
    assert ann.text.startswith("Hello, Ann!")
    assert ann.buttons() == ["Choose a character", "Open the app", "Help"]


async def test_there_is_no_button_for_an_app_nobody_can_reach(sqlite_db: OpenDatabase) -> None:
    async with BotUnderTest.running(sqlite_db) as bot:
        await bot.says("/start")
        assert bot.buttons() == ["Выбрать персонажа", "Справка"]


async def test_the_app_button_opens_the_mini_app(bot: BotUnderTest) -> None:
    await bot.says("/start")
    addresses = [each.web_app.url for each in buttons_of(bot.last().reply_markup) if each.web_app]
    assert addresses == ["https://parley.example/app/"]


async def test_whoever_chose_before_can_go_on_at_once(bot: BotUnderTest) -> None:
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    await bot.says("/start")
    await bot.taps("Продолжить: Кира")
    assert "Hello, Аня." in bot.text
    assert await bot.talks_with() == kira


async def test_a_character_that_is_gone_is_not_offered_again(bot: BotUnderTest) -> None:
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    await bot.stage.parley.cards.remove(kira)
    await bot.says("/start")
    assert not any("Кира" in label for label in bot.buttons())


@pytest.mark.parametrize("link", ["c{}", "character_{}"])
async def test_a_link_introduces_the_character_and_chooses_it(bot: BotUnderTest, link: str) -> None:
    kira = await bot.character("Кира", description_long="Печёт пироги.", tags=["romance"])
    await bot.says(f"/start {link.format(kira)}")
    said = bot.text
    assert all(part in said for part in ("Кира", "Печёт пироги.", "романтика", "Hello, Аня."))
    assert await bot.talks_with() == kira


@pytest.mark.parametrize(
    "payload", ["c0", "c-1", "c1x", "c99999999999999999999", "c9223372036854775808", "ref_7", "c", "c1 c2", "'; --"]
)
async def test_a_link_that_is_none_opens_the_plain_beginning(bot: BotUnderTest, payload: str) -> None:
    await bot.character()
    await bot.says(f"/start {payload}")
    assert bot.text.startswith("Здравствуйте")
    assert await bot.talks_with() is None


async def test_a_link_to_nobody_says_so_and_offers_others(bot: BotUnderTest, ann: BotUnderTest) -> None:
    gone = await bot.character(is_active=False)
    for link in (f"c{gone}", "c9223372036854775807"):
        await bot.says(f"/start {link}")
        assert "персонажа здесь нет" in bot.text
        assert bot.buttons() == ["Выбрать персонажа"]
    await ann.says(f"/start c{gone}")
    assert "is not here" in ann.text


async def test_a_link_to_a_premium_character_needs_a_subscription(bot: BotUnderTest) -> None:
    premium = await bot.character("Мастер", access_type="premium")
    await bot.says(f"/start c{premium}")
    assert "по подписке" in bot.text
    assert await bot.talks_with() is None
    await bot.subscribes()
    await bot.says(f"/start c{premium}")
    assert await bot.talks_with() == premium


async def test_a_link_to_a_character_for_adults_asks_for_the_age_and_goes_on(bot: BotUnderTest) -> None:
    adult = await bot.character("Лилит", content_rating="nsfw")
    await bot.says(f"/start c{adult}")
    assert "18" in bot.text
    assert "Лилит" not in bot.text
    await bot.taps("✓")
    assert "Лилит" in bot.text
    assert (await bot.person()).is_adult_confirmed
    assert await bot.talks_with() == adult


async def test_whoever_is_no_adult_is_shown_what_is_for_everyone(bot: BotUnderTest, ann: BotUnderTest) -> None:
    adult = await bot.character("Лилит", content_rating="nsfw")
    for someone in (bot, ann):
        await someone.says(f"/start c{adult}")
        await someone.taps("✕")
        assert "/characters" in someone.text
        assert not (await someone.person()).is_adult_confirmed
        assert await someone.talks_with() is None


async def test_the_age_is_confirmed_before_the_subscription_is_asked_for(bot: BotUnderTest) -> None:
    both = await bot.character("Лилит", content_rating="nsfw", access_type="premium")
    await bot.says(f"/start c{both}")
    await bot.taps("✓")
    assert "по подписке" in (bot.toast() or "")
    assert await bot.talks_with() is None
