"""Chats, messages, variants and the event log in the database. A chat is opened by its owner's id alone."""

from collections.abc import Sequence

import msgspec

from parley.features.chats.core import Chat, Event, Logged, Message, SessionChange, Variant
from parley.kernel.errors import Conflict
from parley.kernel.ids import CharacterId, ChatId, MessageId, UserId
from parley.kernel.ports import Row, Tx

_CHAT = (
    "id, user_id, character_id, relationship_type, mood_preference, seq, messages_count, last_message_at, created_at"
)
_MESSAGE = (
    "m.id, m.role, m.message_text, m.created_at, m.edited_at, m.tokens_used, m.model_used,"
    " m.is_regenerated, m.is_partial, m.client_id, m.variant, m.variants_count"
)


async def chat_of(tx: Tx, user: UserId, character: CharacterId) -> Chat | None:
    """The only way to get a chat: by its owner."""
    row = await tx.one(
        f"SELECT {_CHAT} FROM chats WHERE user_id = :user AND character_id = :character",  # noqa: S608  a constant list of columns
        user=user,
        character=character,
    )
    return None if row is None else _chat(row)


async def make(tx: Tx, user: UserId, character: CharacterId, now: int) -> None:
    """Begin a chat unless there is one."""
    await tx.run(
        "INSERT INTO chats (user_id, character_id, created_at) VALUES (:user, :character, :now)"
        " ON CONFLICT (user_id, character_id) DO NOTHING",
        user=user,
        character=character,
        now=now,
    )


async def chats_of(tx: Tx, user: UserId, limit: int, offset: int) -> list[Chat]:
    """A person's chats that have been used, the latest first."""
    rows = await tx.all(
        f"SELECT {_CHAT} FROM chats WHERE user_id = :user AND last_message_at IS NOT NULL"  # noqa: S608  a constant list of columns
        " ORDER BY last_message_at DESC, id DESC LIMIT :limit OFFSET :offset",
        user=user,
        limit=limit,
        offset=offset,
    )
    return [_chat(row) for row in rows]


async def change_session(tx: Tx, chat: Chat, change: SessionChange) -> None:
    """Write the settings that the change names."""
    await tx.run(
        "UPDATE chats SET relationship_type = COALESCE(:relationship_type, relationship_type),"
        " mood_preference = COALESCE(:mood_preference, mood_preference) WHERE id = :chat",
        chat=chat.id,
        relationship_type=change.relationship_type,
        mood_preference=change.mood_preference,
    )


# --- the log ---------------------------------------------------------------------------------------


async def log(tx: Tx, chat: ChatId, events: Sequence[Event], *, messages: int = 0, at: int | None = None) -> int:
    """Number the events and append them; the last number. The UPDATE also serialises writers of one chat.

    ``messages``: by how many the chat has grown; ``at``: when its newest message came. Raises Conflict if the chat is
    gone: its owner was erased.
    """
    row = await tx.one(
        "UPDATE chats SET seq = seq + :count, messages_count = messages_count + :messages,"
        " last_message_at = COALESCE(:at, last_message_at) WHERE id = :chat RETURNING seq",
        chat=chat,
        count=len(events),
        messages=messages,
        at=at,
    )
    if row is None:
        raise Conflict
    last = int(row["seq"])
    for seq, event in enumerate(events, last - len(events) + 1):
        await tx.run(
            "INSERT INTO events (chat_id, seq, kind, message_id, data) VALUES (:chat, :seq, :kind, :message, :data)",
            chat=chat,
            seq=seq,
            kind=event.kind,
            message=event.message,
            data=None if event.data is None else msgspec.json.encode(event.data).decode(),
        )
    return last


async def events_after(tx: Tx, chat: ChatId, after: int, limit: int) -> list[Logged]:
    """Entries beyond a number, oldest first, with the messages they name as these stand now."""
    rows = await tx.all(
        f"SELECT e.seq, e.kind, e.message_id, e.data, {_MESSAGE} FROM events e"  # noqa: S608  a constant list of columns
        " LEFT JOIN messages m ON m.id = e.message_id"
        " WHERE e.chat_id = :chat AND e.seq > :after ORDER BY e.seq LIMIT :limit",
        chat=chat,
        after=after,
        limit=limit,
    )
    return [_logged(row) for row in rows]


async def newest_numbers(tx: Tx, chats: Sequence[ChatId]) -> dict[ChatId, int]:
    """The number of each chat's newest event."""
    rows = await tx.all("SELECT id, seq FROM chats WHERE id IN :chats", chats=chats)
    return {ChatId(row["id"]): row["seq"] for row in rows}


# --- messages --------------------------------------------------------------------------------------


