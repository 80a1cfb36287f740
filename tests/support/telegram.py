"""People in a Telegram of their own, and Parley's bot among them: the whole way, over HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from parley.adapters.db import OpenDatabase
from parley.bot import TelegramBot, telegram_bot, webhook_of
from parley.settings import Settings
from parley_simulator.server import running
from support.app import BOT_TOKEN, AppUnderTest

BOT = int(BOT_TOKEN.partition(":")[0])
_WITHIN = 20.0
"""Seconds after which what a test waits for will not come."""
_LOOK_EVERY = 0.01


class DidNotHappen(AssertionError):
    """What the test waited for; the text shows what there was instead."""


@dataclass(frozen=True, slots=True)
class View:
    """What a person sees of the chat with the bot."""

    messages: list[dict[str, Any]]
    draft: dict[str, Any] | None
    action: str | None

    @property
    def texts(self) -> list[str]:
        """The bot's messages, oldest first."""
        return [each.get("text", "") for each in self.messages if each["from"]["id"] == BOT]

    @property
    def last(self) -> dict[str, Any]:
        """The newest message."""
        return self.messages[-1]

    def buttons(self) -> list[tuple[int, dict[str, Any]]]:
        """Every button in sight with its message's id, the newest message's first."""
        return [
            (message["message_id"], button)
            for message in reversed(self.messages)
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
        ]


@dataclass(frozen=True, slots=True)
class Telegram:
    """The simulator, as its control interface shows it."""

    session: aiohttp.ClientSession
    base_url: str

    async def post(self, path: str, **body: Any) -> Any:
        """A control call that must work."""
        async with self.session.post(f"{self.base_url}/sim{path}", json=body) as answer:
            said = await answer.json()
            assert answer.status == 200, said
            return said

    async def get(self, path: str, **query: str) -> Any:
        """A control call that must work."""
        async with self.session.get(f"{self.base_url}/sim{path}", params=query) as answer:
            said = await answer.json()
            assert answer.status == 200, said
            return said

    async def call(self, method: str, **parameters: Any) -> Mapping[str, Any]:
        """A Bot API call by somebody else who has the token."""
        async with self.session.post(f"{self.base_url}/bot{BOT_TOKEN}/{method}", json=parameters) as answer:
            said: dict[str, Any] = await answer.json()
            return said

    async def calls(self, method: str) -> list[dict[str, Any]]:
        """What the bot has called, oldest first."""
        found: list[dict[str, Any]] = (await self.get("/calls", bot=str(BOT), method=method))["calls"]
        return found

    async def fault(self, method: str, times: int = 1, **what: Any) -> None:
        """Let the next calls of this method go wrong."""
        await self.post("/faults", bot=BOT, method=method, times=times, **what)

    async def person(self, number: int = 7, name: str = "Аня", language: str = "ru") -> "PersonInTelegram":
        """Somebody with the app."""
        await self.post("/users", id=number, first_name=name, language_code=language)
        return PersonInTelegram(self, number)

    async def until_polled(self) -> None:
        """Wait until the bot asks for updates."""

        async def is_polling() -> bool:
            bots = (await self.get("/bots"))["bots"]
            return any(each["id"] == BOT and (each["polling"] or each["webhook_url"]) for each in bots)

        await eventually(is_polling, lambda: "no bot asks for updates")


