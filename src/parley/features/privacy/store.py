"""Reads and empties the tables of all features, for one person at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley.features.privacy import core
from parley.features.privacy.core import Amount, Kept
from parley.kernel.ids import ChatId, UserId
from parley.kernel.ports import Row, Tx

Told = dict[str, Any]
"""A row as the document tells it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order, and the number of the last one: what comes next is after it."""

    rows: list[Told]
    last: int


_OWNED: Final = {
    "person": "id = :user",
    "user": "user_id = :user",
    "chat": "chat_id IN (SELECT id FROM chats WHERE user_id = :user)",
    "message": "message_id IN (SELECT m.id FROM messages m JOIN chats c ON c.id = m.chat_id WHERE c.user_id = :user)",
}


async def person(tx: Tx, user: UserId) -> Told | None:
    """Profile and Telegram's fields."""
    row = await tx.one(f"SELECT {', '.join(core.USERS.told)} FROM users WHERE id = :user", user=user)  # noqa: S608  constant columns
    return None if row is None else _told(row, core.USERS.told)


async def dialog(tx: Tx, user: UserId) -> Told | None:
    """Whom the person talks with in the bot."""
    columns = ", ".join(core.DIALOG.told)
    row = await tx.one(f"SELECT {columns} FROM bot_dialogs WHERE user_id = :user", user=user)  # noqa: S608  constant columns
    return None if row is None else _told(row, core.DIALOG.told)


async def characters(tx: Tx, user: UserId) -> list[Told]:
    """Numbers and names of all characters that the rest of the document speaks of."""
    rows = await tx.all(
        "SELECT id, name FROM characters WHERE id IN (SELECT character_id FROM chats WHERE user_id = :user)"
        " OR id IN (SELECT character_id FROM memories WHERE user_id = :user)"
        " OR id IN (SELECT character_id FROM bot_dialogs WHERE user_id = :user) ORDER BY id",
        user=user,
    )
    return [_told(row, ("id", "name")) for row in rows]


async def page(tx: Tx, table: Kept, user: UserId, after: int, limit: int) -> Page:
    """The next rows of a table, in order of the first column that is told: a number no two rows of a person share."""
    return await _page(tx, table, "user_id", user, after, limit)


async def messages(tx: Tx, chat: ChatId, after: int, limit: int) -> Page:
    """The next messages of a chat, in time order."""
    return await _page(tx, core.MESSAGES, "chat_id", chat, after, limit)


async def _page(tx: Tx, table: Kept, owner: str, number: int, after: int, limit: int) -> Page:
    order = table.told[0]
    rows = await tx.all(
        f"SELECT {', '.join(table.told)} FROM {table.name}"  # noqa: S608  constant names
        f" WHERE {owner} = :owner AND {order} > :after ORDER BY {order} LIMIT :limit",
        owner=number,
        after=after,
        limit=limit,
    )
    return Page([_told(row, table.told) for row in rows], rows[-1][order] if rows else after)


async def variants(tx: Tx, messages: Sequence[int]) -> dict[int, list[Told]]:
    """The kept replies of these messages, oldest first."""
    columns = core.VARIANTS.told
    rows = await tx.all(
        f"SELECT message_id, {', '.join(columns)} FROM variants WHERE message_id IN :messages"  # noqa: S608  constant columns
        " ORDER BY message_id, number",
        messages=messages,
    )
    found: dict[int, list[Told]] = {}
    for row in rows:
        found.setdefault(row["message_id"], []).append(_told(row, columns))
    return found


async def amount(tx: Tx, user: UserId) -> Amount:
    """How much there is."""
    row = await tx.one(
        "SELECT (SELECT COUNT(*) FROM chats WHERE user_id = :user AND messages_count > 0) AS chats,"
        " (SELECT COALESCE(SUM(messages_count), 0) FROM chats WHERE user_id = :user) AS messages,"
        " (SELECT COUNT(*) FROM memories WHERE user_id = :user) AS memories",
        user=user,
    )
    assert row is not None
    return Amount(int(row["chats"]), int(row["messages"]), int(row["memories"]))


async def lock(tx: Tx, user: UserId) -> bool:
    """Let nobody write anything more for the person; False if there is none. Those who are writing are waited for.

    PostgreSQL lets rows be added that name a person while another transaction changes that person, unless it changes
    what rows can name them by; so the Telegram id is changed, for the moment until the row is gone.
    """
    return await tx.run("UPDATE users SET telegram_user_id = -telegram_user_id WHERE id = :user", user=user) == 1


async def end_turns(tx: Tx, user: UserId) -> list[ChatId]:
    """Take the leases of all replies being written; in which chats."""
    rows = await tx.all("DELETE FROM turns WHERE user_id = :user RETURNING chat_id", user=user)
    return [ChatId(row["chat_id"]) for row in rows]


async def empty(tx: Tx, table: Kept, user: UserId) -> None:
    """Delete the person's rows."""
    await tx.run(f"DELETE FROM {table.name} WHERE {_OWNED[table.through]}", user=user)  # noqa: S608  constant names


async def silence(tx: Tx, lanes: Sequence[str]) -> None:
    """Empty the updates of these lanes. Their numbers stay, so that a repeated one is not taken for a new one."""
    await tx.run(
        "UPDATE updates SET body = '', state = CASE state WHEN 'waiting' THEN 'done' ELSE state END"
        " WHERE lane IN :lanes AND state <> 'done'",
        lanes=lanes,
    )


def _told(row: Row, columns: Sequence[str]) -> Told:
    return {column: core.value_of(column, row[column]) for column in columns}