async def newest(tx: Tx, chat: ChatId, limit: int, offset: int = 0) -> list[Message]:
    """A page counted from the newest message, in time order."""
    rows = await tx.all(
        f"SELECT {_MESSAGE} FROM messages m WHERE m.chat_id = :chat ORDER BY m.id DESC LIMIT :limit OFFSET :offset",  # noqa: S608  a constant list of columns
        chat=chat,
        limit=limit,
        offset=offset,
    )
    return [_message(row) for row in reversed(rows)]


async def newest_of_each(tx: Tx, chats: Sequence[ChatId]) -> dict[ChatId, Message]:
    """The newest message of each of these chats that has any."""
    rows = await tx.all(
        f"SELECT m.chat_id, {_MESSAGE} FROM chats c"  # noqa: S608  a constant list of columns
        " JOIN messages m ON m.id = (SELECT MAX(id) FROM messages WHERE chat_id = c.id) WHERE c.id IN :chats",
        chats=chats,
    )
    return {ChatId(row["chat_id"]): _message(row) for row in rows}


async def before(tx: Tx, chat: ChatId, message: int, limit: int) -> list[Message]:
    """The messages just before one, in time order."""
    rows = await tx.all(
        f"SELECT {_MESSAGE} FROM messages m WHERE m.chat_id = :chat AND m.id < :message"  # noqa: S608  a constant list of columns
        " ORDER BY m.id DESC LIMIT :limit",
        chat=chat,
        message=message,
        limit=limit,
    )
    return [_message(row) for row in reversed(rows)]


async def after(tx: Tx, chat: ChatId, message: int) -> Message | None:
    """The message just after one."""
    row = await tx.one(
        f"SELECT {_MESSAGE} FROM messages m WHERE m.chat_id = :chat AND m.id > :message ORDER BY m.id LIMIT 1",  # noqa: S608  a constant list of columns
        chat=chat,
        message=message,
    )
    return None if row is None else _message(row)


async def message(tx: Tx, chat: ChatId, wanted: MessageId) -> Message | None:
    """One message of the chat."""
    row = await tx.one(
        f"SELECT {_MESSAGE} FROM messages m WHERE m.chat_id = :chat AND m.id = :message",  # noqa: S608  a constant list of columns
        chat=chat,
        message=wanted,
    )
    return None if row is None else _message(row)


async def message_by_client_id(tx: Tx, chat: ChatId, client_id: str) -> Message | None:
    """The message that a client sent under its own id."""
    row = await tx.one(
        f"SELECT {_MESSAGE} FROM messages m WHERE m.chat_id = :chat AND m.client_id = :client_id",  # noqa: S608  a constant list of columns
        chat=chat,
        client_id=client_id,
    )
    return None if row is None else _message(row)


async def add_user_message(tx: Tx, chat: ChatId, message: Message) -> None:
    """Store what the person said."""
    await tx.run(
        "INSERT INTO messages (id, chat_id, role, message_text, created_at, client_id)"
        " VALUES (:id, :chat, 'user', :text, :created_at, :client_id)",
        id=message.id,
        chat=chat,
        text=message.text,
        created_at=message.created_at,
        client_id=message.client_id,
    )


async def add_reply(tx: Tx, chat: ChatId, reply: Message, receipt: str) -> None:
    """Store what the character said, with the receipt of its prompt."""
    await tx.run(
        "INSERT INTO messages (id, chat_id, role, message_text, created_at, tokens_used, model_used,"
        " is_regenerated, is_partial, variant, variants_count, receipt)"
        " VALUES (:id, :chat, 'assistant', :text, :created_at, :tokens_used, :model_used,"
        " :is_regenerated, :is_partial, :variant, :variants_count, :receipt)",
        id=reply.id,
        chat=chat,
        text=reply.text,
        created_at=reply.created_at,
        tokens_used=reply.tokens_used,
        model_used=reply.model_used,
        is_regenerated=int(reply.is_regenerated),
        is_partial=int(reply.is_partial),
        variant=reply.variant,
        variants_count=reply.variants_count,
        receipt=receipt,
    )


async def edit(tx: Tx, chat: ChatId, wanted: MessageId, text: str, now: int) -> None:
    """Give a message another text, the shown variant included."""
    await tx.run(
        "UPDATE messages SET message_text = :text, edited_at = :now WHERE chat_id = :chat AND id = :message",
        chat=chat,
        message=wanted,
        text=text,
        now=now,
    )
    await tx.run(
        "UPDATE variants SET message_text = :text WHERE message_id = :message"
        " AND number = (SELECT variant FROM messages WHERE id = :message)",
        message=wanted,
        text=text,
    )


async def newest_ids(tx: Tx, chat: ChatId, count: int) -> list[int]:
    """The ids of the newest messages, in time order."""
    rows = await tx.all(
        "SELECT id FROM messages WHERE chat_id = :chat ORDER BY id DESC LIMIT :count", chat=chat, count=count
    )
    return [row["id"] for row in reversed(rows)]


