"""What nobody else took."""

from typing import Any

import pytest
from aiogram.methods import AnswerCallbackQuery, AnswerPreCheckoutQuery

from support.bot import BotUnderTest

FILE = {"file_id": "f", "file_unique_id": "u"}
WITHOUT_WORDS: dict[str, Any] = {
    "photo": [{**FILE, "width": 1, "height": 1}],
    "voice": {**FILE, "duration": 1},
    "video": {**FILE, "duration": 1, "width": 1, "height": 1},
    "video_note": {**FILE, "duration": 1, "length": 1},
    "audio": {**FILE, "duration": 1},
    "document": FILE,
    "sticker": {**FILE, "width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"},
    "location": {"latitude": 1.0, "longitude": 1.0},
    "contact": {"phone_number": "1", "first_name": "x"},
    "dice": {"emoji": "🎲", "value": 1},
}


@pytest.mark.parametrize("kind", sorted(WITHOUT_WORDS))
async def test_what_is_no_text_is_declined_kindly(bot: BotUnderTest, ann: BotUnderTest, kind: str) -> None:
    await bot.chooses(await bot.character())
    await bot.sends(**{kind: WITHOUT_WORDS[kind]})
    assert "только текст" in bot.text
    await ann.sends(**{kind: WITHOUT_WORDS[kind]})
    assert "Only text" in ann.text
    assert bot.model.asked == []


@pytest.mark.parametrize(
    "note", [{"pinned_message": True}, {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}}]
)
async def test_telegrams_own_notes_are_let_be(bot: BotUnderTest, note: dict[str, Any]) -> None:
    if note.get("pinned_message"):
        note = {"pinned_message": bot.message(text="x")}
    await bot.sends(**note)
    assert bot.sent == []


@pytest.mark.parametrize(
    "data",
    [
        "", "x", "list", "list:", "list:z:0:0:0", "list:p:0:0:-1", "list:p:0:0:100000", "list:p:-1:0:0", "list:p:0:0",
        "list:p:0:0:0:0", "card:0:p:0:0:0", "card:x:p:0:0:0", "card:9223372036854775808:p:0:0:0", "talk:", "talk:-1",
        "anew:1:some:1", "anew:1:new:maybe", "mem:0:0", "pin:1:1:1", "put:name:x", "zone:", "age:1", "again:::",
        "leave:1", "\u0000", "список:1", "💥" * 16,
    ],
)  # fmt: skip
async def test_a_tap_that_no_button_makes_is_out_of_date(bot: BotUnderTest, ann: BotUnderTest, data: str) -> None:
    await bot.says("/start")
    await ann.says("/start")
    bot.sent.clear()
    await bot.taps_data(data)
    await ann.taps_data(data)
    assert [type(each) for each in bot.sent] == [AnswerCallbackQuery] * 2
    assert "устарела" in (bot.toasts()[0].text or "")
    assert "out of date" in (bot.toasts()[1].text or "")


@pytest.mark.parametrize(("language", "word"), [("ru", "не продаётся"), ("en", "Nothing is for sale")])
async def test_a_payment_for_nothing_is_declined_with_a_sentence(bot: BotUnderTest, language: str, word: str) -> None:
    someone = bot.as_someone(9, "Eve", language)
    query = {"id": "p", "from": someone.message()["from"], "currency": "XTR", "total_amount": 1, "invoice_payload": "x"}
    await someone.comes("pre_checkout_query", query)
    (answer,) = bot.sent
    assert isinstance(answer, AnswerPreCheckoutQuery)
    assert (answer.pre_checkout_query_id, answer.ok) == ("p", False)
    assert word in (answer.error_message or "")


async def test_news_of_a_subscription_is_let_be(bot: BotUnderTest) -> None:
    news = {"user": bot.message()["from"], "invoice_payload": "x", "state": "canceled"}
    assert await bot.comes("subscription", news) is None
    assert bot.sent == []
