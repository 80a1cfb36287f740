"""A person ends a reply in the bot."""

from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessageDraft

from parley.adapters.db import OpenDatabase
from support.dictated_model import DictatedModel
from support.played_telegram import eventually
from support.scripted_model import ScriptedModel
from support.talking import Chat, done


@pytest.mark.parametrize("form", [int, str])
async def test_a_stopped_draft_is_sent_as_far_as_it_came(db: OpenDatabase, form: Any) -> None:
    """Some servers tell the draft's number as text."""
    model = DictatedModel()
    async with Chat.on(db, model) as chat:
        kira = await chat.chooses()
        reply = await chat.says("Расскажи", 1)
        model.say("Жили-были")
        await chat.telegram.until_called("sendMessageDraft")
        await chat.stops_draft(form(chat.draft))
        await done(reply)
        assert (chat.telegram.texts, await chat.history(kira)) == (["Жили-были"], ["Расскажи", "Жили-были"])
        assert list(chat.telegram.last[1].buttons) == ["🔄"]


async def test_a_stop_before_the_first_word_says_so_and_offers_to_ask_again(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        reply = await chat.says("Расскажи", 1)
        await eventually(lambda: len(model.asked) == 1)
        await chat.stops_elsewhere(kira)
        await done(reply)
        assert "Остановлено" in chat.telegram.texts[0]
        again = await chat.taps("🔄 Попробовать ещё раз")
        model.say("Жили-были")
        model.finish()
        await done(again)
        assert (chat.telegram.texts, await chat.used()) == (["Жили-были"], 0)


async def test_the_button_under_a_message_that_is_edited_stops_too(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: no drafts")
        reply = await chat.says("Расскажи", 1)
        model.say("Жили-были")
        await chat.telegram.until(lambda telegram: telegram.texts == ["Жили-были …"])
        number, standing = chat.telegram.last
        stop = standing.buttons["✕ Остановить"]
        assert await chat.tapped(stop, number) is None
        await done(reply)
        assert (chat.telegram.texts, chat.toasts) == (["Жили-были"], ["Останавливаю"])
        await chat.tapped(stop, number)
        assert chat.toasts[-1] == "Ответ уже готов"


async def test_a_stop_of_another_draft_stops_nothing(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        reply = await chat.says("Расскажи", 1)
        model.say("Жили-были")
        await chat.telegram.until_called("sendMessageDraft")
        await chat.stops_draft(chat.draft + 1)
        model.say(" дед да баба")
        model.finish()
        await done(reply)
        assert chat.telegram.texts == ["Жили-были дед да баба"]


async def test_a_process_that_knows_no_drafts_stops_the_chosen_characters_reply(db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(db, model) as chat, Chat.on(db, ScriptedModel()) as other:
        await chat.chooses()
        reply = await chat.says("Расскажи", 1)
        model.say("Жили-были")
        await chat.telegram.until_called("sendMessageDraft")
        await other.stops_draft(chat.draft)
        await chat.heeds_stops()
        await done(reply)
        assert chat.telegram.texts == ["Жили-были"]


async def test_a_stop_where_nothing_runs_does_nothing(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel()) as chat:
        await chat.person()
        await chat.stops_draft(5)
        await chat.chooses()
        await chat.stops_draft(5)
        assert chat.telegram.calls == []


async def test_turns_that_are_drained_end_what_was_left_for_later(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        reply = await chat.says("Расскажи", 1)
        model.say("Жили-были")
        await chat.telegram.until_called("sendMessageDraft")
        await chat.services.turns.drain(0)
        await done(reply)
        assert chat.telegram.texts == ["Жили-были"]
