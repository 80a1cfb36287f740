"""The bot's real dispatcher on real services, and people who write to it. Only Telegram is played, at the port."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar, cast

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError
from aiogram.methods import (
    AnswerCallbackQuery,
    TelegramMethod,
)
from aiogram.types import Message, Update

from parley import main
from parley.adapters.bus.local import LocalBus
from parley.adapters.chance import SystemChance
from parley.adapters.db import OpenDatabase
from parley.bot import bot_services
from parley.features.bot.screens import BotServices, dispatcher
from parley.features.bot.service import Later
from parley.features.characters.core import read_card
from parley.features.identity.core import Person
from parley.kernel.ids import CharacterId, TelegramUserId
from parley.main import Parley
from parley.settings import Settings
from parley.shell.metrics import Metrics
from parley.world import World
from support.app import BOT_TOKEN, ShiftedClock, card_of
from support.scripted_completions import ScriptedCompletions, ScriptedEmbedder
from support.scripted_model import ScriptedModel
from support.telegram_chats import SENT_AT, TelegramChats, buttons_of

Answer = TypeVar("Answer")
Json = dict[str, Any]


class RecordingOutgoing:
    """Notes what is sent, and answers by Telegram's rules or refuses when it is told to."""

    def __init__(self) -> None:
        self.sent: list[TelegramMethod[Any]] = []
        self.chats = TelegramChats()
        self.refusals: dict[type[TelegramMethod[Any]], list[TelegramAPIError]] = {}

    @property
    def messages(self) -> dict[tuple[int, int], Message]:
        """What stands in the chats now, by chat and message number."""
        return self.chats.messages

    def will_refuse(self, method: type[TelegramMethod[Any]], error: type[TelegramAPIError], said: str) -> None:
        """The next call of this method fails."""
        refusal = error(method=cast("Any", None), message=said)
        self.refusals.setdefault(method, []).append(refusal)

    async def send(self, method: TelegramMethod[Answer], /) -> Answer:
        self.sent.append(method)
        waiting = self.refusals.get(type(method))
        if waiting:
            refusal = waiting.pop(0)
            refusal.method = cast("Any", method)
            raise refusal
        return cast("Answer", self.chats.make(method))

    async def offer(self, method: TelegramMethod[Answer], /) -> Answer | None:
        return await self.send(method)


@dataclass(slots=True)
class Stage:
    """What all people in a test share."""

    parley: Parley
    services: BotServices
    dispatcher: Dispatcher
    bot: Bot
    outgoing: RecordingOutgoing
    clock: ShiftedClock
    model: ScriptedModel
    updates: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    messages: Iterator[int] = field(default_factory=lambda: itertools.count(1))


