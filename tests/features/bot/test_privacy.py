"""`/privacy`, `/export`, `/forget_me`, as a person meets them."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiogram.exceptions import TelegramForbiddenError
from aiogram.methods import EditMessageText, SendDocument, SendMessage
from aiogram.types import BufferedInputFile

from parley.adapters.db import OpenDatabase
from parley.features.bot.core.texts import privacy as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.privacy import ForgetMe
from parley.features.privacy import core
from parley.features.privacy.core import Amount
from support.bot import BotUnderTest


@pytest.fixture
async def anya(sqlite_db: OpenDatabase) -> AsyncIterator[BotUnderTest]:
    """Somebody who has talked with Kira."""
    async with BotUnderTest.running(sqlite_db) as bot:
        kira = await bot.character("Кира")
        await bot.chooses(kira)
        await bot.says("Привет")
        await bot.says("/memory Люблю чай")
        yield bot


@pytest.mark.parametrize(("language", "word"), [("ru", "Что хранится"), ("en", "What is stored")])
async def test_privacy_says_what_is_kept_and_names_the_ways_out(
    sqlite_db: OpenDatabase, language: str, word: str
) -> None:
    async with BotUnderTest.running(sqlite_db) as bot:
        someone = bot.as_someone(9, language=language)
        await someone.says("/privacy")
        assert someone.text.startswith(word)
        for command in ("/export", "/forget_me", "/memory", "/reset"):
            assert command in someone.text


async def test_export_sends_everything_as_a_file(anya: BotUnderTest) -> None:
    await anya.says("/export")
    sent = anya.sent[-1]
    assert isinstance(sent, SendDocument)
    assert isinstance(sent.document, BufferedInputFile)
    assert sent.document.filename == f"parley-{anya.clock.now():%Y-%m-%d}.json"
    told: dict[str, Any] = json.loads(sent.document.data)
    assert told["telegram"]["telegram_user_id"] == anya.telegram_id
    (chat,) = told["chats"]
    assert [each["message_text"] for each in chat["messages"]] == ["Привет", "All right."]
    assert [each["content"] for each in told["memories"]] == ["Люблю чай"]


async def test_nobody_gets_what_others_said(anya: BotUnderTest) -> None:
    boris = anya.as_someone(8)
    await boris.says("/export")
    sent = boris.sent[-1]
    assert isinstance(sent, SendDocument)
    assert isinstance(sent.document, BufferedInputFile)
    assert "Привет" not in sent.document.data.decode()
    assert sent.chat_id == 8


async def test_an_export_too_large_for_telegram_says_whom_to_ask(
    anya: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "MOST_BYTES", 100)
    await anya.says("/export")
    assert anya.text == texts.TOO_LARGE["ru"]


async def test_forgetting_asks_first_with_real_numbers(anya: BotUnderTest) -> None:
    await anya.says("/forget_me")
    assert "2 сообщения, 1 чат" in anya.text
    assert "1 факт" in anya.text
    assert anya.buttons() == [texts.ERASE["ru"], words.CANCEL["ru"]]
    assert await anya.services.privacy.amount(await anya.person()) == Amount(1, 2, 1)


async def test_cancelling_leaves_everything(anya: BotUnderTest) -> None:
    await anya.says("/forget_me")
    await anya.taps(words.CANCEL["ru"])
    assert anya.text == words.CANCELLED["ru"]
    assert anya.buttons() == []
    assert await anya.services.privacy.amount(await anya.person()) == Amount(1, 2, 1)


async def test_consent_erases_everything_and_the_next_word_is_a_strangers(anya: BotUnderTest) -> None:
    before = await anya.person()
    await anya.says("/forget_me")
    await anya.taps(texts.ERASE["ru"])
    assert anya.text == texts.ERASED["ru"]
    assert anya.buttons() == []
    assert await anya.services.identity.by_telegram_id(before.telegram.id) is None
    await anya.says("Привет")
    after = await anya.person()
    assert after.id != before.id
    assert await anya.services.privacy.amount(after) == Amount(0, 0, 0)
    assert (await anya.services.dialogs.of(after.id)).character is None


async def test_a_second_tap_on_the_same_button_does_nothing(anya: BotUnderTest) -> None:
    await anya.says("/forget_me")
    question = anya.last()
    await anya.taps(texts.ERASE["ru"])
    await anya.says("/start")
    newcomer = await anya.person()
    await anya.taps(texts.ERASE["ru"], question)
    assert anya.toast() == words.OUT_OF_DATE["ru"]
    assert await anya.person() == newcomer


async def test_a_question_of_long_ago_can_no_longer_be_answered(anya: BotUnderTest) -> None:
    await anya.says("/forget_me")
    anya.sets_clock(timedelta(minutes=16))
    await anya.taps(texts.ERASE["ru"])
    assert anya.toast() == words.OUT_OF_DATE["ru"]
    assert await anya.services.privacy.amount(await anya.person()) == Amount(1, 2, 1)


async def test_a_forged_tap_erases_nobody(anya: BotUnderTest) -> None:
    person = await anya.person()
    now = int(anya.clock.now().timestamp())
    boris = anya.as_someone(8)
    await boris.says("/start")
    shown = boris.last()
    for data in (
        ForgetMe(person=person.id, asked_at=now, yes=True).pack(),
        ForgetMe(person=person.id + 1, asked_at=now + 3600, yes=True).pack(),
        f"erase:{person.id}:{now}:maybe",
        f"erase:-1:{now}:1",
        "erase:1",
        "erase",
    ):
        await boris.taps_data(data, shown)
        assert boris.toast() == words.OUT_OF_DATE["ru"]
    assert await anya.services.privacy.amount(person) == Amount(1, 2, 1)
    assert (await boris.person()).telegram.id == 8


async def test_who_blocks_the_bot_in_that_very_moment_is_erased_all_the_same(anya: BotUnderTest) -> None:
    person = await anya.person()
    await anya.says("/forget_me")
    for method in (EditMessageText, SendMessage):
        anya.outgoing.will_refuse(method, TelegramForbiddenError, "Forbidden: bot was blocked by the user")
    await anya.taps(texts.ERASE["ru"])
    assert await anya.services.identity.by_telegram_id(person.telegram.id) is None


async def test_the_question_speaks_english_and_bends_its_nouns(sqlite_db: OpenDatabase) -> None:
    async with BotUnderTest.running(sqlite_db) as bot:
        john = bot.as_someone(9, "John", "en")
        await john.says("/forget_me")
        assert "0 messages, 0 chats" in john.text
        assert john.buttons() == [texts.ERASE["en"], words.CANCEL["en"]]
