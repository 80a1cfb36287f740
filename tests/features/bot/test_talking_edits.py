"""A person corrects what they said in the bot."""

import asyncio

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessageDraft

from parley.adapters.db import OpenDatabase
from support.dictated_model import DictatedModel
from support.played_telegram import eventually
from support.scripted_model import ScriptedModel
from support.talking import Chat, done, eventually_stored


async def test_the_newest_message_is_answered_anew_in_place(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Превет", 1))
        await done(await chat.edits("Привет", 1))
        assert chat.telegram.texts == ["Два"]
        assert (await chat.history(kira), await chat.used()) == (["Привет", "Два"], 1)


async def test_of_an_older_message_only_the_text_changes(db: OpenDatabase) -> None:
    model = ScriptedModel("Один", "Два")
    async with Chat.on(db, model) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Превет", 1))
        await done(await chat.says("Как дела?", 2))
        calls = len(chat.telegram.calls)
        assert await chat.edits("Привет", 1) is None
        assert await chat.history(kira) == ["Привет", "Один", "Как дела?", "Два"]
        assert (len(model.asked), len(chat.telegram.calls)) == (2, calls)


async def test_the_answer_to_the_old_text_is_stopped(db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(db, model) as chat:
        kira = await chat.chooses()
        first = await chat.says("Превет", 1)
        model.say("Какой")
        await chat.telegram.until(lambda telegram: telegram.drafts == ["Какой"])
        second = await chat.edits("Привет", 1)
        await done(first)
        await eventually(lambda: len(model.asked) == 2)
        model.say("Да")
        model.finish()
        await done(second)
        assert chat.telegram.texts == ["Да"]
        assert await chat.history(kira) == ["Привет", "Да"]


async def test_an_answer_without_a_word_yet_is_stopped_without_a_word(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        first = await chat.says("Превет", 1)
        await eventually(lambda: len(model.asked) == 1)
        second = await chat.edits("Привет", 1)
        await done(first)
        model.say("Да")
        model.finish()
        await done(second)
        assert (chat.telegram.texts, await chat.history(kira)) == (["Да"], ["Привет", "Да"])


async def test_an_answer_written_into_a_message_goes_on_there(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: no drafts")
        await chat.says("Превет", 1)
        model.say("Какой")
        await chat.telegram.until(lambda telegram: telegram.texts == ["Какой …"])
        second = await chat.edits("Привет", 1)
        model.say("Да")
        model.finish()
        await done(second)
        assert chat.telegram.texts == ["Да"]


async def test_another_reply_under_way_is_stopped_too(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        first = await chat.says("Превет", 1)
        model.say("Один")
        model.finish()
        await done(first)
        again = await chat.taps("🔄")
        model.say("Дв")
        await chat.telegram.until(lambda telegram: telegram.texts == ["Дв …"])
        edited = await chat.edits("Привет", 1)
        await done(again)
        await eventually(lambda: len(model.asked) == 3)
        model.say("Три")
        model.finish()
        await done(edited)
        assert (chat.telegram.texts, await chat.history(kira)) == (["Три"], ["Привет", "Три"])


async def test_a_message_that_waits_in_the_line_is_edited_when_its_turn_begins(db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(db, model) as chat:
        kira = await chat.chooses()
        first, second = await chat.says("1", 1), await chat.says("Превет", 2)
        edited = await chat.edits("Привет", 2)
        await eventually(lambda: len(model.asked) == 1)
        model.say("Один")
        model.finish()
        await done(first)
        await done(second)
        await eventually(lambda: len(model.asked) == 3)
        model.say("Два")
        model.finish()
        await done(edited)
        assert await chat.history(kira) == ["1", "Один", "Привет", "Два"]
        assert chat.telegram.texts == ["Один", "Два"]


async def test_a_message_behind_which_another_waits_is_answered_as_it_was(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        first, second = await chat.says("Превет", 1), await chat.says("2", 2)
        await eventually_stored(chat, kira, 1)
        assert await chat.edits("Привет", 1) is None
        for reply in ("Один", "Два"):
            model.say(reply)
            model.finish()
        await done(first)
        await done(second)
        assert await chat.history(kira) == ["Привет", "Один", "2", "Два"]


async def test_what_was_said_while_the_edit_waited_is_not_overtaken(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        talks = [await chat.says("1", 1), await chat.says("Превет", 2)]
        edited = await chat.edits("Привет", 2)
        talks.append(await chat.says("3", 3))
        for reply in ("Один", "Два", "Три"):
            model.say(reply)
            model.finish()
        for talk in talks:
            await done(talk)
        await done(edited)
        assert await chat.history(kira) == ["1", "Один", "Привет", "Два", "3", "Три"]
        assert chat.telegram.texts == ["Один", "Два", "Три"]


async def test_the_same_text_again_changes_nothing(sqlite_db: OpenDatabase) -> None:
    """Telegram tells of an edit also when only a preview under the text has come."""
    model = ScriptedModel("Один")
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        assert await chat.edits("Привет", 1) is None
        assert (len(model.asked), chat.telegram.texts) == (1, ["Один"])


async def test_what_was_never_said_to_anybody_is_ignored(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel()) as chat:
        kira = await chat.chooses()
        assert await chat.edits("Привет", 99) is None
        assert await chat.edits("/help", 98) is None
        assert (chat.telegram.calls, await chat.history(kira)) == ([], [])


async def test_a_message_of_a_scene_that_is_over_is_ignored(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Превет", 1))
        await chat.begins_anew(kira)
        assert await chat.edits("Привет", 1) is None
        assert await chat.history(kira) == []


async def test_an_edit_over_the_bound_is_told_of(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        assert await chat.edits("я" * 4001, 1) is None
        assert "не длиннее 4000" in chat.telegram.texts[-1]
        assert await chat.history(kira) == ["Привет", "Один"]


async def test_who_says_more_while_the_old_answer_ends_is_answered_in_order(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        edited = await _ending_while_edited(chat, model)
        third = await chat.says("3", 3)
        chat.telegram.lost[SendMessageDraft].set()
        await done(edited)
        model.say("Три")
        model.finish()
        await done(third)
        assert await chat.history(kira) == ["1", "Один", "Привет", "Дв", "3", "Три"]
        assert sorted(chat.telegram.texts) == ["Дв", "Один", "Три"]


async def test_who_begins_anew_while_the_old_answer_ends_gets_no_other(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        edited = await _ending_while_edited(chat, model)
        await chat.begins_anew(kira)
        chat.telegram.lost[SendMessageDraft].set()
        await done(edited)
        assert (await chat.history(kira), chat.telegram.texts) == ([], ["Один"])


async def test_a_message_that_was_refused_is_not_answered_by_its_edit(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel(), daily_message_limit="0") as chat:
        kira = await chat.chooses()
        await done(await chat.says("Превет", 1))
        assert await chat.edits("Привет", 1) is None
        assert await chat.history(kira) == []


async def _ending_while_edited(chat: Chat, model: DictatedModel) -> "asyncio.Task[None] | None":
    """An edit of a second message, whose answer was stopped and is not over: one of its drafts is still on its way."""
    first, second = await chat.says("1", 1), await chat.says("Превет", 2)
    edited = await chat.edits("Привет", 2)
    await eventually(lambda: len(model.asked) == 1)
    model.say("Один")
    model.finish()
    await done(first)
    await eventually(lambda: len(model.asked) == 2)
    chat.telegram.lost[SendMessageDraft] = asyncio.Event()
    waiting = chat.telegram.waiting
    model.say("Дв")
    await eventually(lambda: chat.telegram.waiting > waiting)
    assert second is not None
    assert not second.done()
    await eventually(lambda: not chat.writing)
    return edited
