"""A reply in the bot while it is written: drafts, or a message that is edited."""

import asyncio

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessageDraft

from parley.adapters.db import OpenDatabase
from support.dictated_model import DictatedModel
from support.played_telegram import eventually
from support.talking import LONG, Chat, done, eventually_stored

# --- while it is written


async def test_the_first_words_are_a_draft_at_once_and_the_last_begin_the_reply(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        reply = await chat.says("Привет", 1)
        model.say("Здравст")
        await chat.telegram.until(lambda telegram: telegram.drafts == ["Здравст"])
        model.say("вуй!")
        await _told(chat, "Здравствуй!")
        chat.clock.advance(1.2)
        await chat.telegram.until(lambda telegram: telegram.drafts == ["Здравст", "Здравствуй!"])
        model.finish()
        await done(reply)
        assert [call.name for call in chat.telegram.calls] == ["sendMessageDraft", "sendMessageDraft", "sendMessage"]
        assert chat.telegram.texts == ["Здравствуй!"]


async def test_a_draft_is_a_preview_with_marks_and_a_stop_button(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        await chat.says("Привет", 1)
        model.say("Очень **важ")
        await chat.telegram.until_called("sendMessageDraft")
        draft = chat.telegram.named("sendMessageDraft")[0]
        assert isinstance(draft.method, SendMessageDraft)
        assert (draft.how, draft.method.text, draft.method.can_stop) == ("offer", "Очень важ", True)
        assert [entity.type for entity in draft.method.entities or []] == ["bold"]


async def test_drafts_come_at_their_pace_with_the_newest_text(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        reply = await chat.says("Привет", 1)
        model.say("а")
        await chat.telegram.until_called("sendMessageDraft")
        for letters in ("аб", "абв", "абвг"):
            model.say(letters[-1])
            await _told(chat, letters)
        chat.clock.advance(1.2)
        await chat.telegram.until_called("sendMessageDraft", 2)
        model.finish()
        await done(reply)
        assert chat.telegram.drafts == ["а", "абвг"]


async def test_a_silent_character_is_shown_to_type_until_its_first_text(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        reply = await chat.says("Привет", 1)
        await eventually(lambda: bool(model.asked))
        for times, seconds in enumerate((0.2, 4.5, 4.5), start=1):
            await eventually(lambda: chat.clock.sleepers > 0)
            chat.clock.advance(seconds)
            await chat.telegram.until_called("sendChatAction", times)
        model.say("Да")
        await chat.telegram.until_called("sendMessageDraft")
        chat.clock.advance(10)
        model.finish()
        await done(reply)
        names = [call.name for call in chat.telegram.calls]
        assert names == [*["sendChatAction"] * 3, "sendMessageDraft", "sendMessage"]


async def test_a_draft_on_its_way_is_awaited_before_the_reply_is_sent(sqlite_db: OpenDatabase) -> None:
    model, arrives = DictatedModel(), asyncio.Event()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        reply = await chat.says("Привет", 1)
        chat.telegram.lost[SendMessageDraft] = arrives
        model.say("Да")
        await chat.telegram.until_called("sendMessageDraft")
        model.finish()
        await eventually_stored(chat, kira, 2)
        assert chat.telegram.named("sendMessage") == []
        arrives.set()
        await done(reply)
        assert chat.telegram.calls[-1].name == "sendMessage"


async def test_without_room_for_drafts_the_reply_comes_all_the_same(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.has_room = False
        reply = await chat.says("Привет", 1)
        model.say("Всё")
        model.say(" хорошо")
        model.finish()
        await done(reply)
        assert [call.name for call in chat.telegram.calls] == ["sendMessage"]
        assert chat.telegram.texts == ["Всё хорошо"]


# --- where drafts are not possible


async def test_a_server_without_drafts_gets_a_message_that_is_edited(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: method is available only in…")
        reply = await chat.says("Привет", 1)
        model.say("Раз")
        await chat.telegram.until(lambda telegram: telegram.texts == ["Раз …"])
        assert list(chat.telegram.last[1].buttons) == ["✕ Остановить"]
        model.say(" два")
        await _told(chat, "Раз два")
        chat.clock.advance(1.2)
        await chat.telegram.until(lambda telegram: telegram.texts == ["Раз два …"])
        model.finish()
        await done(reply)
        assert chat.telegram.texts == ["Раз два"]
        assert list(chat.telegram.last[1].buttons) == ["🔄"]
        assert len(chat.telegram.named("sendMessage")) == 1


async def test_that_drafts_are_not_possible_is_remembered_for_a_while(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: no drafts")
        for number, seconds in ((1, 0), (2, 10), (3, 600)):
            chat.clock.advance(seconds)
            await _answered(chat, model, number)
        assert len(chat.telegram.drafts) == 2


async def test_the_parts_of_a_long_reply_follow_the_message_that_was_edited(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: no drafts")
        reply = await chat.says("Расскажи", 1)
        model.say("Абзац")
        await chat.telegram.until_called("sendMessage")
        model.say(LONG.removeprefix("Абзац"))
        model.finish()
        await done(reply)
        assert [text[:7] for text in chat.telegram.texts] == ["Абзац 0", "Абзац 2", "Абзац 4"]
        assert [list(each.buttons) for each in chat.telegram.standing.values()] == [[], [], ["🔄"]]


async def test_a_server_that_dislikes_one_text_is_still_asked_for_drafts(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: odd text", after=1)
        reply = await chat.says("Привет", 1)
        model.say("Раз")
        await chat.telegram.until_called("sendMessageDraft")
        model.say(" два")
        await _told(chat, "Раз два")
        chat.clock.advance(1.2)
        await chat.telegram.until_called("sendMessageDraft", 2)
        model.finish()
        await done(reply)
        await _answered(chat, model, 2)
        assert chat.telegram.drafts == ["Раз", "Раз два", "Да"]
        assert chat.telegram.texts == ["Раз два", "Да"]


async def test_a_look_that_was_left_out_is_offered_again(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: no drafts")
        await _answered(chat, model, 1)
        chat.telegram.has_room = False
        reply = await chat.says("Привет", 2)
        model.say("Раз")
        await eventually(lambda: chat.clock.sleepers > 0)
        chat.telegram.has_room = True
        chat.clock.advance(0.4)
        await chat.telegram.until(lambda telegram: telegram.texts == ["Да", "Раз …"])
        model.finish()
        await done(reply)
        assert chat.telegram.texts == ["Да", "Раз"]


# --- helpers


async def _told(chat: Chat, text: str) -> None:
    """Let the turn tell what it has gathered, without time for another draft."""

    def has_told() -> bool:
        chat.clock.advance(0.04)
        return text in [partial.text for partial in chat.writing]

    await eventually(has_told)


async def _answered(chat: Chat, model: DictatedModel, number: int) -> None:
    """A message whose reply is seen while it is written."""
    reply, looks = await chat.says("Привет", number), len(chat.telegram.calls)
    model.say("Да")
    await chat.telegram.until(lambda telegram: any(call.text for call in telegram.calls[looks:]))
    model.finish()
    await done(reply)
