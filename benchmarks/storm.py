"""The long storm: `python -m benchmarks.storm [--kills N] [--seed N] [--engine sqlite|postgres]`."""

import argparse
import asyncio
import secrets
import tempfile
from pathlib import Path

from support.durable_postgres import durable_postgres
from support.storm.storm import Report, Storm, Weather

_KILLS_A_STORM = 10


def weather(kills: int, seed: int) -> Weather:
    """So many kills in all, with a calm after every tenth."""
    return Weather(seed, storms=max(1, kills // _KILLS_A_STORM), kills=min(kills, _KILLS_A_STORM), people=4)


def on_sqlite(folder: Path, kills: int, seed: int) -> Report:
    """Come through it on SQLite."""
    return asyncio.run(Storm(f"sqlite:///{folder}/parley.db", folder, weather(kills, seed)).run())


def on_postgres(folder: Path, kills: int, seed: int) -> Report:
    """Come through it on PostgreSQL, which crashes too."""
    with durable_postgres() as server:
        url = asyncio.run(server.new_database())
        return asyncio.run(Storm(url, folder, weather(kills, seed), server.crash_and_restart).run())


def main() -> None:
    """The program; it ends with an error that tells what was lost, doubled or stuck."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all, on each engine")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default=None, help="both, if not named")
    asked = parser.parse_args()
    seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
    print(f"seed {seed}")
    for engine, come_through in {"sqlite": on_sqlite, "postgres": on_postgres}.items():
        if asked.engine in {None, engine}:
            with tempfile.TemporaryDirectory(prefix="parley-storm-") as folder:
                print(engine, come_through(Path(folder), asked.kills, seed))


if __name__ == "__main__":
    main()
