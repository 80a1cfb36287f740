"""How chats look in JSON: each shape has the keys of the spec's own example and the additions that §2 names."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Struct, UnsetType

from parley.features.chats.core import (
    LONGEST_MESSAGE,
    MOODS,
    RELATIONSHIPS,
    Chat,
    Logged,
    Message,
    SessionChange,
    Variant,
    session_data,
)
from parley.kernel.ids import CharacterId, MessageId
from parley.kernel.openapi import WORDS, Count, Id, Moment, schema
from parley.kernel.wire import timestamp_of

Text = Annotated[str, schema(examples=["Привет! Всё отлично, спасибо!"])]
NewText = Annotated[str, schema(minLength=1, maxLength=LONGEST_MESSAGE, pattern=WORDS, examples=["Привет! Как дела?"])]
Speaker = Annotated[str, schema(enum=["user", "assistant"], examples=["user"])]
Tokens = Annotated[int, schema(minimum=0, examples=[25])]
ModelName = Annotated[str, schema(examples=["gpt-4o-mini"])]
Variants = Annotated[int, schema(minimum=1, examples=[2])]
Relationship = Annotated[str, schema(enum=list(RELATIONSHIPS), examples=["partner"])]
Mood = Annotated[str, schema(enum=list(MOODS), examples=["playful"])]

# --- what clients send -----------------------------------------------------------------------------


class EditBody(Struct, forbid_unknown_fields=True):
    """`PATCH …/messages/{id}`."""

    message: NewText


class SessionBody(Struct, forbid_unknown_fields=True):
    """`PATCH …/session`."""

    relationship_type: Relationship | UnsetType = UNSET
    mood_preference: Mood | UnsetType = UNSET

    def change(self) -> SessionChange:
        """The named settings."""
        return SessionChange(
            None if self.relationship_type is UNSET else self.relationship_type,
            None if self.mood_preference is UNSET else self.mood_preference,
        )


# --- what they get ---------------------------------------------------------------------------------


class ToldMessage(Struct, omit_defaults=True):
    """A message as events and the answers of POSTs tell it; members at their defaults are left out."""

    id: Id
    role: Speaker
    message_text: Text
    created_at: Moment
    is_regenerated: bool = False
    edited_at: Moment | UnsetType = UNSET
    is_partial: bool = False
    variants_count: Variants = 1
    client_id: str | UnsetType = UNSET


class HistoryMessage(Struct):
    """A message as the history shows it. ``is_regenerated`` is an assistant's member."""

    id: Id
    character_id: Id
    role: Annotated[str, schema(enum=["user", "assistant"], examples=["assistant"])]
    message_text: Text
    created_at: Moment
    tokens_used: Tokens | None
    model_used: ModelName | None
    is_regenerated: bool | UnsetType = UNSET
    edited_at: Moment | UnsetType = UNSET
    is_partial: bool | UnsetType = UNSET
    variants_count: Variants | UnsetType = UNSET
    client_id: str | UnsetType = UNSET


class HistoryPage(Struct):
    """`GET …/messages`."""

    messages: list[HistoryMessage]
    total: Count
    has_more: bool


class Deleted(Struct):
    """`DELETE …/messages/{id}`."""

    success: bool
    deleted_count: Count


class SessionAnswer(Struct):
    """`GET` and `PATCH …/session`."""

    id: Id
    user_id: Id
    character_id: Id
    relationship_type: Relationship
    mood_preference: Mood
    last_message_at: Moment | None
    messages_count: Count
    created_at: Moment


class VariantAnswer(Struct):
    """One reply a message can show."""

    id: Id
    message_text: Text
    created_at: Moment
    tokens_used: Tokens | None
    model_used: ModelName | None
    selected: bool


class VariantsAnswer(Struct):
    """`GET …/messages/{id}/variants`."""

    variants: list[VariantAnswer]


class ReceiptSection(Struct):
    """One of the prompt's five parts."""

    name: Annotated[str, schema(enum=["character", "profile", "memories", "session", "messages"])]
    tokens: Count


class ReceiptEntry(Struct):
    """A memory or a message that went in or was left out, and why."""

    id: Id
    included: bool
    tokens: Count
    reason: Annotated[str, schema(enum=["pinned", "relevant", "recent", "shortened", "budget"])]