@dataclass(slots=True)
class BotUnderTest:
    """The bot as one person meets it; `as_someone` gives another person of the same bot."""

    stage: Stage
    telegram_id: int = 7
    name: str = "Аня"
    language: str | None = "ru"

    @classmethod
    @asynccontextmanager
    async def running(
        cls, db: OpenDatabase, *, public_url: str = "", model: ScriptedModel | None = None, **environment: str
    ) -> AsyncIterator["BotUnderTest"]:
        """The bot on this database; settings as in the environment, without the prefix."""
        given = {f"PARLEY_{name.upper()}": value for name, value in environment.items()}
        settings = Settings.load({"PARLEY_BOT_TOKEN": BOT_TOKEN, "PARLEY_PUBLIC_URL": public_url, **given})
        clock, scripted, outgoing = ShiftedClock(), model or ScriptedModel(), RecordingOutgoing()
        world = World(db, clock, SystemChance(), LocalBus(), scripted, ScriptedCompletions(), ScriptedEmbedder())
        parley = main.build(settings, world, Metrics.fresh())
        services = bot_services(parley, settings, outgoing)
        bot = Bot(BOT_TOKEN)
        stage = Stage(parley, services, dispatcher(services), bot, outgoing, clock, scripted)
        await parley.workers.beat()
        try:
            yield cls(stage)
        finally:
            await parley.services.turns.drain(0.5)

    def as_someone(self, telegram_id: int, name: str = "Борис", language: str | None = "ru") -> "BotUnderTest":
        """Another person of the same bot."""
        return replace(self, telegram_id=telegram_id, name=name, language=language)

    # --- what the test looks at

    @property
    def services(self) -> BotServices:
        """The services behind the bot."""
        return self.stage.services

    @property
    def outgoing(self) -> RecordingOutgoing:
        """What the bot sent."""
        return self.stage.outgoing

    @property
    def clock(self) -> ShiftedClock:
        """The clock, which may be set ahead."""
        return self.stage.clock

    @property
    def model(self) -> ScriptedModel:
        """The model that characters speak with."""
        return self.stage.model

    @property
    def sent(self) -> list[TelegramMethod[Any]]:
        """All calls so far, of all people."""
        return self.outgoing.sent

    def last(self) -> Message:
        """The message at the end of this person's chat, as it stands now."""
        numbers = [number for chat, number in self.outgoing.messages if chat == self.telegram_id]
        return self.outgoing.messages[self.telegram_id, max(numbers)]

    @property
    def text(self) -> str:
        """What the last message says."""
        return self.last().text or ""

    def buttons(self) -> list[str]:
        """What the buttons under the last message say."""
        return [each.text for each in buttons_of(self.last().reply_markup)]

    def toasts(self) -> list[AnswerCallbackQuery]:
        """All answers to taps."""
        return [each for each in self.sent if isinstance(each, AnswerCallbackQuery)]

    def toast(self) -> str | None:
        """What the last tap was answered with."""
        return self.toasts()[-1].text

    # --- what the person does

    async def says(self, text: str, **fields: Any) -> Any:
        """Write a message; what the dispatcher returned. ``fields`` of the Telegram message."""
        return await self.sends(text=text, **fields)

    async def sends(self, **fields: Any) -> Any:
        """Send a message of any kind."""
        return await self.comes("message", self.message(**fields))

    async def edits(self, message_id: int, text: str) -> Any:
        """Edit one's own message."""
        edited = {**self.message(text=text), "message_id": message_id, "edit_date": SENT_AT + 1}
        return await self.comes("edited_message", edited)

    async def taps(self, button: str, message: Message | None = None) -> Any:
        """Tap the button that says this, or begins with it, under the last message or the one given."""
        shown = message or self.last()
        found = next((each for each in buttons_of(shown.reply_markup) if each.text.startswith(button)), None)
        assert found is not None, f"no button {button!r} among {self.buttons()}"
        assert found.callback_data is not None, f"{button!r} is no button that comes back"
        return await self.taps_data(found.callback_data, shown)

    async def taps_data(self, data: str, message: Message | None = None) -> Any:
        """Tap with this very data: what a forger does."""
        shown = message or self.last()
        body = shown.model_dump(mode="json", by_alias=True, exclude_none=True)
        query = {"id": f"q{next(self.stage.updates)}", "from": self._user(), "chat_instance": "1", "data": data}
        return await self.comes("callback_query", {**query, "message": body})

    async def comes(self, kind: str, event: Json, update_id: int | None = None) -> Any:
        """An update of this kind; a reply that comes later is waited for."""
        number = next(self.stage.updates) if update_id is None else update_id
        update = Update.model_validate({"update_id": number, kind: event}, context={"bot": self.stage.bot})
        result = await self.stage.dispatcher.feed_update(self.stage.bot, update)
        if isinstance(result, Later):
            await result.rest
        return result

    def message(self, **fields: Any) -> Json:
        """A message of this person as Telegram would send it."""
        chat = {"id": self.telegram_id, "type": "private", "first_name": self.name}
        number = next(self.stage.messages)
        return {"message_id": number, "date": SENT_AT, "chat": chat, "from": self._user(), **fields}

    def _user(self) -> Json:
        user: Json = {"id": self.telegram_id, "is_bot": False, "first_name": self.name}
        return user if self.language is None else {**user, "language_code": self.language}

    # --- what the test prepares

    async def character(self, name: str = "Кира", **fields: Any) -> CharacterId:
        """A character; ``fields`` of the card, and of its ``extensions.parley`` where Parley owns them."""
        return (await self.stage.parley.cards.put(read_card(card_of(name, **fields)))).id

    async def person(self) -> Person:
        """The person as Parley knows them; the bot must have met them."""
        known = await self.services.identity.by_telegram_id(TelegramUserId(self.telegram_id))
        assert known is not None, "the bot has not met them"
        return known

    async def talks_with(self) -> CharacterId | None:
        """Whom they talk with now."""
        return (await self.services.dialogs.of((await self.person()).id)).character

    async def chooses(self, character: CharacterId) -> None:
        """Talk with this character from now on, by its link."""
        await self.says(f"/start c{character}")

    async def confirms_age(self) -> None:
        """Say that one is an adult."""
        person = await self.person()
        async with self.services.identity.db.begin() as tx:
            await self.services.identity.confirm_adult(tx, person, confirmed=True)

    async def subscribes(self, days: int = 30) -> None:
        """Get a subscription."""
        await self.services.limits.grant((await self.person()).id, days, "operator")

    def sets_clock(self, ahead: timedelta) -> None:
        """Let time pass."""
        self.clock.ahead += ahead
