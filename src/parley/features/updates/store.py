"""The inbox table."""

from collections.abc import Sequence

from parley.features.updates.core import Update, Waiting
from parley.kernel.ports import Row, Tx


async def add(tx: Tx, update: Update, position: int, me: str, now: int) -> str | None:
    """Store an update once; whose it is to handle, None if it was here before.

    A lane that a living process works at stays with it: two processes would handle one chat out of order.
    """
    row = await tx.one(
        "INSERT INTO updates (update_id, lane, position, body, state, worker, received_at)"
        " VALUES (:id, :lane, :position, :body, :state, COALESCE((SELECT u.worker FROM updates u"
        " JOIN workers w ON w.id = u.worker AND w.alive_until > :now"
        " WHERE u.lane = :lane AND u.state = 'waiting' LIMIT 1), :me), :now)"
        " ON CONFLICT (update_id) DO NOTHING RETURNING worker",
        id=update.id,
        lane=update.lane,
        position=position,
        body=update.body,
        state="waiting" if update.body else "failed",
        me=me,
        now=now,
    )
    return None if row is None else str(row["worker"])


async def take_over(tx: Tx, me: str, now: int) -> int:
    """Make those of dead processes this one's; how many."""
    return await tx.run(
        "UPDATE updates SET worker = :me, attempts = attempts + 1 WHERE state = 'waiting' AND worker <> :me"
        " AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = updates.worker AND w.alive_until > :now)",
        me=me,
        now=now,
    )


async def has_orphans(tx: Tx, me: str, now: int) -> bool:
    """Whether a dead process left some."""
    row = await tx.one(
        "SELECT 1 AS yes FROM updates u WHERE u.state = 'waiting' AND u.worker <> :me"
        " AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.id = u.worker AND w.alive_until > :now) LIMIT 1",
        me=me,
        now=now,
    )
    return row is not None


async def waiting(tx: Tx, me: str, limit: int) -> Sequence[Waiting]:
    """Those of this process, in the order of their coming."""
    rows = await tx.all(
        "SELECT update_id, lane, body, attempts FROM updates WHERE state = 'waiting' AND worker = :me"
        " ORDER BY position LIMIT :limit",
        me=me,
        limit=limit,
    )
    return [_waiting(row) for row in rows]


async def is_waiting(tx: Tx, update: int) -> bool:
    """Whether it is still to be handled."""
    row = await tx.one("SELECT 1 AS yes FROM updates WHERE update_id = :update AND state = 'waiting'", update=update)
    return row is not None


async def end(tx: Tx, update: int) -> None:
    """It is handled; what it said is forgotten."""
    await tx.run(
        "UPDATE updates SET state = 'done', body = '' WHERE update_id = :update AND state = 'waiting'", update=update
    )


async def fail(tx: Tx, update: int) -> None:
    """It cannot be handled; it is kept for the operator until it is forgotten."""
    await tx.run("UPDATE updates SET state = 'failed' WHERE update_id = :update", update=update)


async def forget_older(tx: Tx, before: int) -> int:
    """Drop what was received before that and waits no more; how many."""
    return await tx.run("DELETE FROM updates WHERE received_at < :before AND state <> 'waiting'", before=before)


def _waiting(row: Row) -> Waiting:
    return Waiting(row["update_id"], row["lane"], row["body"], row["attempts"])
