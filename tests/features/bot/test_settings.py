"""`/settings`: one message, edited in place."""

import pytest

from parley.features.chats.core import MOODS, RELATIONSHIPS
from parley.features.identity.core import GENDERS
from support.bot import BotUnderTest


async def in_settings(bot: BotUnderTest, *path: str) -> None:
    """Open the settings and tap these buttons."""
    await bot.says("/settings")
    for label in path:
        await bot.taps(label)


async def session(bot: BotUnderTest) -> tuple[str, str]:
    person = await bot.person()
    character = (await bot.services.dialogs.of(person.id)).character
    assert character is not None
    chat = await bot.services.chats.session(person.id, character)
    return chat.relationship_type, chat.mood_preference


async def test_everything_is_told_at_a_glance(bot: BotUnderTest, ann: BotUnderTest) -> None:
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    await bot.says("/settings")
    for part in ("Русский", "Пол: не указан", "Europe/Moscow", "не подтверждён", "Кира", "Отношения: нейтральные"):
        assert part in bot.text
    await ann.chooses(kira)
    await ann.says("/settings")
    for part in ("English", "Gender: not said", "Europe/Moscow", "not confirmed", "Кира", "Mood: neutral"):
        assert part in ann.text


async def test_without_a_character_it_says_what_comes_with_one(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await bot.says("/settings")
    assert "когда выбран персонаж" in bot.text
    assert "Отношения" not in bot.buttons()
    await ann.says("/settings")
    assert "once you have chosen" in ann.text


async def test_all_happens_in_one_message(bot: BotUnderTest) -> None:
    await bot.chooses(await bot.character("Кира"))
    await in_settings(bot, "Язык", "‹", "Пол", "Женский", "Отношения", "Пара", "Настроение", "Игривое", "18+", "✓")
    await bot.taps("Часовой пояс")
    await bot.taps("Азия")
    await bot.taps("Токио")
    assert len(bot.outgoing.messages) == 2
    for part in ("женский", "пара", "игривое", "возраст подтверждён", "Asia/Tokyo"):
        assert part in bot.text


# --- language


async def test_the_language_changes_at_once_everywhere(bot: BotUnderTest) -> None:
    await in_settings(bot, "Язык", "English")
    assert "Settings" in bot.text
    assert bot.toast() == "✓ Saved"
    await bot.says("/limits")
    assert "Messages for today" in bot.text


async def test_the_language_of_telegram_can_be_taken_over(ann: BotUnderTest) -> None:
    await in_settings(ann, "Language", "Русский")
    assert (await ann.person()).language == "ru"
    await in_settings(ann, "Язык", "Как в Telegram")
    assert (await ann.person()).language == "en"
    assert "Settings" in ann.text


async def test_whose_telegram_says_no_language_gets_russian(bot: BotUnderTest) -> None:
    someone = bot.as_someone(9, "Eve", None)
    await in_settings(someone, "Язык", "English")
    await someone.taps("Language")
    await someone.taps("As in Telegram")
    assert "Настройки" in someone.text


# --- the person and the conversation


async def test_every_gender_can_be_said_and_taken_back(bot: BotUnderTest) -> None:
    labels = {"female": "Женский", "male": "Мужской", "other": "Другой"}
    assert set(labels) == GENDERS
    for gender, label in labels.items():
        await in_settings(bot, "Пол", label)
        assert (await bot.person()).gender == gender
        await bot.taps("Пол")
        assert f"✓ {label}" in bot.buttons()
    await bot.taps("Не указывать")
    assert (await bot.person()).gender is None


async def test_every_relationship_and_mood_can_be_chosen(bot: BotUnderTest) -> None:
    await bot.chooses(await bot.character("Кира"))
    for what, values in (("Отношения", RELATIONSHIPS), ("Настроение", MOODS)):
        await in_settings(bot, what)
        labels = [label.removeprefix("✓ ") for label in bot.buttons()[:-1]]
        assert len(labels) == len(values)
        for label, value in zip(labels, values, strict=True):
            await in_settings(bot, what)
            await bot.taps(label if label in bot.buttons() else f"✓ {label}")
            assert value in await session(bot)
    assert await session(bot) == (RELATIONSHIPS[-1], MOODS[-1])


@pytest.mark.parametrize(
    "data", ["put:gender:robot", "put:language:xx", "putwith:mood:{}:evil", "putwith:relationship:{}:owner"]
)
async def test_a_forged_value_is_refused(bot: BotUnderTest, data: str) -> None:
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    await bot.says("/settings")
    before = bot.text
    await bot.taps_data(data.format(kira))
    assert bot.toasts()[-1].show_alert
    assert bot.text == before
    assert await session(bot) == ("neutral", "neutral")


@pytest.mark.parametrize("data", ["with:mood:{}", "putwith:mood:{}:sweet"])
async def test_a_conversation_with_somebody_else_is_not_touched(bot: BotUnderTest, data: str) -> None:
    kira = await bot.character("Кира")
    await bot.chooses(await bot.character("Лена"))
    await bot.says("/settings")
    await bot.taps_data(data.format(kira))
    assert "устарела" in (bot.toast() or "")
    assert await bot.services.chats.find((await bot.person()).id, kira) is None


async def test_a_character_that_is_gone_leaves_the_other_settings(bot: BotUnderTest) -> None:
    kira = await bot.character("Кира")
    await bot.chooses(kira)
    await bot.says("/settings")
    await bot.stage.parley.cards.remove(kira)
    await bot.taps("Отношения")
    await bot.taps_data(f"putwith:mood:{kira}:sweet")
    assert "персонажа здесь нет" in (bot.toast() or "")
    await bot.says("/settings")
    assert "Кира" not in bot.text


# --- time zone


async def test_the_zone_is_chosen_in_two_steps_by_its_clock(bot: BotUnderTest, ann: BotUnderTest) -> None:
    utc = bot.clock.now()
    await in_settings(bot, "Часовой пояс", "Россия")
    moscow = (utc.hour + 3) % 24
    assert any(label.startswith(f"Москва {moscow:02}:") for label in bot.buttons())
    await bot.taps("Омск")
    assert (await bot.person()).timezone == "Asia/Omsk"
    assert "Asia/Omsk" in bot.text
    await bot.taps("Часовой пояс")
    await bot.taps("Россия")
    assert any(label.startswith("✓ Омск") for label in bot.buttons())
    await in_settings(ann, "Time zone", "Russia", "Omsk")
    assert (await ann.person()).timezone == "Asia/Omsk"


@pytest.mark.parametrize(
    ("told", "zone"),
    [
        ("Europe/Moscow", "Europe/Moscow"),
        ("europe/moscow", "Europe/Moscow"),
        ("America/Port-au-Prince", "America/Port-au-Prince"),
        ("america/new york", "America/New_York"),
        ("Москва", "Europe/Moscow"),
        ("нью йорк", "America/New_York"),
        ("london", "Europe/London"),
        ("utc", "UTC"),
    ],
)
async def test_the_zone_is_set_by_its_name_or_a_citys(bot: BotUnderTest, told: str, zone: str) -> None:
    await bot.says(f"/settings {told}")
    assert (await bot.person()).timezone == zone
    assert zone in bot.text


@pytest.mark.parametrize("told", ["Нарния", "../../etc/passwd", "Europe", "x" * 3000, "<b>", "🌍"])
async def test_an_unknown_zone_is_said_with_a_way_on(bot: BotUnderTest, ann: BotUnderTest, told: str) -> None:
    await bot.says(f"/settings {told}")
    assert "Не знаю часового пояса" in bot.text
    assert bot.buttons() == ["Часовой пояс"]
    await ann.says(f"/settings {told}")
    assert "There is no time zone" in ann.text
    assert (await bot.person()).timezone is None


@pytest.mark.parametrize("data", ["zone:Mars/Base", "zone:../etc/passwd", "places:mars"])
async def test_a_forged_zone_is_refused(bot: BotUnderTest, data: str) -> None:
    await bot.says("/settings")
    await bot.taps_data(data)
    assert bot.toast()
    assert (await bot.person()).timezone is None


# --- age


async def test_the_word_on_ones_age_is_given_and_taken_back(bot: BotUnderTest, ann: BotUnderTest) -> None:
    await in_settings(bot, "18+")
    assert "подтвердите" in bot.text
    await bot.taps("✓")
    assert (await bot.person()).is_adult_confirmed
    await bot.taps("18+")
    assert "взять назад" in bot.text
    await bot.taps("✕")
    assert not (await bot.person()).is_adult_confirmed
    await in_settings(ann, "18+", "✓")
    await ann.taps("18+")
    assert "take your word back" in ann.text
