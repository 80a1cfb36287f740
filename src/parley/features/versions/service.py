"""How one process learns that another, or the command line, has changed what it caches."""

from dataclasses import dataclass

from parley.features.versions import store
from parley.kernel.ports import Database, Tx


@dataclass(frozen=True, slots=True)
class Versions:
    """Reads the numbers; one cheap query, asked twice a second."""

    db: Database

    async def current(self) -> dict[str, int]:
        """Every number by its name: `catalogue`, `keys`, `entitlements`."""
        async with self.db.read() as tx:
            return await store.current(tx)


async def raise_one(tx: Tx, name: str) -> None:
    """Say, in the transaction of the change, that what is cached under this name is stale."""
    await store.raise_one(tx, name)
