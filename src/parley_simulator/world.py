"""All state of one server, and the few deeds that everything is made of."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

import aiohttp

from parley_simulator.calls import Calls
from parley_simulator.clock import Clock
from parley_simulator.faults import Faults
from parley_simulator.limits import Limits
from parley_simulator.state import Bot, Person
from parley_simulator.updates.kinds import life
from parley_simulator.updates.queue import Updates
from parley_simulator.watchers import Watchers
from parley_simulator.wire import Json

_CALLBACKS_KEPT = 10_000
_LEAST_FIRST_UPDATE = 100_000_000


@dataclass(slots=True)
class Callback:
    """A tap on an inline button, and how the bot answered it."""

    bot: int
    expires: float
    answered: bool = False
    text: str | None = None
    show_alert: bool = False
    url: str | None = None


Obey = Callable[["World", Bot, aiohttp.ClientResponse], Awaitable[None]]
"""Does what a bot's answer to its webhook says."""


async def _ignore(_world: "World", _bot: Bot, _response: aiohttp.ClientResponse) -> None:
    """Leave the answer of a webhook alone."""


class World:
    """Bots, people, chats. Everything is forgotten with the object."""

    def __init__(self, clock: Clock, obey: Obey = _ignore) -> None:
        self.clock = clock
        self.obey = obey
        self.watchers = Watchers()
        self.bots: dict[int, Bot] = {}
        self.people: dict[int, Person] = {}
        self.callbacks: OrderedDict[str, Callback] = OrderedDict()
        self.limits = Limits(clock)
        self.faults = Faults()
        self.calls = Calls()
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Do something meanwhile; it ends with the world at the latest."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End all that still goes on."""
        self.reset()
        self.watchers.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset(self) -> None:
        """Forget everything; whoever waits for updates gets none and comes again to a new world."""
        for bot in self.bots.values():
            bot.polls.release()
            if bot.webhook:
                bot.webhook.stop()
        self.bots.clear()
        self.people.clear()
        self.callbacks.clear()
        self.limits = Limits(self.clock)
        self.faults = Faults()
        self.calls = Calls()
        self.watchers.tell(kind="reset")

    def meet(self, number: int, secret: str) -> Bot:
        """The bot with this number, made at its first use. Any secret will do; the last one signs what is signed."""
        bot = self.bots.get(number)
        if bot is None:
            first_update = _LEAST_FIRST_UPDATE + secrets.randbelow(8 * _LEAST_FIRST_UPDATE)
            bot = self.bots[number] = Bot(number, secret, Updates(first_update))
            self.watchers.tell(kind="state")
        bot.secret = secret
        return bot

    def place(self, bot: Bot, person: Person, sender: Json, content: Json, date: int | None = None) -> Json:
        """Put a message into their chat; ``content`` is what a Message has beside its id, sender, chat and date."""
        bot.last_message_id += 1
        message = {
            "message_id": bot.last_message_id,
            "from": sender,
            "chat": person.chat,
            "date": int(self.clock.now()) if date is None else date,
        } | content
        bot.chat_with(person.id).add(message)
        self.chat_changed(bot, person.id)
        return message

    def place_for_bot(
        self, bot: Bot, person: Person, content: Json, date: int | None = None
    ) -> tuple[int | None, Json]:
        """A message of the person: what they wrote, or what a payment or an app says in their name."""
        bot.chat_with(person.id).started = True
        message = self.place(bot, person, person.user, content, date)
        return self.tell(bot, "message", message, person.id, since=message["date"]), message

    def place_by_bot(self, bot: Bot, person: Person, content: Json) -> Json:
        """A message of the bot. It ends what the bot was writing or doing."""
        chat = bot.chat_with(person.id)
        chat.draft = chat.action = None
        chat.unread += 1
        return self.place(bot, person, bot.user, content)

    def tell(self, bot: Bot, kind: str, payload: object, person: int, since: float | None = None) -> int | None:
        """Queue an update about a chat; its id, None if the bot does not want this kind. It lives from ``since``."""
        expires = (self.clock.now() if since is None else since) + life(kind)
        return bot.updates.add(kind, payload, person, expires)

    def chat_changed(self, bot: Bot, person: int, ends_after: float | None = None) -> None:
        """Something the person sees is different now, and different again once it ends by itself."""
        self.watchers.tell(kind="chat", bot=bot.id, chat=person)
        if ends_after is not None and self.watchers:
            _ = self.spawn(self._change_later(bot, person, ends_after))

    async def _change_later(self, bot: Bot, person: int, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self.chat_changed(bot, person)

    def remember_callback(self, callback: Callback) -> str:
        """Keep a tap until it is answered; its id."""
        number = str(secrets.randbits(62))
        self.callbacks[number] = callback
        if len(self.callbacks) > _CALLBACKS_KEPT:
            self.callbacks.popitem(last=False)
        return number
