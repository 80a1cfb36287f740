"""The bot's conversations over real services: Telegram at the port, a model that is dictated to, a clock to be moved.

`Chat` is one process's bot and one person's chat with it. Two of them on one database and one `PlayedTelegram` are a
process that died and the one that came after it.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.methods import (
    AnswerCallbackQuery,
    SendMessageDraft,
)
from aiogram.types import Update

from parley import main
from parley.adapters.bus.local import LocalBus
from parley.adapters.chance import SystemChance
from parley.adapters.db import OpenDatabase
from parley.bot import bot_services
from parley.features.bot.screens import BotServices, dispatcher
from parley.features.bot.service import Later
from parley.features.characters.core import Viewer, read_card
from parley.features.identity.core import Person, telegram_user
from parley.features.turns.core import Regenerate
from parley.features.turns.service.opening import Asked
from parley.features.workers.service import BEAT_EVERY
from parley.kernel.ids import CharacterId, ChatId
from parley.kernel.ports import ChatModel, Partial
from parley.main import Parley
from parley.settings import Settings
from parley.shell.metrics import Metrics
from parley.world import World
from support.app import BOT_TOKEN, card_of
from support.held_clock import HeldClock
from support.played_telegram import ANYA, LONG_ENOUGH, PERSON, PlayedTelegram, eventually, message_json
from support.scripted_completions import ScriptedCompletions, ScriptedEmbedder

LONG = "\n\n".join(f"Абзац {number}. " + "слово " * 300 for number in range(5))
"""A reply of three parts."""


@dataclass(slots=True)
class Chat:
    """One process's bot, and a person in their chat with it."""

    db: OpenDatabase
    parley: Parley
    services: BotServices
    telegram: PlayedTelegram
    clock: HeldClock
    dispatcher: Dispatcher
    bot: Bot
    updates: "itertools.count[int]"
    running: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def on(
        cls,
        db: OpenDatabase,
        model: ChatModel,
        telegram: PlayedTelegram | None = None,
        clock: HeldClock | None = None,
        **environment: str,
    ) -> AsyncIterator["Chat"]:
        """A process of its own on this database; settings as in the environment, without the prefix."""
        chat = cls._made(db, model, telegram or PlayedTelegram(), clock or HeldClock(), environment)
        try:
            yield chat
        finally:
            await chat.end()

    @classmethod
    def _made(
        cls, db: OpenDatabase, model: ChatModel, telegram: PlayedTelegram, clock: HeldClock, environment: dict[str, str]
    ) -> "Chat":
        given = {f"PARLEY_{name.upper()}": value for name, value in environment.items()}
        settings = Settings.load({"PARLEY_BOT_TOKEN": BOT_TOKEN, "PARLEY_DEFAULT_TIMEZONE": "Europe/Moscow", **given})
        world = World(db, clock, SystemChance(), LocalBus(), model, ScriptedCompletions(), ScriptedEmbedder())
        parley = main.build(settings, world, Metrics.fresh())
        services = bot_services(parley, settings, telegram)
        return cls(db, parley, services, telegram, clock, dispatcher(services), Bot(BOT_TOKEN), itertools.count(1))

    async def end(self) -> None:
        """The process ends in order."""
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        await self.services.turns.drain(0)

    # --- who and with whom

    async def person(self) -> Person:
        """The person in the chat."""
        return await self.services.identity.meet(telegram_user(PERSON, "Аня", None, None, "ru"))

    async def chooses(self, name: str = "Кира", **fields: Any) -> CharacterId:
        """A new character of this name, chosen by the person."""
        character = (await self.parley.cards.put(read_card(card_of(name, **fields)))).id
        await self.services.dialogs.choose((await self.person()).id, character)
        return character

    async def begins_anew(self, character: CharacterId) -> None:
        """A new scene, from the Mini App."""
        person, chats = await self.person(), self.services.chats
        async with self.db.begin() as tx:
            await chats.clear(tx, await chats.open(tx, person.id, character), 0)

    async def regenerates_elsewhere(self, character: CharacterId) -> None:
        """Another reply, from the Mini App."""
        person = await self.person()
        found = await self.services.characters.visible(Viewer(person.id, is_adult=False), character)
        turn = await self.services.turns.start(Asked(person, found, Regenerate()), lambda *_: "{}")
        await asyncio.wait_for(turn.ended, LONG_ENOUGH)

    async def stops_elsewhere(self, character: CharacterId) -> None:
        """A stop, from the Mini App."""
        person = await self.person()
        async with self.db.begin() as tx:
            assert await self.services.turns.stop(tx, person.id, character)

    async def heeds_stops(self) -> None:
        """Let this process look for stops whose signal did not reach it."""
        watch = asyncio.create_task(self.services.turns.watch_stops())
        self.running.add(watch)
        sleepers = self.clock.sleepers
        await eventually(lambda: self.clock.sleepers > sleepers)
        self.clock.advance(BEAT_EVERY)

    @property
    def draft(self) -> int:
        """The number of the last draft."""
        draft = self.telegram.named("sendMessageDraft")[-1].method
        assert isinstance(draft, SendMessageDraft)
        return draft.draft_id

    async def history(self, character: CharacterId) -> list[str]:
        """What is in the chat with the character."""
        page = await self.services.chats.page((await self.person()).id, character, limit=100)
        return [message.text for message in page.messages]

    async def used(self) -> int:
        """Units the person has used today."""
        return (await self.services.limits.usage((await self.person()).id)).used

    # --- what the person does

    async def says(self, text: str, number: int, update: int | None = None) -> "asyncio.Task[None] | None":
        """A message; returns as soon as the next update may be handled. The task is the rest."""
        return await self.gets({"message": message_json(number, text)}, update)

    async def edits(self, text: str, number: int, update: int | None = None) -> "asyncio.Task[None] | None":
        """The message of this number gets another text."""
        return await self.gets({"edited_message": {**message_json(number, text), "edit_date": 1_700_000_001}}, update)

    async def taps(
        self, button: str, number: int | None = None, update: int | None = None
    ) -> "asyncio.Task[None] | None":
        """A tap on a button of the bot's message of this number, the last without one."""
        last, standing = self.telegram.last
        number = last if number is None else number
        data = self.telegram.standing[number].buttons[button] if number != last else standing.buttons[button]
        return await self.tapped(data, number, update)

    async def tapped(self, data: str, number: int | None, update: int | None = None) -> "asyncio.Task[None] | None":
        """A tap that sends this data, under the bot's message of this number or one that nobody knows any more."""
        sender = {"id": 42, "is_bot": True, "first_name": "Parley"}
        query: dict[str, Any] = {"id": "1", "from": ANYA, "chat_instance": "1", "data": data}
        if number is not None:
            query["message"] = {**message_json(number, "…"), "from": sender}
        return await self.gets({"callback_query": query}, update)

    async def stops_draft(self, draft: int | str) -> None:
        """The button under a draft."""
        chat = {"id": PERSON, "type": "private"}
        await self.gets({"stopped_message_generation": {"chat": chat, "draft_id": draft}})

    async def gets(self, inner: dict[str, Any], update: int | None = None) -> "asyncio.Task[None] | None":
        """An update, handled as the inbox does it: what is left for later is a task."""
        number = next(self.updates) if update is None else update
        read = Update.model_validate({"update_id": number, **inner}, context={"bot": self.bot})
        rest = await asyncio.wait_for(self.dispatcher.feed_update(self.bot, read), LONG_ENOUGH)
        if not isinstance(rest, Later):
            return None
        task = asyncio.create_task(_seen_through(rest))
        self.running.add(task)
        return task

    def dies(self) -> None:
        """The process ends in the middle of what it does, as after SIGKILL; its turns stay as they are."""
        for task in self.running:
            task.cancel()

    @property
    def writing(self) -> list[Partial]:
        """The replies being written, as far as they have been told."""
        return [partial for chat in range(1, 9) if (partial := self.services.turns.writing(ChatId(chat))) is not None]

    @property
    def toasts(self) -> list[str | None]:
        """What taps were answered with."""
        answers = (call.method for call in self.telegram.named("answerCallbackQuery"))
        return [answer.text for answer in answers if isinstance(answer, AnswerCallbackQuery)]


async def _seen_through(later: Later) -> None:
    await later.rest


async def done(task: "asyncio.Task[None] | None") -> None:
    """Wait until the rest of an update's handling has ended."""
    assert task is not None, "nothing was left for later"
    await asyncio.wait_for(asyncio.shield(task), LONG_ENOUGH)


async def eventually_stored(chat: Chat, character: CharacterId, count: int) -> None:
    """Wait until so many messages are in the chat."""
    async with asyncio.timeout(LONG_ENOUGH):
        while len(await chat.history(character)) < count:  # noqa: ASYNC110  the database sets no event
            await asyncio.sleep(0.005)