async def delete(tx: Tx, chat: ChatId, ids: Sequence[int]) -> int:
    """Take these messages out, with their variants; how many there were."""
    await tx.run(
        "DELETE FROM variants WHERE message_id IN (SELECT id FROM messages WHERE chat_id = :chat AND id IN :ids)",
        chat=chat,
        ids=ids,
    )
    return await tx.run("DELETE FROM messages WHERE chat_id = :chat AND id IN :ids", chat=chat, ids=ids)


async def delete_before(tx: Tx, chat: ChatId, oldest_kept: int) -> int:
    """Take out every message older than one, with their variants; how many there were."""
    await tx.run(
        "DELETE FROM variants WHERE message_id IN"
        " (SELECT id FROM messages WHERE chat_id = :chat AND id < :oldest_kept)",
        chat=chat,
        oldest_kept=oldest_kept,
    )
    return await tx.run(
        "DELETE FROM messages WHERE chat_id = :chat AND id < :oldest_kept", chat=chat, oldest_kept=oldest_kept
    )


# --- variants --------------------------------------------------------------------------------------

_COPIED = "message_text, created_at, tokens_used, model_used, is_partial, receipt"


async def variants(tx: Tx, chat: ChatId, wanted: MessageId) -> list[Variant]:
    """A message's kept variants, oldest first; empty while it has only the one it shows."""
    rows = await tx.all(
        "SELECT v.number, v.message_text, v.created_at, v.tokens_used, v.model_used, v.is_partial,"
        " m.variant AS selected FROM variants v JOIN messages m ON m.id = v.message_id"
        " WHERE m.chat_id = :chat AND m.id = :message ORDER BY v.number",
        chat=chat,
        message=wanted,
    )
    return [_variant(row) for row in rows]


async def select_variant(tx: Tx, chat: ChatId, wanted: MessageId, number: int) -> bool:
    """Show another variant; False if there is none of that number."""
    return await tx.run(
        "UPDATE messages SET (message_text, tokens_used, model_used, is_partial, receipt, variant) ="
        " (SELECT message_text, tokens_used, model_used, is_partial, receipt, number FROM variants"
        " WHERE message_id = :message AND number = :number), edited_at = NULL"
        " WHERE chat_id = :chat AND id = :message"
        " AND EXISTS (SELECT 1 FROM variants WHERE message_id = :message AND number = :number)",
        chat=chat,
        message=wanted,
        number=number,
    ) == 1  # fmt: skip


async def inherit_variants(tx: Tx, old: MessageId, new: MessageId) -> None:
    """Hand all variants of the replaced reply to its successor, which is already stored, and add the new text."""
    await tx.run(
        f"INSERT INTO variants (message_id, number, {_COPIED}) SELECT id, 1, {_COPIED} FROM messages"  # noqa: S608  a constant list of columns
        " WHERE id = :old AND variants_count = 1",
        old=old,
    )
    await tx.run("UPDATE variants SET message_id = :new WHERE message_id = :old", old=old, new=new)
    await tx.run(
        f"INSERT INTO variants (message_id, number, {_COPIED}) SELECT id, variant, {_COPIED} FROM messages"  # noqa: S608  a constant list of columns
        " WHERE id = :new",
        new=new,
    )


async def receipt(tx: Tx, chat: ChatId, wanted: MessageId) -> str | None:
    """What the prompt of a reply held, as it was kept; None for a message without one."""
    row = await tx.one(
        "SELECT receipt FROM messages WHERE chat_id = :chat AND id = :message", chat=chat, message=wanted
    )
    return None if row is None else row["receipt"]


# --- rows to values --------------------------------------------------------------------------------


def _chat(row: Row) -> Chat:
    return Chat(
        ChatId(row["id"]),
        UserId(row["user_id"]),
        CharacterId(row["character_id"]),
        row["relationship_type"],
        row["mood_preference"],
        row["seq"],
        row["messages_count"],
        row["last_message_at"],
        row["created_at"],
    )


def _message(row: Row) -> Message:
    return Message(
        MessageId(row["id"]),
        row["role"],
        row["message_text"],
        row["created_at"],
        row["edited_at"],
        row["tokens_used"],
        row["model_used"],
        bool(row["is_regenerated"]),
        bool(row["is_partial"]),
        row["client_id"],
        row["variant"],
        row["variants_count"],
    )


def _logged(row: Row) -> Logged:
    data, message_id = row["data"], row["message_id"]
    return Logged(
        row["seq"],
        row["kind"],
        None if message_id is None else MessageId(message_id),
        None if row["id"] is None else _message(row),
        None if data is None else msgspec.json.decode(data),
    )


def _variant(row: Row) -> Variant:
    number = row["number"]
    return Variant(
        number,
        row["message_text"],
        row["created_at"],
        row["tokens_used"],
        row["model_used"],
        bool(row["is_partial"]),
        number == row["selected"],
    )
