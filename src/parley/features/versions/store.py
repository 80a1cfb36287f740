"""Numbers that caches compare."""

from parley.kernel.ports import Tx


async def current(tx: Tx) -> dict[str, int]:
    """Every number by its name."""
    return {row["name"]: row["value"] for row in await tx.all("SELECT name, value FROM versions")}


async def raise_one(tx: Tx, name: str) -> None:
    """Say, in the transaction of the change, that what is cached under this name is stale."""
    await tx.run("UPDATE versions SET value = value + 1 WHERE name = :name", name=name)
