"""The bot's real dispatcher on real services, and people who write to it. Only Telegram is played, at the port."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, TypeVar, cast

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageReplyMarkup,
    EditMessageText,
    SendDocument,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update, User

from parley import main
from parley.adapters.bus.local import LocalBus
from parley.adapters.chance import SystemChance
from parley.adapters.db import OpenDatabase
from parley.features.bot.screens import BotServices, dispatcher
from parley.features.bot.service import Dialogs, Later
from parley.features.characters.core import read_card
from parley.features.identity.core import Person
from parley.features.privacy.service import Privacy
from parley.kernel.ids import CharacterId, TelegramUserId
from parley.main import Parley, World
from parley.settings import Settings
from parley.shell.metrics import Metrics
from support.app import BOT_TOKEN, ShiftedClock, card_of
from support.scripted_model import ScriptedModel

Answer = TypeVar("Answer")
Json = dict[str, Any]

BOT: Final = User(id=42, is_bot=True, first_name="Parley", username="parley_bot")
SENT_AT: Final = 1_767_614_400
_LONGEST_TEXT: Final = 4096
_LONGEST_TAP: Final = 64
_LONGEST_TOAST: Final = 200
_NOT_MODIFIED: Final = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


class RecordingOutgoing:
    """Notes what is sent and answers like Telegram, refusing what Telegram would refuse."""

    def __init__(self) -> None:
        self.sent: list[TelegramMethod[Any]] = []
        self.messages: dict[tuple[int, int], Message] = {}
        """What stands in the chats now, by chat and message number."""
        self.refusals: dict[type[TelegramMethod[Any]], list[TelegramAPIError]] = {}
        self._numbers = itertools.count(1000)

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
        return cast("Answer", self._answer(method))

    async def offer(self, method: TelegramMethod[Answer], /) -> Answer | None:
        return await self.send(method)

    def _answer(self, method: TelegramMethod[Any]) -> object:
        match method:
            case SendMessage(chat_id=int(chat)):
                answer: object = self._stands(method, chat, next(self._numbers), method.text, method.entities)
            case SendDocument(chat_id=int(chat)):
                answer = self._stands(method, chat, next(self._numbers), "document", None)
            case EditMessageText(chat_id=int(chat), message_id=int(number)):
                answer = self._edited(method, chat, number)
            case EditMessageReplyMarkup(chat_id=int(chat), message_id=int(number)):
                old = self._there(method, chat, number)
                answer = self._stands(method, chat, number, old.text or "", old.entities)
            case DeleteMessage(chat_id=int(chat), message_id=number):
                self._there(method, chat, number)
                answer = self.messages.pop((chat, number)) is not None
            case _:
                answer = True
        if isinstance(method, AnswerCallbackQuery):
            assert len(method.text or "") <= _LONGEST_TOAST
        return answer

    def _there(self, method: TelegramMethod[Any], chat: int, number: int) -> Message:
        if (chat, number) not in self.messages:
            raise TelegramBadRequest(method=method, message="Bad Request: message to edit not found")
        return self.messages[chat, number]

    def _edited(self, method: EditMessageText, chat: int, number: int) -> Message:
        old = self._there(method, chat, number)
        assert method.text is not None
        new = self._message(chat, number, method.text, method.entities, method.reply_markup)
        if (new.text, new.entities, new.reply_markup) == (old.text, old.entities, old.reply_markup):
            raise TelegramBadRequest(method=method, message=_NOT_MODIFIED)
        return self._stands(method, chat, number, method.text, method.entities)

    def _stands(self, method: Any, chat: int, number: int, text: str, entities: Any) -> Message:
        assert 1 <= units(text) <= _LONGEST_TEXT, f"Telegram takes 1 to {_LONGEST_TEXT} units"
        assert getattr(method, "parse_mode", None) is None, "foreign text must not be parsed"
        keyboard = method.reply_markup if isinstance(method.reply_markup, InlineKeyboardMarkup) else None
        for each in buttons_of(keyboard):
            assert each.text, "a button without a word"
            assert len((each.callback_data or "x").encode()) <= _LONGEST_TAP
        message = self._message(chat, number, text, entities, keyboard)
        self.messages[chat, number] = message
        return message

    def _message(self, chat: int, number: int, text: str, entities: Any, keyboard: Any) -> Message:
        return Message(
            message_id=number,
            date=cast("Any", SENT_AT),
            chat=Chat(id=chat, type="private"),
            from_user=BOT,
            text=text,
            entities=entities or None,
            reply_markup=keyboard,
        )


def buttons_of(keyboard: InlineKeyboardMarkup | None) -> Iterator[InlineKeyboardButton]:
    """The buttons, row by row."""
    return itertools.chain.from_iterable(() if keyboard is None else keyboard.inline_keyboard)


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
        parley = main.build(settings, World(db, clock, SystemChance(), LocalBus(), scripted), Metrics.fresh())
        services = services_of(parley, db, outgoing, settings)
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


def services_of(parley: Parley, db: OpenDatabase, outgoing: RecordingOutgoing, settings: Settings) -> BotServices:
    """The bot's services out of the application's."""
    each = parley.services
    return BotServices(
        identity=each.identity,
        characters=each.characters,
        chats=each.chats,
        memories=each.memories,
        scenes=each.scenes,
        turns=each.turns,
        limits=each.limits,
        rates=parley.edge.rates,
        idempotency=each.idempotency,
        privacy=Privacy(db, parley.world.clock, parley.world.bus),
        dialogs=Dialogs(db, parley.world.clock),
        outgoing=outgoing,
        clock=parley.world.clock,
        public_url=settings.public_url,
        default_timezone=settings.default_timezone,
    )
