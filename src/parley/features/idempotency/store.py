"""Keys seen in the last day, and their answers."""

from parley.features.idempotency.core import Asked, Record
from parley.kernel.ids import MessageId
from parley.kernel.ports import Tx

_KEY = "user_id = :user AND route = :route AND key = :key"


async def claim(tx: Tx, asked: Asked, worker: str | None, now: int) -> bool:
    """Be the first with this key; False if it was seen before. A twin in another transaction waits here."""
    added = await tx.run(
        "INSERT INTO idempotency_keys (user_id, route, key, body_digest, worker, created_at)"
        " VALUES (:user, :route, :key, :body_digest, :worker, :now) ON CONFLICT (user_id, route, key) DO NOTHING",
        user=asked.user,
        route=asked.route,
        key=asked.key,
        body_digest=asked.body_digest,
        worker=worker,
        now=now,
    )
    return added == 1


async def record(tx: Tx, asked: Asked) -> Record | None:
    """What is known of the key."""
    row = await tx.one(
        f"SELECT body_digest, worker, message_id, answer FROM idempotency_keys WHERE {_KEY}",  # noqa: S608  a constant condition
        user=asked.user,
        route=asked.route,
        key=asked.key,
    )
    if row is None:
        return None
    message = row["message_id"]
    return Record(row["body_digest"], row["worker"], None if message is None else MessageId(message), row["answer"])


async def take_over(tx: Tx, asked: Asked, worker: str, former: str | None) -> bool:
    """Work on a key whose former process gave up or died; False if somebody was faster."""
    return await tx.run(
        f"UPDATE idempotency_keys SET worker = :worker WHERE {_KEY} AND answer IS NULL"  # noqa: S608  a constant condition
        " AND (worker IS NULL OR worker = :former)",
        user=asked.user,
        route=asked.route,
        key=asked.key,
        worker=worker,
        former=former or "",
    ) == 1  # fmt: skip


async def remember_message(tx: Tx, asked: Asked, message: MessageId) -> None:
    """Note the user message that the request stored."""
    await tx.run(
        f"UPDATE idempotency_keys SET message_id = :message WHERE {_KEY}",  # noqa: S608  a constant condition
        user=asked.user,
        route=asked.route,
        key=asked.key,
        message=message,
    )


async def keep(tx: Tx, asked: Asked, answer: str) -> None:
    """Keep the answer for the next time."""
    await tx.run(
        f"UPDATE idempotency_keys SET answer = :answer, worker = NULL WHERE {_KEY}",  # noqa: S608  a constant condition
        user=asked.user,
        route=asked.route,
        key=asked.key,
        answer=answer,
    )


async def release(tx: Tx, asked: Asked, worker: str) -> None:
    """Let the key be tried again, if it is still this process's. One that left no message was as good as never seen."""
    for statement in (
        f"DELETE FROM idempotency_keys WHERE {_KEY} AND worker = :worker AND message_id IS NULL AND answer IS NULL",  # noqa: S608  a constant condition
        f"UPDATE idempotency_keys SET worker = NULL WHERE {_KEY} AND worker = :worker",  # noqa: S608  a constant condition
    ):
        await tx.run(statement, user=asked.user, route=asked.route, key=asked.key, worker=worker)


async def forget_older(tx: Tx, before: int) -> int:
    """Drop keys from before that moment."""
    return await tx.run("DELETE FROM idempotency_keys WHERE created_at < :before", before=before)
