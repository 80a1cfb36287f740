"""Beginning to talk with a character, and leaving."""

from support.bot import BotUnderTest


async def test_choosing_shows_the_greeting_and_how_to_go_on(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await bot.character("№1")
    for someone, hint in ((bot, "Напишите сообщение"), (ann, "Write a message")):
        await someone.says("/characters")
        await someone.taps("№1")
        await someone.taps("Начать" if someone is bot else "Start")
        assert f"Hello, {someone.name}." in someone.text
        assert hint in someone.text
        assert await someone.talks_with() == kira


async def test_a_greeting_is_not_a_message(bot: BotUnderTest) -> None:
    kira = await bot.character("№1")
    await bot.chooses(kira)
    assert await bot.services.chats.find((await bot.person()).id, kira) is None


async def test_a_premium_character_is_not_chosen_without_a_subscription(bot: BotUnderTest) -> None:
    premium = await bot.character("№1", access_type="premium")
    await bot.says("/characters")
    await bot.taps("№1")
    await bot.taps("Начать")
    assert "по подписке" in (bot.toast() or "")
    assert await bot.talks_with() is None
    await bot.subscribes()
    await bot.taps("Начать")
    assert await bot.talks_with() == premium


async def test_leaving_ends_the_conversation_and_twice_is_once(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await bot.character("№1")
    for someone, word in ((bot, "сохранилось"), (ann, "is kept")):
        await someone.chooses(kira)
        greeting = someone.last()
        await someone.taps("✕")
        assert word in someone.text
        assert await someone.talks_with() is None
        await someone.taps("✕", greeting)
        assert someone.toast()


async def test_choosing_is_ones_own_affair(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira, lena = await bot.character("№1"), await bot.character("№2")
    await bot.chooses(kira)
    await ann.chooses(lena)
    assert (await bot.talks_with(), await ann.talks_with()) == (kira, lena)
