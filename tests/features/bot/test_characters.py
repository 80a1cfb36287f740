"""The catalogue in the bot: lists, tags, search, cards."""

import pytest
from aiogram.methods import SendMessage
from aiogram.types import ForceReply

from parley.features.bot.core.shelf import ON_A_PAGE
from support.bot import BotUnderTest


def names(bot: BotUnderTest) -> list[str]:
    """The characters on the buttons."""
    return [label for label in bot.buttons() if label.startswith("№")]


async def a_catalogue(bot: BotUnderTest, count: int) -> None:
    for number in range(1, count + 1):
        await bot.character(f"№{number}")


# --- pages


async def test_an_empty_catalogue_says_so(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.says("/characters")
    assert "пока никого нет" in bot.text
    await ann.says("/characters")
    assert "Nobody is here yet" in ann.text


@pytest.mark.parametrize(
    ("count", "label"), [(ON_A_PAGE, None), (ON_A_PAGE + 1, "1/2"), (2 * ON_A_PAGE, "1/2"), (2 * ON_A_PAGE + 1, "1/3")]
)
async def test_as_many_pages_as_needed(bot: BotUnderTest, count: int, label: str | None) -> None:
    await a_catalogue(bot, count)
    await bot.says("/characters")
    assert len(names(bot)) == ON_A_PAGE
    assert [each for each in bot.buttons() if "/" in each] == ([] if label is None else [label])


async def test_pages_lead_to_each_character_once_and_stop_at_both_ends(bot: BotUnderTest) -> None:
    await a_catalogue(bot, 2 * ON_A_PAGE + 1)
    await bot.says("/characters")
    assert "‹" not in bot.buttons()
    seen = names(bot)
    for _ in range(2):
        await bot.taps("›")
        seen += names(bot)
    assert "›" not in bot.buttons()
    assert sorted(seen) == sorted(f"№{number}" for number in range(1, 2 * ON_A_PAGE + 2))
    await bot.taps("‹")
    assert "2/3" in bot.buttons()
    assert len(bot.outgoing.messages) == 1


async def test_a_page_that_is_no_more_shows_the_last_one(bot: BotUnderTest) -> None:
    await a_catalogue(bot, 2 * ON_A_PAGE)
    await bot.says("/characters")
    for data in ("list:p:0:0:99999", "list:n:0:0:2", "list:r:0:0:3"):
        await bot.taps_data(data)
        assert "2/2" in bot.buttons()


async def test_orders_are_marked_and_keep_the_tag(bot: BotUnderTest) -> None:
    await bot.character("№1", tags=["romance"])
    await bot.character("№2", tags=["romance"])
    await bot.character("№3")
    await bot.says("/characters")
    assert "✓ Популярные" in bot.buttons()
    await bot.taps("Теги")
    await bot.taps("романтика")
    assert names(bot) == ["№1", "№2"]
    await bot.taps("Новые")
    assert "✓ Новые" in bot.buttons()
    assert names(bot) == ["№2", "№1"]
    assert "новые · романтика" in bot.text
    await bot.taps("✓ романтика")
    await bot.taps("✕ Без тега")
    assert len(names(bot)) == 3


async def test_a_tag_nobody_bears_any_more_narrows_nothing(bot: BotUnderTest) -> None:
    await a_catalogue(bot, 2)
    await bot.says("/characters")
    await bot.taps_data("list:p:9223372036854775807:0:0")
    assert len(names(bot)) == 2


async def test_many_tags_have_pages(bot: BotUnderTest) -> None:
    for number in range(17):
        await bot.character(f"№{number}", tags=[f"tag {number}"])
    await bot.says("/characters")
    await bot.taps("Теги")
    await bot.taps("›")
    assert [label for label in bot.buttons() if label.startswith("tag")] == ["tag 9"]
    await bot.taps_data("tags:p:0:777")
    assert "2/2" in bot.buttons()


async def test_signs_tell_of_conditions(bot: BotUnderTest) -> None:
    await bot.character("№1", access_type="premium")
    await bot.says("/characters")
    assert "№1 ⭐" in bot.buttons()


# --- for adults


async def test_characters_for_adults_are_shown_to_those_who_confirmed_and_asked(bot: BotUnderTest) -> None:
    await bot.character("№1", content_rating="nsfw")
    await bot.character("№2")
    await bot.says("/characters")
    assert "18+" not in bot.buttons()
    assert names(bot) == ["№2"]
    await bot.confirms_age()
    await bot.says("/characters")
    assert names(bot) == ["№2"]
    await bot.taps("18+")
    assert names(bot) == ["№1 18+"]
    await bot.taps("✓ 18+")
    assert names(bot) == ["№2"]


@pytest.mark.parametrize("data", ["list:p:0:1:0", "list:q:0:1:0"])
async def test_a_forged_tap_shows_no_character_for_adults(bot: BotUnderTest, data: str) -> None:
    await bot.character("№1", content_rating="nsfw")
    await bot.says("/characters №")
    await bot.taps_data(data)
    assert "№1" not in bot.text
    assert "18" in (bot.toast() or "")


async def test_a_forged_card_of_a_character_for_adults_asks_for_the_age(bot: BotUnderTest) -> None:
    adult = await bot.character("№1", content_rating="nsfw", description_long="Secret.")
    await bot.says("/characters")
    for data in (f"card:{adult}:p:0:0:0", f"talk:{adult}"):
        await bot.taps_data(data)
        assert "Secret" not in bot.text
        assert "✓ Мне есть 18 лет" in bot.buttons()
    assert await bot.talks_with() is None


# --- search


async def test_a_word_behind_the_command_is_searched_for(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.character("№1", description_long="Любит девушек и космос")
    await bot.character("№2", description_long="Печёт пироги")
    await bot.says("/characters пирог")
    assert names(bot) == ["№2"]
    assert "Поиск: пирог" in bot.text
    await ann.says("/characters пирог")
    assert "Search: пирог" in ann.text


async def test_nobody_found_is_said(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.says("/characters дракон")
    assert "Никого не нашлось" in bot.text
    await ann.says("/characters dragon")
    assert "Nobody was found" in ann.text


async def test_results_have_pages_cards_and_a_way_back(bot: BotUnderTest) -> None:
    for number in range(1, ON_A_PAGE + 2):
        await bot.character(f"№{number}", description_long="Живёт в космосе")
    await bot.says("/characters космос")
    await bot.taps("›")
    (last,) = names(bot)
    await bot.taps(last)
    assert "Живёт в космосе" in bot.text
    await bot.taps("‹ К найденному")
    assert names(bot) == [last]
    await bot.taps("‹")
    assert len(names(bot)) == ON_A_PAGE
    assert len(bot.outgoing.messages) == 1


async def test_a_tap_for_results_under_another_message_is_out_of_date(bot: BotUnderTest) -> None:
    await bot.says("/app")
    await bot.taps_data("list:q:0:0:0")
    assert "устарела" in (bot.toast() or "")


@pytest.mark.parametrize("query", ["**Кира** <b>", "/", "   \u202e \u200b ", "x" * 3000, "😀" * 200, "%_'\"\\;"])
async def test_any_query_is_data(bot: BotUnderTest, query: str) -> None:
    await bot.character("№1")
    await bot.says(f"/characters {query}")
    assert len(bot.sent) == 1


async def test_the_button_asks_for_a_word_and_the_reply_is_searched_for(bot: BotUnderTest) -> None:
    await bot.character("№1", description_long="Печёт пироги")
    await bot.chooses(await bot.character("Кира"))
    await bot.says("/characters")
    await bot.taps("Поиск")
    asked = bot.sent[-2]
    assert isinstance(asked, SendMessage)
    assert isinstance(asked.reply_markup, ForceReply)
    question = bot.last().model_dump(mode="json", by_alias=True, exclude_none=True)
    await bot.says("пироги", reply_to_message=question)
    assert names(bot) == ["№1"]
    assert bot.model.asked == []


async def test_a_reply_to_another_message_is_no_query(bot: BotUnderTest) -> None:
    await bot.character("№1", description_long="Печёт пироги")
    await bot.says("/help")
    other = bot.last().model_dump(mode="json", by_alias=True, exclude_none=True)
    await bot.says("пироги", reply_to_message=other)
    assert names(bot) == []
    mimic = {**bot.message(text="Кого ищем? Ответьте именем, чертой характера или темой.")}
    await bot.says("пироги", reply_to_message=mimic)
    assert names(bot) == []


# --- cards


async def test_a_card_shows_the_character_and_leads_back(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.character(
        "№1",
        description_long="Печёт пироги.",
        tags=["anime", "сад"],
        access_type="premium",
        first_mes="Я {{char}}, {{user}}!",
    )
    for someone, words in ((bot, ("⭐ По подписке", "аниме · сад")), (ann, ("⭐ By subscription", "anime · сад"))):
        await someone.says("/characters")
        await someone.taps("№1")
        text = someone.text
        assert all(part in text for part in ("№1", "Печёт пироги.", f"Я №1, {someone.name}!", *words))
        await someone.taps("‹")
        assert names(someone) == ["№1 ⭐"]


async def test_a_long_card_fits_into_a_message(bot: BotUnderTest) -> None:
    await bot.character(
        "№" + "😀" * 63,
        description_long="😀" * 2000,
        first_mes="😀" * 5000,
        tags=[f"{n}" + "😀" * 60 for n in range(20)],
    )
    await bot.says("/characters")
    await bot.taps("№")
    await bot.taps("Начать")
    assert "…" in bot.text


@pytest.mark.parametrize(
    "name", ["<b>Кира</b>", "*Кира* _x_ [a](http://x)", "Ки\u202eра", "שלום", "👩‍🚀", "{{user}}", "&amp; `code`"]
)
async def test_names_are_shown_as_they_are(bot: BotUnderTest, name: str) -> None:
    await bot.character(name, description_long=name)
    await bot.says("/characters")
    shown = name.replace("\u202e", "")
    assert shown in bot.text
    assert {each.type for each in bot.last().entities or ()} == {"bold", "italic"}


async def test_a_character_that_left_meanwhile_is_told_of_politely(bot: BotUnderTest, ann: BotUnderTest) -> None:
    gone = await bot.character("№1")
    for someone in (bot, ann):
        await someone.says("/characters")
    await bot.stage.parley.cards.remove(gone)
    await bot.taps("№1")
    assert "персонажа здесь нет" in (bot.toast() or "")
    await ann.taps("№1")
    assert "is not here" in (ann.toast() or "")
