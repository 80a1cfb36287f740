"""`/memory`: looking, adding, pinning, forgetting."""

import pytest

from parley.features.bot.screens.memory import ON_A_PAGE
from parley.features.memories import core
from parley.features.memories.core import Fact, Memory
from parley.kernel.ids import CharacterId
from support.bot import BotUnderTest


async def with_kira(bot: BotUnderTest, *facts: str) -> CharacterId:
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    for fact in facts:
        await bot.says(f"/memory {fact}")
    return kira


async def remembered(bot: BotUnderTest, character: CharacterId) -> list[Memory]:
    return await bot.services.memories.listing((await bot.person()).id, character)


async def test_a_character_must_be_chosen_first(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.says("/memory Люблю чай")
    assert "выберите" in bot.text
    await ann.says("/memory")
    assert "Choose" in ann.text


async def test_an_empty_memory_says_how_it_is_filled(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await with_kira(bot)
    await bot.says("/memory")
    assert "пока ничего о вас не помнит" in bot.text
    assert "/memory Люблю зелёный чай" in bot.text
    await ann.chooses(kira)
    await ann.says("/memory")
    assert "/memory I love green tea" in ann.text


async def test_a_fact_is_added_and_listed(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await with_kira(bot, "Люблю <b>чай</b> *очень*")
    assert "будет помнить" in bot.text
    await bot.taps("Вся память")
    assert "1. Люблю <b>чай</b> *очень*" in bot.text
    (fact,) = await remembered(bot, kira)
    assert (fact.content, fact.source, fact.importance) == ("Люблю <b>чай</b> *очень*", "user", 5)
    await ann.chooses(kira)
    await ann.says("/memory I love tea")
    assert "will remember" in ann.text
    await ann.says("/memory")
    assert "1 fact" in ann.text


async def test_a_fact_that_comes_again_after_a_crash_is_remembered_once(bot: BotUnderTest) -> None:
    kira = await with_kira(bot)
    message = bot.message(text="/memory Люблю чай")
    for _ in range(2):
        await bot.comes("message", message, update_id=500)
    assert len(await remembered(bot, kira)) == 1


async def test_a_fact_that_was_forgotten_leaves_no_copy(bot: BotUnderTest) -> None:
    await with_kira(bot, "Тайна сада")
    await bot.says("/memory")
    await bot.taps("1 ✕")
    await bot.taps("✓")
    async with bot.services.memories.db.read() as tx:
        rows = await tx.all("SELECT answer FROM idempotency_keys")
    assert rows
    assert not any("Тайна" in row["answer"] for row in rows)


@pytest.mark.parametrize("length", [core.LONGEST + 1, 4000])
async def test_too_long_a_fact_is_refused_with_its_bound(bot: BotUnderTest, ann: BotUnderTest, length: int) -> None:
    kira = await with_kira(bot, "x" * length)
    assert "500" in bot.text
    assert await remembered(bot, kira) == []
    await ann.chooses(kira)
    await ann.says("/memory " + "x" * length)
    assert "up to 500" in ann.text


async def test_too_many_facts_are_refused_with_what_to_do(bot: BotUnderTest) -> None:
    kira = await with_kira(bot)
    person = await bot.person()
    async with bot.services.memories.db.begin() as tx:
        for number in range(core.MOST_KEPT):
            await bot.services.memories.add(tx, person.id, kira, Fact(f"{number}", "fact", 5))
    await bot.says("/memory Ещё один")
    assert "1000" in bot.text
    assert "/memory" in bot.text


async def test_the_most_important_comes_first_and_pages_end(bot: BotUnderTest) -> None:
    kira = await with_kira(bot)
    person = await bot.person()
    async with bot.services.memories.db.begin() as tx:
        for importance in range(1, ON_A_PAGE + 2):
            await bot.services.memories.add(tx, person.id, kira, Fact(f"важность-{importance}", "fact", importance))
    await bot.says("/memory")
    assert bot.text.index("важность-6") < bot.text.index("важность-2")
    assert "важность-1 " not in bot.text
    await bot.taps("›")
    assert "6. важность-1 " in bot.text
    assert "›" not in bot.buttons()
    await bot.taps_data(f"mem:{kira}:99999")
    assert "2/2" in bot.buttons()


async def test_a_fact_is_pinned_and_let_go(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await with_kira(bot, "Люблю чай")
    await bot.says("/memory")
    await bot.taps("1 📌")
    assert (await remembered(bot, kira))[0].pinned
    assert "1. 📌 Люблю чай" in bot.text
    await bot.taps("1 открепить")
    assert not (await remembered(bot, kira))[0].pinned
    await ann.chooses(kira)
    await ann.says("/memory Tea")
    await ann.says("/memory")
    await ann.taps("1 📌")
    assert "Pinned" in (ann.toast() or "")
    await ann.taps("1 unpin")


async def test_a_fact_is_forgotten_only_after_a_question(bot: BotUnderTest) -> None:
    kira = await with_kira(bot, "Люблю чай", "Люблю кофе")
    await bot.says("/memory")
    await bot.taps("2 ✕")
    assert "Забыть это навсегда?" in bot.text
    assert "Люблю чай" in bot.text
    await bot.taps("✕ Оставить")
    assert len(await remembered(bot, kira)) == 2
    await bot.taps("2 ✕")
    await bot.taps("✓ Забыть")
    assert [fact.content for fact in await remembered(bot, kira)] == ["Люблю кофе"]
    await bot.taps("1 ✕")
    await bot.taps("✓ Забыть")
    assert "пока ничего" in bot.text


@pytest.mark.parametrize("tap", ["pin:{}:{}:1:0", "forget:{}:{}:0", "gone:{}:{}:0"])
async def test_nobody_reaches_anothers_memory(bot: BotUnderTest, ann: BotUnderTest, tap: str) -> None:
    kira = await with_kira(bot, "Люблю чай")
    (fact,) = await remembered(bot, kira)
    await ann.chooses(kira)
    await ann.taps_data(tap.format(kira, fact.id))
    assert "no longer remembered" in (ann.toast() or "")
    assert "чай" not in ann.text
    assert await remembered(bot, kira) == [fact]


@pytest.mark.parametrize("tap", ["pin:{}:{}:1:0", "forget:{}:{}:0", "gone:{}:{}:0"])
async def test_a_tap_on_a_fact_that_is_gone_says_so(bot: BotUnderTest, tap: str) -> None:
    kira = await with_kira(bot, "Люблю чай")
    await bot.taps_data(tap.format(kira, 10**18))
    assert "уже нет в памяти" in (bot.toast() or "")
    assert len(await remembered(bot, kira)) == 1


async def test_the_list_stays_that_of_its_character(bot: BotUnderTest) -> None:
    kira = await with_kira(bot, "Люблю чай")
    await bot.says("/memory")
    old = bot.last()
    await bot.chooses(await bot.character("Лена"))
    await bot.taps("1 📌", old)
    assert (await remembered(bot, kira))[0].pinned


async def test_a_page_of_the_longest_facts_fits_into_a_message(bot: BotUnderTest) -> None:
    await with_kira(bot, *("😀" * core.LONGEST for _ in range(ON_A_PAGE)))
    await bot.says("/memory")
    assert "…" in bot.text
    await bot.taps("1 ✕")
