"""The quota's counter and ledger, and subscriptions."""

from parley.features.limits.core import Subscription
from parley.kernel.ids import TurnId, UserId
from parley.kernel.ports import Tx


async def take_unit(tx: Tx, user: UserId, day: int, limit: int) -> int | None:
    """Raise the day's counter by one if it is below the limit; its new value, or None. One statement decides.

    ``limit`` is at least 1: the first unit of a day is inserted without asking.
    """
    row = await tx.one(
        "INSERT INTO quota_days (user_id, day, used) VALUES (:user, :day, 1)"
        " ON CONFLICT (user_id, day) DO UPDATE SET used = quota_days.used + 1 WHERE quota_days.used < :limit"
        " RETURNING used",
        user=user,
        day=day,
        limit=limit,
    )
    return None if row is None else int(row["used"])


async def enter(tx: Tx, turn: TurnId, user: UserId, day: int, now: int) -> None:
    """Write into the ledger that the turn has reserved a unit of that day."""
    await tx.run(
        "INSERT INTO quota_entries (turn_id, user_id, day, state, created_at)"
        " VALUES (:turn, :user, :day, 'reserved', :now)",
        turn=turn,
        user=user,
        day=day,
        now=now,
    )


async def settle(tx: Tx, turn: TurnId) -> None:
    """The turn gave what its unit was for."""
    await tx.run("UPDATE quota_entries SET state = 'settled' WHERE turn_id = :turn AND state = 'reserved'", turn=turn)


async def refund(tx: Tx, turn: TurnId) -> bool:
    """Give the turn's unit back, once; whether there was one to give."""
    row = await tx.one(
        "UPDATE quota_entries SET state = 'refunded' WHERE turn_id = :turn AND state = 'reserved'"
        " RETURNING user_id, day",
        turn=turn,
    )
    if row is None:
        return False
    await tx.run(
        "UPDATE quota_days SET used = used - 1 WHERE user_id = :user AND day = :day",
        user=row["user_id"],
        day=row["day"],
    )
    return True


async def used(tx: Tx, user: UserId, day: int) -> int:
    """Units taken on that day."""
    row = await tx.one("SELECT used FROM quota_days WHERE user_id = :user AND day = :day", user=user, day=day)
    return 0 if row is None else int(row["used"])


async def latest_subscription(tx: Tx, user: UserId) -> Subscription | None:
    """The subscription that ends last."""
    row = await tx.one(
        "SELECT status, start_at, end_at FROM subscriptions WHERE user_id = :user"
        " ORDER BY end_at DESC, id DESC LIMIT 1",
        user=user,
    )
    return None if row is None else Subscription(row["status"], row["start_at"], row["end_at"])


async def add_subscription(tx: Tx, user: UserId, source: str, start_at: int, end_at: int, now: int) -> None:
    """Grant a time of subscription."""
    await tx.run(
        "INSERT INTO subscriptions (user_id, status, source, start_at, end_at, created_at)"
        " VALUES (:user, 'active', :source, :start_at, :end_at, :now)",
        user=user,
        source=source,
        start_at=start_at,
        end_at=end_at,
        now=now,
    )
