"""Signs of life of the processes that own running work."""

from parley.kernel.ports import Tx


async def beat(tx: Tx, worker: str, alive_until: int) -> None:
    """Say that this process lives until then."""
    await tx.run(
        "INSERT INTO workers (id, alive_until) VALUES (:worker, :alive_until)"
        " ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until",
        worker=worker,
        alive_until=alive_until,
    )


async def is_alive(tx: Tx, worker: str, now: int) -> bool:
    """Whether that process gave its sign of life in time."""
    row = await tx.one("SELECT 1 AS yes FROM workers WHERE id = :worker AND alive_until > :now", worker=worker, now=now)
    return row is not None


async def leave(tx: Tx, worker: str) -> None:
    """A process ends in order."""
    await tx.run("DELETE FROM workers WHERE id = :worker", worker=worker)


async def forget_dead(tx: Tx, before: int) -> None:
    """Drop the rows of processes that died long ago."""
    await tx.run("DELETE FROM workers WHERE alive_until < :before", before=before)
