"""A program that writes to a database and prints each number it was promised is kept. It is meant to be killed."""

import asyncio
import itertools
import sys

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.kernel.ports import Database

WRITERS = 8


async def write(db: Database, numbers: "itertools.count[int]") -> None:
    """Write for ever."""
    for number in numbers:
        async with db.begin() as tx:
            await tx.run("INSERT INTO versions (name, value) VALUES (:name, :value)", name=f"n{number}", value=number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


async def main(url: str) -> None:
    """Write with several writers at once."""
    db = await open_database(url, SystemClock())
    numbers = itertools.count()
    await asyncio.gather(*(write(db, numbers) for _ in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
