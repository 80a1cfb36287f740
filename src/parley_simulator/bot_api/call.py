"""One call of a bot, as a method sees it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from parley_simulator.bot_api.params import Params
from parley_simulator.refusal import bad_request, forbidden
from parley_simulator.state import Bot, Person, PrivateChat
from parley_simulator.wire import whole_number
from parley_simulator.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """The world, the bot that calls, and what it sent. ``slows_spinning``: pollers that spin are slowed."""

    world: World
    bot: Bot
    params: Params
    slows_spinning: bool = False

    def person(self, name: str = "chat_id") -> Person:
        """The person whose private chat is meant."""
        if not self.params.text(name).strip():
            raise bad_request(f"{name} is empty")
        person = self.known(name)
        if person is None:
            raise bad_request("chat not found")
        return person

    def known(self, name: str) -> Person | None:
        """The person whose id is sent under this name."""
        number = whole_number(self.params.text(name).strip())
        return None if number is None else self.world.people.get(number)

    def open_chat(self, person: Person) -> PrivateChat:
        """Their chat, into which the bot may send now."""
        chat = self.bot.chats.get(person.id)
        if chat is None or not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat


@dataclass(frozen=True, slots=True)
class Told:
    """A result with a sentence beside it."""

    result: object
    description: str


Method = Callable[[Call], Awaitable[object]]
"""Does a call: answers its result (anything JSON, or `Told`), or raises `Refused`."""
