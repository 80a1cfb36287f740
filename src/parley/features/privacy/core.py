"""What Parley keeps of a person, table by table, and the document it is handed out in.

A test compares these lists with the schema: a table or a column that is not named here fails it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

import msgspec

from parley.features.limits.core import DAY
from parley.kernel.wire import moment_of, timestamp_of

FORMAT: Final = "parley-export"
VERSION: Final = 1
MOST_BYTES: Final = 48 * 1000 * 1000
"""Of a document that is held in memory as a whole; Telegram takes files of 50 MB from a bot."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A table with rows of people."""

    name: str
    through: Literal["person", "user", "chat", "message"]
    """What its rows name: the person by its own id or as ``user_id``, a ``chat_id`` or a ``message_id`` of theirs."""
    told: tuple[str, ...] = ()
    """The columns in the document."""
    untold: Mapping[str, str] = field(default_factory=dict)
    """The other columns, and why they are not in it; ``*``: all of them."""


def _columns(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_OWNER: Final = {"user_id": "the document's own person"}
_ORDER: Final = "the order of changes, for devices that were away; it has no words"

PROFILE: Final = _columns(
    "id display_name gender language timezone is_adult_confirmed adult_confirmed_at created_at updated_at"
)
TELEGRAM: Final = _columns("telegram_user_id username first_name last_name telegram_language")
USERS: Final = Kept("users", "person", (*PROFILE, *TELEGRAM))
SUBSCRIPTIONS: Final = Kept("subscriptions", "user", _columns("id status source start_at end_at created_at"), _OWNER)
QUOTA_DAYS: Final = Kept("quota_days", "user", _columns("day used"), _OWNER)
QUOTA_ENTRIES: Final = Kept("quota_entries", "user", untold={"*": "why a day's counter stands where it does"})
MEMORIES: Final = Kept(
    "memories",
    "user",
    _columns("id character_id memory_type content importance source pinned created_at updated_at"),
    _OWNER,
)
CHATS: Final = Kept(
    "chats",
    "user",
    _columns("id character_id relationship_type mood_preference messages_count last_message_at created_at"),
    {**_OWNER, "seq": _ORDER},
)
MESSAGES: Final = Kept(
    "messages",
    "chat",
    _columns(
        "id role message_text created_at edited_at tokens_used model_used is_regenerated is_partial client_id"
        " variant variants_count receipt"
    ),
    {"chat_id": "told by its place in the document"},
)
VARIANTS: Final = Kept(
    "variants",
    "message",
    _columns("number message_text created_at tokens_used model_used is_partial receipt"),
    {"message_id": "told by its place in the document"},
)
EVENTS: Final = Kept("events", "chat", untold={"*": _ORDER})
TURNS: Final = Kept("turns", "user", untold={"*": "a reply being written, for the minute it takes"})
REQUESTS: Final = Kept(
    "idempotency_keys", "user", untold={"*": "requests that must not be done twice, for a day; what they did is told"}
)
DIALOG: Final = Kept("bot_dialogs", "user", _columns("character_id is_blocked updated_at"), _OWNER)
DELIVERED: Final = Kept(
    "bot_messages", "user", untold={"*": "which message in Telegram shows which message told here; it has no words"}
)

ALL: Final = (
    TURNS,
    EVENTS,
    VARIANTS,
    MESSAGES,
    MEMORIES,
    QUOTA_ENTRIES,
    QUOTA_DAYS,
    REQUESTS,
    SUBSCRIPTIONS,
    DIALOG,
    DELIVERED,
    CHATS,
    USERS,
)
"""In the order in which they can be emptied: what names a row goes before the row."""

NOBODYS: Final[Mapping[str, str]] = {
    "versions": "numbers that caches compare",
    "service_keys": "the operator's keys for other services",
    "service_key_use": "how much was asked with them",
    "characters": "the catalogue",
    "avatars": "the catalogue",
    "tags": "the catalogue",
    "character_tags": "the catalogue",
    "workers": "processes",
    "sequences": "the last number given to a message",
    "migrations": "the schema's history",
    "updates": "Telegram's messages on their way: a body is emptied once it is handled, and by `erase`",
}
"""Tables without rows of people, and what they hold."""


def lanes_of(telegram_user: int) -> tuple[str, ...]:
    """The lanes in which updates of a person wait: a private chat bears the number of its person."""
    return tuple(f"{kind} {telegram_user}" for kind in ("chat", "stop", "payment"))


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is kept of a person."""

    chats: int
    messages: int
    memories: int


# --- how it is told ----------------------------------------------------------------------------------------


def value_of(column: str, value: Any) -> Any:
    """A column's value as the document tells it: times as the API does, truth as truth, JSON as JSON."""
    if value is None:
        return None
    if column.endswith("_at"):
        return timestamp_of(value)
    if column == "day":
        return (moment_of(0) + timedelta(milliseconds=value * DAY)).date().isoformat()
    if column == "receipt":
        return msgspec.Raw(value.encode())
    return bool(value) if column.startswith("is_") or column == "pinned" else value


Write = Callable[[bytes], object]
"""Takes the next piece of a document."""


@dataclass(slots=True)
class Document:
    """A JSON document, written piece by piece in the order of the calls. One item of a list stands on one line."""

    write: Write
    _separator: bytes = b""

    @contextmanager
    def members(self, name: str | None = None) -> Iterator[None]:
        """What is written inside is the members of an object."""
        with self._inside(name, b"{", b"}"):
            yield

    @contextmanager
    def items(self, name: str) -> Iterator[None]:
        """What is written inside is the items of a list."""
        with self._inside(name, b"[", b"]"):
            yield

    def add(self, value: Any, name: str | None = None) -> None:
        """A member of the object, or an item of the list."""
        self._begin(name)
        self.write(msgspec.json.encode(value))

    @contextmanager
    def _inside(self, name: str | None, opening: bytes, closing: bytes) -> Iterator[None]:
        self._begin(name)
        self.write(opening)
        self._separator = b"\n"
        yield
        self.write(b"\n" + closing)
        self._separator = b",\n"

    def _begin(self, name: str | None) -> None:
        label = b"" if name is None else msgspec.json.encode(name) + b": "
        self.write(self._separator + label)
        self._separator = b",\n"
