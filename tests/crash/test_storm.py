"""SIGKILL at any moment: what was acknowledged is there, once; what was not can be asked for again."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.durable_postgres import DurablePostgres, durable_postgres
from support.storm.storm import Storm, Weather

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgres() -> Iterator[DurablePostgres]:
    """Not the one of other tests: that one is made quick, not durable, and is never crashed."""
    with durable_postgres() as server:
        yield server


@pytest.fixture
def seed() -> int:
    """Shown when a test fails; put a number here to see the same storm again."""
    return random.SystemRandom().randrange(2**32)


async def test_a_storm_of_kills_loses_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    storm = Storm(f"sqlite:///{tmp_path}/parley.db", tmp_path, Weather(seed))
    report = await storm.run()
    assert report.kills == 8, report


async def test_a_storm_of_kills_and_database_crashes_loses_and_doubles_nothing(
    seed: int, postgres: DurablePostgres, tmp_path: Path
) -> None:
    storm = Storm(await postgres.new_database(), tmp_path, Weather(seed), postgres.crash_and_restart)
    report = await storm.run()
    assert report.database_crashes, report
