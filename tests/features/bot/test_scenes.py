"""`/new` and `/reset`: questions with real numbers, and what comes of the answers."""

import pytest

from parley.features.memories.core import Fact
from parley.kernel.ids import CharacterId
from support.bot import BotUnderTest


async def after_a_talk(bot: BotUnderTest, *, facts: int = 1) -> CharacterId:
    """Two messages were said, and so many facts are remembered."""
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    await bot.says("Привет!")
    for number in range(facts):
        await bot.says(f"/memory Факт {number}")
    bot.sent.clear()
    return kira


async def counts(bot: BotUnderTest, character: CharacterId) -> tuple[int, int]:
    person = await bot.person()
    chat = await bot.services.chats.find(person.id, character)
    return (0 if chat is None else chat.messages_count), len(await bot.services.memories.listing(person.id, character))


@pytest.mark.parametrize("command", ["/new", "/reset"])
async def test_a_character_must_be_chosen_first(bot: BotUnderTest, ann: BotUnderTest, command: str) -> None:
    await bot.says(command)
    assert "выберите" in bot.text
    assert bot.buttons() == ["Выбрать персонажа"]
    await ann.says(command)
    assert "Choose" in ann.text


@pytest.mark.parametrize("command", ["/new", "/reset"])
async def test_nobody_is_asked_about_nothing(bot: BotUnderTest, ann: BotUnderTest, command: str) -> None:
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    await bot.says(command)
    assert "и так пуста" in bot.text
    assert bot.buttons() == []
    await ann.chooses(kira)
    await ann.says(command)
    assert "blank already" in ann.text


async def test_a_new_scene_takes_the_messages_and_keeps_the_memory(bot: BotUnderTest) -> None:
    kira = await after_a_talk(bot, facts=2)
    await bot.says("/new")
    assert "2 сообщения" in bot.text
    assert "2 факта" in bot.text
    await bot.taps("✓")
    assert await counts(bot, kira) == (0, 2)
    assert "Удалено: 2 сообщения" in bot.text
    assert "Hello, Аня." in bot.text
    assert bot.buttons() == []


async def test_a_reset_takes_both(bot: BotUnderTest) -> None:
    kira = await after_a_talk(bot, facts=5)
    await bot.says("/reset")
    assert "5 фактов" in bot.text
    await bot.taps("✓")
    assert await counts(bot, kira) == (0, 0)
    assert "2 сообщения, 5 фактов" in bot.text


async def test_a_reset_forgets_also_where_nothing_was_said(bot: BotUnderTest) -> None:
    kira = await after_a_talk(bot)
    await bot.says("/new")
    await bot.taps("✓")
    await bot.says("/reset")
    await bot.taps("✓")
    assert await counts(bot, kira) == (0, 0)


async def test_it_is_all_there_in_english(ann: BotUnderTest) -> None:
    await after_a_talk(ann)
    await ann.says("/new")
    assert "2 messages" in ann.text
    assert "1 fact" in ann.text
    await ann.taps("✕")
    assert "Cancelled" in ann.text
    await ann.says("/reset")
    await ann.taps("✓")
    assert "Erased: 2 messages, 1 fact" in ann.text


async def test_a_cancelled_question_changes_nothing(bot: BotUnderTest) -> None:
    kira = await after_a_talk(bot)
    for command in ("/new", "/reset"):
        await bot.says(command)
        await bot.taps("✕")
        assert "осталось как было" in bot.text
        assert bot.buttons() == []
    assert await counts(bot, kira) == (2, 1)


@pytest.mark.parametrize("what", ["new", "all"])
async def test_the_answer_to_a_question_about_somebody_else_is_out_of_date(bot: BotUnderTest, what: str) -> None:
    kira = await after_a_talk(bot)
    await bot.chooses(await bot.character("Лена"))
    await bot.taps_data(f"anew:{kira}:{what}:1")
    assert await counts(bot, kira) == (2, 1)
    assert "устарела" in (bot.toast() or "")


async def test_a_forged_answer_reaches_nobody_elses_chat(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await after_a_talk(bot)
    await ann.chooses(kira)
    await ann.taps_data(f"anew:{kira}:all:1")
    assert await counts(bot, kira) == (2, 1)


@pytest.mark.parametrize("character", [10**18, 9223372036854775807])
async def test_a_forged_answer_about_nobody_is_out_of_date(bot: BotUnderTest, character: int) -> None:
    await after_a_talk(bot)
    await bot.taps_data(f"anew:{character}:all:1")
    assert "устарела" in (bot.toast() or "")


async def test_an_answer_that_comes_again_after_a_crash_tells_the_same_and_deletes_nothing_more(
    bot: BotUnderTest,
) -> None:
    kira = await after_a_talk(bot)
    await bot.says("/reset")
    question, data = bot.last(), f"anew:{kira}:all:1"
    body = question.model_dump(mode="json", by_alias=True, exclude_none=True)
    tap = {"id": "q", "from": bot.message()["from"], "chat_instance": "1", "data": data, "message": body}
    await bot.comes("callback_query", tap, update_id=500)
    told = bot.text
    person = await bot.person()
    async with bot.services.memories.db.begin() as tx:
        await bot.services.memories.add(tx, person.id, kira, Fact("Новое", "fact", 5))
    await bot.comes("callback_query", tap, update_id=500)
    assert bot.text == told
    assert await counts(bot, kira) == (0, 1)
