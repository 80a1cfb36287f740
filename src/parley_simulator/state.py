"""What there is: bots, people and the private chats between them."""

from collections import OrderedDict
from dataclasses import dataclass, field

from parley_simulator.files import Files
from parley_simulator.payments.ledger import Ledger
from parley_simulator.updates.polling import Polls
from parley_simulator.updates.queue import Updates
from parley_simulator.updates.webhook import Webhook
from parley_simulator.wire import Json, filled

CHAT_KEEPS = 10_000
"""Messages a chat remembers."""


@dataclass(slots=True)
class Person:
    """Someone with a Telegram account, and some Stars."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_premium: bool = False
    stars: int = 1000

    @property
    def user(self) -> Json:
        """The Bot API's User."""
        return {"id": self.id, "is_bot": False, "first_name": self.first_name} | filled(
            last_name=self.last_name,
            username=self.username,
            language_code=self.language_code,
            is_premium=self.is_premium,
        )

    @property
    def chat(self) -> Json:
        """The private chat with this person, as a bot sees it."""
        return {"id": self.id, "first_name": self.first_name, "type": "private"} | filled(
            last_name=self.last_name, username=self.username
        )


@dataclass(slots=True)
class Draft:
    """A message as it is being written."""

    id: int
    text: str
    entities: list[Json]
    expires: float
    can_stop: bool = False
    keep_on_stop: bool = False
    is_stopped: bool = False


@dataclass(slots=True)
class PrivateChat:
    """A bot and a person; the chat's id is the person's."""

    id: int
    messages: OrderedDict[int, Json] = field(default_factory=OrderedDict)
    deleted: list[int] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    unread: int = 0
    draft: Draft | None = None
    action: str | None = None
    action_expires: float = 0.0

    def add(self, message: Json) -> None:
        """Put a message at the end."""
        self.messages[message["message_id"]] = message
        if len(self.messages) > CHAT_KEEPS:
            self.messages.popitem(last=False)

    def delete(self, number: int) -> None:
        """Take a message away from both sides."""
        del self.messages[number]
        self.deleted.append(number)

    def draft_at(self, now: float) -> Draft | None:
        """The draft the person sees."""
        return self.draft if self.draft and self.draft.expires > now else None

    def action_at(self, now: float) -> str | None:
        """What the bot is shown to be doing."""
        return self.action if self.action_expires > now else None


@dataclass(slots=True)
class Bot:
    """A bot: it exists from the first use of its token."""

    id: int
    secret: str = field(repr=False)
    updates: Updates
    chats: dict[int, PrivateChat] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """By language; "" is for everyone else. So are the descriptions."""
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """By scope and language."""
    menu_buttons: dict[int, Json] = field(default_factory=dict)
    """By chat; 0 is for all others."""
    files: Files = field(default_factory=Files)
    ledger: Ledger = field(default_factory=Ledger)
    polls: Polls = field(default_factory=Polls)
    webhook: Webhook | None = None
    last_message_id: int = 0
    next_set_webhook: float = 0.0

    @property
    def token(self) -> str:
        """The whole token."""
        return f"{self.id}:{self.secret}"

    @property
    def username(self) -> str:
        """Made from the number; nobody else has it."""
        return f"local_{self.id}_bot"

    @property
    def name(self) -> str:
        """As everyone sees it."""
        return self.names.get("") or f"Bot {self.id}"

    @property
    def user(self) -> Json:
        """The Bot API's User, as it stands in messages."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    def chat_with(self, person: int) -> PrivateChat:
        """The private chat with a person, opened now if need be."""
        chat = self.chats.get(person)
        if chat is None:
            chat = self.chats[person] = PrivateChat(person)
        return chat

    def look_into(self, person: int) -> PrivateChat:
        """Their chat; one that nobody opened is empty, and looking leaves no trace."""
        return self.chats.get(person) or PrivateChat(person)

    def commands_for(self, person: int, language: str) -> list[Json]:
        """The commands that the person's menu shows: the nearest scope wins, then the language."""
        for scope in (f"chat:{person}", "all_private_chats", "default"):
            for spoken in (language, ""):
                if found := self.commands.get((scope, spoken)):
                    return found
        return []

    def menu_button_for(self, person: int) -> Json | None:
        """The button beside the person's text field."""
        return self.menu_buttons.get(person) or self.menu_buttons.get(0)