@dataclass(slots=True)
class PersonInTelegram:
    """A person who talks with the bot."""

    telegram: Telegram
    id: int

    async def says(self, text: str, **more: Any) -> dict[str, Any]:
        """Write to the bot; the control call's answer."""
        said: dict[str, Any] = await self.telegram.post(
            f"/chats/{BOT}/messages", **{"from": self.id}, text=text, **more
        )
        return said

    async def edits(self, message: int, text: str) -> None:
        """Edit a message of theirs."""
        await self.telegram.post(f"/chats/{BOT}/edits", **{"from": self.id}, message_id=message, text=text)

    async def view(self) -> View:
        """What they see now."""
        seen = await self.telegram.get(f"/chats/{BOT}/{self.id}")
        return View(seen["messages"], seen["draft"], seen["action"])

    async def sees(self, what: Callable[[View], bool], meaning: str = "") -> View:
        """Wait until it is to be seen."""
        seen = await self.view()

        async def is_there() -> bool:
            nonlocal seen
            seen = await self.view()
            return what(seen)

        await eventually(is_there, lambda: f"{meaning or 'not seen'}; instead: {seen}")
        return seen

    async def reads(self, text: str) -> View:
        """Wait for a message of the bot with this text in it."""
        return await self.sees(lambda view: any(text in each for each in view.texts), f"no message says {text!r}")

    async def taps(self, label: str) -> Mapping[str, Any]:
        """Tap the newest button with this in its label, and wait for the answer to the tap."""
        view = await self.sees(lambda view: any(label in b["text"] for _, b in view.buttons()), f"no button {label!r}")
        message, button = next((m, b) for m, b in view.buttons() if label in b["text"])
        return await self.taps_data(message, button["callback_data"])

    async def taps_data(self, message: int, data: str, *, stale: bool = False) -> Mapping[str, Any]:
        """Tap a button by what it carries; ``stale``: it may not be there any more."""
        tap = await self.telegram.post(
            "/callbacks", bot=BOT, **{"from": self.id}, message_id=message, data=data, stale=stale
        )
        answer: dict[str, Any] = {}

        async def is_answered() -> bool:
            nonlocal answer
            answer = await self.telegram.get(f"/callbacks/{tap['callback_query_id']}")
            return bool(answer["answered"])

        await eventually(is_answered, lambda: "the tap got no answer")
        return answer

    async def talks_to(self, character: int) -> None:
        """Begin to talk with a character, by its link."""
        await self.says(f"/start c{character}")
        await self.sees(lambda view: bool(view.texts), "the bot does not answer")


def free_port() -> int:
    """A port that nobody listens on, so that an address can be told before its server starts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


async def eventually(happened: Callable[[], Any], instead: Callable[[], str]) -> None:
    """Look until it has happened; Telegram's people learn of things by looking, too."""
    until = asyncio.get_running_loop().time() + _WITHIN
    while not await happened():
        if asyncio.get_running_loop().time() > until:
            raise DidNotHappen(instead())
        await asyncio.sleep(_LOOK_EVERY)


@asynccontextmanager
async def telegram_running() -> AsyncIterator[Telegram]:
    """A Telegram of one's own."""
    async with running("127.0.0.1", 0) as address, aiohttp.ClientSession() as session:
        yield Telegram(session, address)


@dataclass(slots=True)
class Town:
    """The application with its bot, and a Telegram around them."""

    app: AppUnderTest
    telegram: Telegram
    bot: TelegramBot

    @classmethod
    @asynccontextmanager
    async def living(cls, db: OpenDatabase, **environment: str) -> AsyncIterator["Town"]:
        """Everything running; settings as in the environment, without the prefix."""
        async with telegram_running() as telegram:
            around = {"telegram_api_url": telegram.base_url, "frame_ancestors": telegram.base_url}
            given = {"rate_limits": "off", **around, **environment}
            settings = Settings.load(
                {"PARLEY_BOT_TOKEN": BOT_TOKEN, **{f"PARLEY_{name.upper()}": value for name, value in given.items()}}
            )
            webhook = webhook_of(settings)
            more = () if webhook is None else webhook.routes()
            async with (
                AppUnderTest.running(db, model=None, completions=None, embedder=None, more=more, **given) as app,
                telegram_bot(app.parley, settings, webhook, is_alone=False) as bot,
            ):
                running_bot = asyncio.create_task(bot.run())
                await telegram.until_polled()
                yield cls(app, telegram, bot)
                running_bot.cancel()
                await asyncio.gather(running_bot, return_exceptions=True)
                await app.parley.services.turns.drain(0.5)
                await bot.end(0.5)
