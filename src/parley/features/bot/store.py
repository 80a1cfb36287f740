"""Whom people talk with in the bot, and which Telegram message is which of ours."""

from collections.abc import Sequence

from parley.features.bot.core.dialogs import Delivered, Dialog, Heard
from parley.kernel.ids import CharacterId, MessageId, UserId
from parley.kernel.ports import Row, Tx


async def dialog(tx: Tx, user: UserId) -> Dialog:
    """The person's dialog; a fresh one if there is none yet."""
    row = await tx.one("SELECT character_id, is_blocked FROM bot_dialogs WHERE user_id = :user", user=user)
    if row is None:
        return Dialog(None, is_blocked=False)
    character = row["character_id"]
    return Dialog(None if character is None else CharacterId(character), is_blocked=bool(row["is_blocked"]))


async def choose(tx: Tx, user: UserId, character: CharacterId | None, now: int) -> None:
    """From now on the person talks with this character, or with nobody."""
    await tx.run(
        "INSERT INTO bot_dialogs (user_id, character_id, updated_at) VALUES (:user, :character, :now)"
        " ON CONFLICT (user_id) DO UPDATE SET character_id = excluded.character_id, updated_at = excluded.updated_at",
        user=user,
        character=character,
        now=now,
    )


async def set_blocked(tx: Tx, user: UserId, now: int, *, is_blocked: bool) -> None:
    """Note whether the person lets the bot write to them."""
    await tx.run(
        "INSERT INTO bot_dialogs (user_id, is_blocked, updated_at) VALUES (:user, :is_blocked, :now)"
        " ON CONFLICT (user_id) DO UPDATE SET is_blocked = excluded.is_blocked, updated_at = excluded.updated_at",
        user=user,
        is_blocked=int(is_blocked),
        now=now,
    )


async def hear(tx: Tx, heard: Heard, now: int) -> None:
    """Note to which character a Telegram message of the person was said; a repeated one stays as it was."""
    await tx.run(
        "INSERT INTO bot_messages (telegram_chat_id, telegram_message_id, user_id, character_id, created_at)"
        " VALUES (:chat, :telegram_message, :user, :character, :now) ON CONFLICT DO NOTHING",
        chat=heard.telegram_chat,
        telegram_message=heard.telegram_message,
        user=heard.user,
        character=heard.character,
        now=now,
    )


async def heard(tx: Tx, user: UserId, telegram_chat: int, telegram_message: int) -> Heard | None:
    """What a Telegram message of this person was, if it was said to a character."""
    row = await tx.one(
        "SELECT character_id FROM bot_messages WHERE telegram_chat_id = :chat"
        " AND telegram_message_id = :telegram_message AND user_id = :user AND message_id IS NULL",
        chat=telegram_chat,
        telegram_message=telegram_message,
        user=user,
    )
    if row is None:
        return None
    return Heard(user, telegram_chat, telegram_message, CharacterId(row["character_id"]))


async def deliver(tx: Tx, user: UserId, character: CharacterId, delivered: Delivered, now: int) -> None:
    """Note that a part of a reply stands in a Telegram message, whatever stood there before."""
    await tx.run(
        "INSERT INTO bot_messages"
        " (telegram_chat_id, telegram_message_id, user_id, character_id, message_id, part, created_at)"
        " VALUES (:chat, :telegram_message, :user, :character, :message, :part, :now)"
        " ON CONFLICT (telegram_chat_id, telegram_message_id)"
        " DO UPDATE SET message_id = excluded.message_id, part = excluded.part",
        chat=delivered.telegram_chat,
        telegram_message=delivered.telegram_message,
        user=user,
        character=character,
        message=delivered.message,
        part=delivered.part,
        now=now,
    )


async def delivered(tx: Tx, user: UserId, message: MessageId) -> Sequence[Delivered]:
    """Where the parts of one of the person's replies stand, in order."""
    rows = await tx.all(
        "SELECT telegram_chat_id, telegram_message_id, message_id, part FROM bot_messages"
        " WHERE user_id = :user AND message_id = :message ORDER BY part",
        user=user,
        message=message,
    )
    return [_delivered(row) for row in rows]


async def reply_in(tx: Tx, user: UserId, telegram_chat: int, telegram_message: int) -> MessageId | None:
    """Which reply to this person a Telegram message shows."""
    row = await tx.one(
        "SELECT message_id FROM bot_messages WHERE telegram_chat_id = :chat"
        " AND telegram_message_id = :telegram_message AND user_id = :user",
        chat=telegram_chat,
        telegram_message=telegram_message,
        user=user,
    )
    return None if row is None or row["message_id"] is None else MessageId(row["message_id"])


async def withdraw(tx: Tx, user: UserId, telegram_chat: int, telegram_message: int) -> None:
    """A Telegram message no longer shows anything of ours."""
    await tx.run(
        "DELETE FROM bot_messages WHERE telegram_chat_id = :chat AND telegram_message_id = :telegram_message"
        " AND user_id = :user",
        chat=telegram_chat,
        telegram_message=telegram_message,
        user=user,
    )


def _delivered(row: Row) -> Delivered:
    return Delivered(row["telegram_chat_id"], row["telegram_message_id"], MessageId(row["message_id"]), row["part"])
