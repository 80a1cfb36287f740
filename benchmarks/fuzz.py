"""The long fuzzing of the API: `python -m benchmarks.fuzz [--seconds N] [--seed N] [--engine sqlite|postgres]`."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.shell import logs
from support.app import AppUnderTest
from support.durable_postgres import durable_postgres
from support.fuzzing import Fuzzed, furnish, fuzz

_EXAMPLES = 200
"""Of each operation in each phase, until the time is over."""


async def run(url: str, folder: Path, seconds: int, seed: int) -> Fuzzed:
    """Fuzz an application on this database for so long."""
    db = await open_database(url, SystemClock())
    try:
        async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="1000000") as app:
            bounds = ("--max-time", str(seconds), "--max-examples", str(_EXAMPLES), "--seed", str(seed))
            return await fuzz(app, await furnish(app), folder, *bounds)
    finally:
        await db.close()


def on_sqlite(folder: Path, seconds: int, seed: int) -> Fuzzed:
    """Fuzz it on SQLite."""
    return asyncio.run(run(f"sqlite:///{folder}/parley.db", folder, seconds, seed))


def on_postgres(folder: Path, seconds: int, seed: int) -> Fuzzed:
    """Fuzz it on PostgreSQL."""
    with durable_postgres() as server:
        return asyncio.run(run(asyncio.run(server.new_database()), folder, seconds, seed))


def main() -> int:
    """The program; 1 if an answer was not what the document says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="on each engine")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default=None, help="both, if not named")
    asked = parser.parse_args()
    seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    print(f"seed {seed}")
    logs.configure("ERROR")
    is_clean = True
    for engine, fuzzed_on in {"sqlite": on_sqlite, "postgres": on_postgres}.items():
        if asked.engine in {None, engine}:
            with tempfile.TemporaryDirectory(prefix="parley-fuzz-") as folder:
                fuzzed = fuzzed_on(Path(folder), asked.seconds, seed)
            print(engine, fuzzed.report, sep="\n")
            is_clean = is_clean and fuzzed.is_clean
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
