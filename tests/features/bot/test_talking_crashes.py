"""An update that is handled again, because the process that had it in hand died: said once, answered once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiogram.methods import EditMessageText, SendMessage

from parley.adapters.db import OpenDatabase
from parley.features.workers.service import ALIVE_FOR
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ids import CharacterId
from parley.kernel.ports import ModelFailed, Tx
from support.dictated_model import DictatedModel
from support.played_telegram import PlayedTelegram, eventually
from support.scripted_model import ScriptedModel
from support.talking import LONG, Chat, done, eventually_stored
from support.telegram_chats import TelegramChats


async def test_a_reply_that_was_stored_and_not_sent_is_sent(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один")) as first:
        kira = await first.chooses()
        first.telegram.held[SendMessage] = asyncio.Event()
        await first.says("Привет", 1, update=5)
        await eventually_stored(first, kira, 2)
        async with Chat.on(db, ScriptedModel("Два")) as second:
            await done(await second.says("Привет", 1, update=5))
            assert second.telegram.texts == ["Один"]
            assert (await second.history(kira), await second.used()) == (["Привет", "Один"], 1)


async def test_a_reply_that_was_sent_and_not_noted_comes_once_more_and_no_more(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один")) as first:
        await first.chooses()
        first.telegram.lost[SendMessage] = asyncio.Event()
        await first.says("Привет", 1, update=5)
        await first.telegram.until(lambda telegram: telegram.texts == ["Один"])
        async with Chat.on(db, ScriptedModel("Два")) as second:
            for _ in range(2):
                await done(await second.says("Привет", 1, update=5))
            assert second.telegram.texts == ["Один"]


async def test_of_a_long_reply_only_the_missing_parts_are_sent(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel(LONG)) as first:
        await first.chooses()
        first.telegram.held[SendMessage] = asyncio.Event()
        first.telegram.passing[SendMessage] = 1
        await first.says("Расскажи", 1, update=5)
        await eventually(lambda: first.telegram.waiting > 0)
        telegram = PlayedTelegram(chats=TelegramChats(first=2000))
        async with Chat.on(db, ScriptedModel(), telegram) as second:
            await done(await second.says("Расскажи", 1, update=5))
            assert [text[:7] for text in telegram.texts] == ["Абзац 2", "Абзац 4"]
            assert list(telegram.last[1].buttons) == ["🔄"]


async def test_what_was_handled_to_its_end_is_not_handled_again(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один")) as first:
        kira = await first.chooses()
        await done(await first.says("Привет", 1, update=5))
        async with Chat.on(db, ScriptedModel("Два")) as second:
            await done(await second.says("Привет", 1, update=5))
            assert (second.telegram.calls, await second.history(kira)) == ([], ["Привет", "Один"])


async def test_a_turn_that_died_is_answered_again_and_counted_once(db: OpenDatabase) -> None:
    async with Chat.on(db, DictatedModel()) as first:
        kira = await first.chooses()
        await first.says("Привет", 1, update=5)
        await eventually_stored(first, kira, 1)
        async with Chat.on(db, ScriptedModel("Два")) as second:
            await second.parley.background.recovery.recover()
            await done(await second.says("Привет", 1, update=5))
            assert second.telegram.texts == ["Два"]
            assert (await second.history(kira), await second.used()) == (["Привет", "Два"], 1)


async def test_a_message_taken_back_by_a_new_scene_is_not_said_again(db: OpenDatabase) -> None:
    async with Chat.on(db, DictatedModel()) as first:
        kira = await first.chooses()
        await first.says("Привет", 1, update=5)
        await eventually_stored(first, kira, 1)
        async with Chat.on(db, ScriptedModel("Два")) as second:
            await second.parley.background.recovery.recover()
            await second.begins_anew(kira)
            assert await second.says("Привет", 1, update=5) is None
            assert (second.telegram.calls, await second.history(kira)) == ([], [])


async def test_a_reply_taken_back_by_a_new_scene_is_not_sent(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один")) as first:
        kira = await first.chooses()
        first.telegram.held[SendMessage] = asyncio.Event()
        await first.says("Привет", 1, update=5)
        await eventually_stored(first, kira, 2)
        async with Chat.on(db, ScriptedModel("Два")) as second:
            await second.begins_anew(kira)
            await done(await second.says("Привет", 1, update=5))
            assert (second.telegram.texts, await second.history(kira)) == ([], [])


async def test_while_a_living_process_answers_the_inbox_is_asked_to_wait(db: OpenDatabase) -> None:
    async with Chat.on(db, DictatedModel()) as first:
        kira = await first.chooses()
        await first.parley.workers.beat()
        await first.says("Привет", 1, update=5)
        await eventually_stored(first, kira, 1)
        async with Chat.on(db, ScriptedModel("Два")) as second:
            with pytest.raises(ServiceUnavailable):
                await second.says("Привет", 1, update=5)
            assert second.telegram.calls == []
            second.clock.advance(ALIVE_FOR / 1000 + 1)
            await second.parley.background.recovery.recover()
            await done(await second.says("Привет", 1, update=5))
            assert second.telegram.texts == ["Два"]


async def test_it_is_said_to_whom_it_was_said_though_another_is_chosen_by_now(db: OpenDatabase) -> None:
    async with Chat.on(db, DictatedModel()) as first:
        kira = await first.chooses()
        await first.says("Привет", 1, update=5)
        await eventually_stored(first, kira, 1)
        async with Chat.on(db, ScriptedModel("Это я, Кира")) as second:
            lena = await second.chooses("Лена")
            await second.parley.background.recovery.recover()
            await done(await second.says("Привет", 1, update=5))
            assert await second.history(kira) == ["Привет", "Это я, Кира"]
            assert await second.history(lena) == []


async def test_a_reply_that_another_replaced_meanwhile_is_sent_as_it_is_now(db: OpenDatabase) -> None:
    model = ScriptedModel("Один", "Два")
    async with Chat.on(db, model) as first:
        kira = await first.chooses()
        first.telegram.held[SendMessage] = asyncio.Event()
        await first.says("Привет", 1, update=5)
        await eventually_stored(first, kira, 2)
        await first.regenerates_elsewhere(kira)
        async with Chat.on(db, ScriptedModel()) as second:
            await done(await second.says("Привет", 1, update=5))
            assert second.telegram.texts == ["Два"]


async def test_a_tap_that_comes_again_gives_one_other_reply(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as first:
        kira = await first.chooses()
        await done(await first.says("Привет", 1))
        number, standing = first.telegram.last
        tap = standing.buttons["🔄"]
        first.telegram.held[EditMessageText] = asyncio.Event()
        first.telegram.has_room = False
        await first.tapped(tap, number, update=50)
        await eventually_replaced(first, kira, "Два")
        async with Chat.on(db, ScriptedModel("Три"), first.telegram) as second:
            first.telegram.held.clear()
            for _ in range(2):
                await done(await second.tapped(tap, number, update=50))
            assert second.telegram.texts == ["Два"]
            assert await second.history(kira) == ["Привет", "Два"]


async def test_an_edit_that_comes_again_gives_one_other_reply(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as first:
        kira = await first.chooses()
        await done(await first.says("Привет", 1))
        await done(await first.edits("Пока", 1, update=50))
        async with Chat.on(db, ScriptedModel("Три"), first.telegram) as second:
            await done(await second.edits("Пока", 1, update=50))
            assert second.telegram.texts == ["Два"]
            assert await second.history(kira) == ["Пока", "Два"]


async def test_an_edit_whose_answer_died_is_answered(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один")) as zeroth:
        kira = await zeroth.chooses()
        await done(await zeroth.says("Привет", 1))
    async with Chat.on(db, DictatedModel(), zeroth.telegram) as first:
        await first.edits("Пока", 1, update=50)
        await eventually_replaced(first, kira, "Пока", place=0)
        async with Chat.on(db, ScriptedModel("Два"), zeroth.telegram) as second:
            await second.parley.background.recovery.recover()
            await done(await second.edits("Пока", 1, update=50))
            assert second.telegram.texts == ["Два"]
            assert await second.history(kira) == ["Пока", "Два"]


async def test_a_tap_whose_reply_was_taken_back_meanwhile_gives_nothing(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as first:
        kira = await first.chooses()
        await done(await first.says("Привет", 1))
        number, standing = first.telegram.last
        await done(await first.tapped(standing.buttons["🔄"], number, update=50))
        await first.begins_anew(kira)
        async with Chat.on(db, ScriptedModel("Три")) as second:
            await done(await second.tapped(standing.buttons["🔄"], number, update=50))
            assert (second.telegram.texts, await second.history(kira)) == ([], [])


async def test_the_second_try_after_a_failure_that_comes_again_gives_one_reply(db: OpenDatabase) -> None:
    model = ScriptedModel()
    model.will_fail(ModelFailed("timeout"))
    model.will_say("Один")
    async with Chat.on(db, model) as first:
        kira = await first.chooses()
        await done(await first.says("Привет", 1))
        number, standing = first.telegram.last
        tap = standing.buttons["🔄 Попробовать ещё раз"]
        first.telegram.has_room = False
        first.telegram.held[EditMessageText] = asyncio.Event()
        await first.tapped(tap, number, update=50)
        await eventually_stored(first, kira, 2)
        async with Chat.on(db, ScriptedModel("Два"), first.telegram) as second:
            first.telegram.held.clear()
            for _ in range(2):
                await done(await second.tapped(tap, number, update=50))
            assert (second.telegram.texts, await second.history(kira)) == (["Один"], ["Привет", "Один"])


async def test_a_message_that_comes_under_another_number_is_answered_once(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два", "Три")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("1", 1, update=5))
        await done(await chat.says("2", 2, update=6))
        await done(await chat.says("1", 1, update=900))
        assert chat.telegram.texts == ["Один", "Два"]
        assert await chat.history(kira) == ["1", "Один", "2", "Два"]


async def test_while_the_database_is_away_the_update_waits_and_little_is_doubled(sqlite_db: OpenDatabase) -> None:
    away = AwayDatabase(sqlite_db)
    async with Chat.on(away, ScriptedModel("Один")) as chat:
        await chat.chooses()
        chat.telegram.lost[SendMessage] = asyncio.Event()
        first = await chat.says("Привет", 1, update=5)
        await eventually(lambda: chat.telegram.waiting > 0)
        away.is_away = True
        chat.telegram.lost[SendMessage].set()
        with pytest.raises(ServiceUnavailable):
            await done(first)
        with pytest.raises(ServiceUnavailable):
            await chat.says("Привет", 1, update=5)
        away.is_away = False
        for _ in range(2):
            await done(await chat.says("Привет", 1, update=5))
        assert chat.telegram.texts == ["Один", "Один"]


async def test_buttons_that_cannot_be_found_stay(sqlite_db: OpenDatabase) -> None:
    away, model = AwayDatabase(sqlite_db), DictatedModel()
    async with Chat.on(away, model) as chat:
        await chat.chooses()
        first = await chat.says("Привет", 1)
        model.say("Да")
        model.finish()
        await done(first)
        reply, looks = await chat.says("Привет", 2), len(chat.telegram.drafts)
        model.say("Да")
        await chat.telegram.until_called("sendMessageDraft", looks + 1)
        away.is_deaf = True
        model.finish()
        await done(reply)
        assert [list(each.buttons) for each in chat.telegram.standing.values()] == [["🔄"], ["🔄"]]


@dataclass(slots=True)
class AwayDatabase:
    """A real database that is away when the test wants it."""

    db: OpenDatabase
    is_away: bool = False
    is_deaf: bool = False
    """Away for those who look alone."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        if self.is_away:
            raise ServiceUnavailable
        async with self.db.begin() as tx:
            yield tx

    @asynccontextmanager
    async def read(self, *, long: bool = False) -> AsyncIterator[Tx]:
        if self.is_away or self.is_deaf:
            raise ServiceUnavailable
        async with self.db.read(long=long) as tx:
            yield tx

    async def prove_writable(self) -> None:
        await self.db.prove_writable()

    async def close(self) -> None:
        await self.db.close()


async def eventually_replaced(chat: Chat, character: CharacterId, text: str, place: int = -1) -> None:
    """Wait until this text stands in the chat."""
    async with asyncio.timeout(20):
        while (await chat.history(character))[place] != text:  # noqa: ASYNC110  the database sets no event
            await asyncio.sleep(0.005)