class ReceiptAnswer(Struct):
    """`GET …/messages/{id}/receipt`: what the prompt of a reply held and what was left out."""

    model: str
    budget_tokens: Count
    estimated_tokens: Count
    sections: list[ReceiptSection]
    memories: list[ReceiptEntry]
    messages: list[ReceiptEntry]


class ChatSummary(Struct):
    """One row of `GET /api/chats`."""

    character_id: Id
    messages_count: Count
    last_message_at: Moment | None
    last_message: HistoryMessage | None


class ChatsAnswer(Struct):
    """`GET /api/chats`, the latest first."""

    chats: list[ChatSummary]
    limit: Annotated[int, schema(minimum=1, maximum=100, examples=[50])]
    offset: Count


def told(message: Message) -> ToldMessage:
    """The message as events tell it."""
    return ToldMessage(
        id=message.id,
        role=message.role,
        message_text=message.text,
        created_at=timestamp_of(message.created_at),
        is_regenerated=message.is_regenerated,
        edited_at=UNSET if message.edited_at is None else timestamp_of(message.edited_at),
        is_partial=message.is_partial,
        variants_count=message.variants_count,
        client_id=UNSET if message.client_id is None else message.client_id,
    )


def in_history(message: Message, character: CharacterId) -> HistoryMessage:
    """The message as the history shows it."""
    return HistoryMessage(
        id=message.id,
        character_id=character,
        role=message.role,
        message_text=message.text,
        created_at=timestamp_of(message.created_at),
        tokens_used=message.tokens_used,
        model_used=message.model_used,
        is_regenerated=message.is_regenerated if message.role == "assistant" else UNSET,
        edited_at=UNSET if message.edited_at is None else timestamp_of(message.edited_at),
        is_partial=True if message.is_partial else UNSET,
        variants_count=message.variants_count if message.variants_count > 1 else UNSET,
        client_id=UNSET if message.client_id is None else message.client_id,
    )


def summary(chat: Chat, newest: Message | None) -> ChatSummary:
    """A row of the list of chats."""
    return ChatSummary(
        chat.character,
        chat.messages_count,
        None if chat.last_message_at is None else timestamp_of(chat.last_message_at),
        None if newest is None else in_history(newest, chat.character),
    )


def session_answer(chat: Chat) -> SessionAnswer:
    """The session as REST tells it; `session.updated` bears the same members."""
    return msgspec.convert(session_data(chat), SessionAnswer)


def variants_answer(variants: list[Variant]) -> VariantsAnswer:
    """All replies a message can show, oldest first."""
    return VariantsAnswer([
        VariantAnswer(
            each.number, each.text, timestamp_of(each.created_at), each.tokens_used, each.model_used, each.is_selected
        )
        for each in variants
    ])  # fmt: skip


# --- frames (contract §3) --------------------------------------------------------------------------


class Frame(Struct, omit_defaults=True):
    """What a server says on a socket or in an event stream. ``seq`` only for lasting events."""

    event: str
    data: msgspec.Raw
    seq: int | None = None


def frame(event: str, data: object, seq: int | None = None) -> bytes:
    """One server frame as JSON."""
    return msgspec.json.encode(Frame(event, msgspec.Raw(msgspec.json.encode(data)), seq))


def logged_frame(entry: Logged) -> bytes:
    """A numbered event as JSON. One whose message is gone says so: folding it leaves what folding both left."""
    if entry.kind in {"message.new", "message.updated", "message.complete"} and entry.message is None:
        return frame("message.deleted", {"message_ids": [entry.message_id]}, entry.seq)
    return frame(entry.kind, _logged_data(entry), entry.seq)


def _logged_data(entry: Logged) -> object:
    message = entry.message
    if message is None:
        return entry.data
    if entry.kind == "message.complete":
        return {"message_id": message.id, "tokens_used": message.tokens_used}
    return told(message)


def typing_frame(character: CharacterId, *, is_typing: bool) -> bytes:
    """The character begins or ends to write."""
    return frame("message.typing", {"character_id": character, "is_typing": is_typing})


def delta_frame(message: MessageId, text: str, index: int) -> bytes:
    """A piece of the reply being written; ``index`` counts the pieces this receiver got, from 0."""
    return frame("message.delta", {"message_id": message, "text": text, "index": index})
