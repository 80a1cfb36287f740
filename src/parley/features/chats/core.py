"""Messages, sessions, and the numbered events that everyone folds alike.

`apply` is the one fold: its twin in the browser runs the same `contract/events/*.json`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from parley.kernel.errors import InvalidInput
from parley.kernel.ids import CharacterId, ChatId, MessageId, UserId
from parley.kernel.wire import timestamp_of

Role = Literal["user", "assistant"]
Json = Mapping[str, Any]
"""A decoded JSON object."""

RELATIONSHIPS: Final = ("neutral", "friend", "partner", "colleague", "mentor")
MOODS: Final = ("neutral", "sweet", "sarcastic", "formal", "playful")
LONGEST_MESSAGE: Final = 4000
MOST_FORGOTTEN: Final = 1000


@dataclass(frozen=True, slots=True)
class Chat:
    """One person's conversation with one character. To hold it is to own it: only its owner's id opens it."""

    id: ChatId
    user: UserId
    character: CharacterId
    relationship_type: str
    mood_preference: str
    seq: int
    messages_count: int
    last_message_at: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message; times in milliseconds."""

    id: MessageId
    role: Role
    text: str
    created_at: int
    edited_at: int | None = None
    tokens_used: int | None = None
    model_used: str | None = None
    is_regenerated: bool = False
    is_partial: bool = False
    client_id: str | None = None
    variant: int = 1
    variants_count: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """An assistant's reply about to be stored."""

    id: MessageId
    text: str
    created_at: int
    tokens_used: int | None
    model_used: str
    is_partial: bool
    receipt: str


def as_message(reply: Reply, replaced: Message | None = None) -> Message:
    """The reply as the message it becomes; a replaced one lives on among its variants."""
    variants = 1 if replaced is None else replaced.variants_count + 1
    return Message(
        reply.id,
        "assistant",
        reply.text,
        reply.created_at,
        tokens_used=reply.tokens_used,
        model_used=reply.model_used,
        is_regenerated=replaced is not None,
        is_partial=reply.is_partial,
        variant=variants,
        variants_count=variants,
    )


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the replies that a message can show."""

    number: int
    text: str
    created_at: int
    tokens_used: int | None
    model_used: str | None
    is_partial: bool
    is_selected: bool


@dataclass(frozen=True, slots=True)
class SessionChange:
    """The settings that a PATCH names."""

    relationship_type: str | None = None
    mood_preference: str | None = None


def checked(change: SessionChange) -> SessionChange:
    """The change itself; raises InvalidInput naming a value the spec does not allow."""
    if change.relationship_type is not None and change.relationship_type not in RELATIONSHIPS:
        raise InvalidInput("relationship_type")
    if change.mood_preference is not None and change.mood_preference not in MOODS:
        raise InvalidInput("mood_preference")
    return change


# --- the log ---------------------------------------------------------------------------------------

EventKind = Literal[
    "message.new", "message.complete", "message.updated", "message.deleted", "chat.reset", "session.updated"
]


@dataclass(frozen=True, slots=True)
class Event:
    """One entry to be logged. Texts are looked up when it is read, so a deleted message is silent."""

    kind: EventKind
    message: MessageId | None = None
    data: Json | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """One numbered entry as it is read back; ``message`` as it stands now, None if it is gone."""

    seq: int
    kind: EventKind
    message_id: MessageId | None
    message: Message | None
    data: Json | None


def deleted(ids: Sequence[int]) -> Event:
    """Messages were taken out."""
    return Event("message.deleted", data={"message_ids": list(ids)})


def reset(kept: Sequence[int]) -> Event:
    """All messages but the kept ones were taken out."""
    return Event("chat.reset", data={"kept_message_ids": list(kept)})


def session_data(chat: Chat) -> Json:
    """The session's members, as the spec shows them and `session.updated` tells them."""
    return {
        "id": chat.id,
        "user_id": chat.user,
        "character_id": chat.character,
        "relationship_type": chat.relationship_type,
        "mood_preference": chat.mood_preference,
        "last_message_at": None if chat.last_message_at is None else timestamp_of(chat.last_message_at),
        "messages_count": chat.messages_count,
        "created_at": timestamp_of(chat.created_at),
    }


# --- the fold --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """What a client knows of a chat: messages in order of id, as the events carry them."""

    seq: int = 0
    messages: tuple[Json, ...] = ()
    session: Json | None = None
    is_typing: bool = False
    writing: Json | None = None
    """The reply being written: ``message_id`` and the ``text`` so far."""


def apply(view: View, frame: Json) -> View:
    """The view after one server frame. A numbered frame seen before changes nothing; unknown events are skipped."""
    seq = frame.get("seq")
    if seq is not None and seq <= view.seq:
        return view
    after = _changed(view, frame["event"], frame["data"])
    return after if seq is None else replace(after, seq=seq)


def _changed(view: View, event: str, data: Json) -> View:
    match event:
        case "message.new" | "message.updated":
            return _with_message(view, data)
        case "message.complete":
            return _completed(view, data)
        case "message.deleted":
            gone = set(data["message_ids"])
            return replace(view, messages=tuple(each for each in view.messages if each["id"] not in gone))
        case "chat.reset":
            kept = set(data["kept_message_ids"])
            return replace(view, messages=tuple(each for each in view.messages if each["id"] in kept))
        case "session.updated":
            return replace(view, session=data)
        case _:
            return _passing(view, event, data)


def _with_message(view: View, message: Json) -> View:
    others = (each for each in view.messages if each["id"] != message["id"])
    written = view.writing is not None and view.writing["message_id"] == message["id"]
    return replace(
        view,
        messages=tuple(sorted((*others, message), key=lambda each: each["id"])),
        writing=None if written else view.writing,
    )


def _completed(view: View, data: Json) -> View:
    def with_tokens(message: Json) -> Json:
        return {**message, "tokens_used": data["tokens_used"]} if message["id"] == data["message_id"] else message

    return replace(view, messages=tuple(map(with_tokens, view.messages)))


def _passing(view: View, event: str, data: Json) -> View:
    """What is not numbered: it shows that something goes on and leaves nothing behind."""
    match event:
        case "message.typing":
            is_typing = data["is_typing"]
            return replace(view, is_typing=is_typing, writing=view.writing if is_typing else None)
        case "message.delta":
            before = "" if data["index"] == 0 or view.writing is None else view.writing["text"]
            return replace(view, writing={"message_id": data["message_id"], "text": before + data["text"]})
        case _:
            return view
