"""Running turns: one row a chat, at once the lease and the fence."""

from parley.features.turns.core import Running
from parley.kernel.ids import ChatId, TurnId, UserId
from parley.kernel.ports import Row, Tx


async def begin(tx: Tx, turn: Running, now: int) -> bool:
    """Take the chat for this turn; False while another turn runs in it."""
    return await tx.run(
        "INSERT INTO turns (chat_id, id, worker, user_id, started_at)"
        " VALUES (:chat, :turn, :worker, :user, :now) ON CONFLICT (chat_id) DO NOTHING",
        chat=turn.chat,
        turn=turn.turn,
        worker=turn.worker,
        user=turn.user,
        now=now,
    ) == 1  # fmt: skip


async def end(tx: Tx, chat: ChatId, turn: TurnId) -> bool:
    """Free the chat; False if the turn no longer holds it: then it may not write."""
    return await tx.run("DELETE FROM turns WHERE chat_id = :chat AND id = :turn", chat=chat, turn=turn) == 1


async def ask_stop(tx: Tx, user: UserId, chat: ChatId) -> TurnId | None:
    """Note that the person wants the running turn to end; which one it is."""
    row = await tx.one(
        "UPDATE turns SET is_stop_asked = 1 WHERE chat_id = :chat AND user_id = :user RETURNING id",
        chat=chat,
        user=user,
    )
    return None if row is None else TurnId(row["id"])


async def stop_asked(tx: Tx, worker: str) -> list[ChatId]:
    """Chats in which a turn of this process shall end."""
    rows = await tx.all("SELECT chat_id FROM turns WHERE worker = :worker AND is_stop_asked = 1", worker=worker)
    return [ChatId(row["chat_id"]) for row in rows]


async def orphans(tx: Tx, me: str, now: int, limit: int) -> list[Running]:
    """Turns whose process gave no sign of life in time. Who asks is alive: the database may have been away."""
    rows = await tx.all(
        "SELECT t.id, t.chat_id, t.user_id, t.worker FROM turns t LEFT JOIN workers w ON w.id = t.worker"
        " WHERE t.worker <> :me AND (w.id IS NULL OR w.alive_until <= :now) LIMIT :limit",
        me=me,
        now=now,
        limit=limit,
    )
    return [_running(row) for row in rows]


def _running(row: Row) -> Running:
    return Running(TurnId(row["id"]), ChatId(row["chat_id"]), UserId(row["user_id"]), row["worker"])
