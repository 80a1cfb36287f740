"""How chats look in JSON: each shape has the keys of the spec's own example and the additions that §2 names."""

import msgspec
from msgspec import UNSET, Struct, UnsetType

from parley.features.chats.core import Chat, Logged, Message, SessionChange, Variant, session_data
from parley.kernel.ids import CharacterId, MessageId
from parley.kernel.wire import timestamp_of

# --- what clients send -----------------------------------------------------------------------------


class EditBody(Struct, forbid_unknown_fields=True):
    """`PATCH …/messages/{id}`."""

    message: str


class SessionBody(Struct, forbid_unknown_fields=True):
    """`PATCH …/session`."""

    relationship_type: str | UnsetType = UNSET
    mood_preference: str | UnsetType = UNSET

    def change(self) -> SessionChange:
        """The named settings."""
        return SessionChange(
            None if self.relationship_type is UNSET else self.relationship_type,
            None if self.mood_preference is UNSET else self.mood_preference,
        )


# --- what they get ---------------------------------------------------------------------------------


class ToldMessage(Struct, omit_defaults=True):
    """A message as events and the answers of POSTs tell it; members at their defaults are left out."""

    id: int
    role: str
    message_text: str
    created_at: str
    is_regenerated: bool = False
    edited_at: str | UnsetType = UNSET
    is_partial: bool = False
    variants_count: int = 1
    client_id: str | UnsetType = UNSET


class HistoryMessage(Struct):
    """A message as the history shows it. ``is_regenerated`` is an assistant's member."""

    id: int
    character_id: int
    role: str
    message_text: str
    created_at: str
    tokens_used: int | None
    model_used: str | None
    is_regenerated: bool | UnsetType = UNSET
    edited_at: str | UnsetType = UNSET
    is_partial: bool | UnsetType = UNSET
    variants_count: int | UnsetType = UNSET
    client_id: str | UnsetType = UNSET


class HistoryPage(Struct):
    """`GET …/messages`."""

    messages: list[HistoryMessage]
    total: int
    has_more: bool


class Deleted(Struct):
    """`DELETE …/messages/{id}`."""

    success: bool
    deleted_count: int


class SessionAnswer(Struct):
    """`GET` and `PATCH …/session`."""

    id: int
    user_id: int
    character_id: int
    relationship_type: str
    mood_preference: str
    last_message_at: str | None
    messages_count: int
    created_at: str


class VariantAnswer(Struct):
    """One reply a message can show."""

    id: int
    message_text: str
    created_at: str
    tokens_used: int | None
    model_used: str | None
    selected: bool


class VariantsAnswer(Struct):
    """`GET …/messages/{id}/variants`."""

    variants: list[VariantAnswer]


class ReceiptSection(Struct):
    """One of the prompt's five parts."""

    name: str
    tokens: int


class ReceiptEntry(Struct):
    """A memory or a message that went in or was left out, and why."""

    id: int
    included: bool
    tokens: int
    reason: str


class ReceiptAnswer(Struct):
    """`GET …/messages/{id}/receipt`: what the prompt of a reply held and what was left out."""

    model: str
    budget_tokens: int
    estimated_tokens: int
    sections: list[ReceiptSection]
    memories: list[ReceiptEntry]
    messages: list[ReceiptEntry]


class ChatSummary(Struct):
    """One row of `GET /api/chats`."""

    character_id: int
    messages_count: int
    last_message_at: str | None
    last_message: HistoryMessage | None


class ChatsAnswer(Struct):
    """`GET /api/chats`, the latest first."""

    chats: list[ChatSummary]
    limit: int
    offset: int


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
