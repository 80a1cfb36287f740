"""PostgreSQL as Parley's database: for more than one process or machine."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Literal

import asyncpg
import structlog

from parley.adapters.db.migrate import CREATE_LEDGER, READ_LEDGER, Migration, pending
from parley.adapters.db.parameters import Query, for_postgres, postgres_values
from parley.adapters.db.postgres_errors import Connection, Pool, engine_errors, is_gone
from parley.adapters.db.refused import DatabaseRefused
from parley.adapters.db.uninterrupted import uninterrupted
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Clock, Row, Tx, Value

_MOST_CONNECTIONS: Final = 10
_ACQUIRE_SECONDS: Final = 5.0
_RELEASE_SECONDS: Final = 2.0
_STATEMENT_SECONDS: Final = 30.0
_MIGRATION_SECONDS: Final = 3600.0
_MIGRATION_LOCK: Final = 0x7061726C6579
"""The advisory lock of those who migrate: "parley" in ASCII."""
_SETTINGS: Final = {
    "application_name": "parley",
    "jit": "off",  # our queries are shorter than their compilation
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
_SEQUENCES: Final = {"message": "message_id"}

log = structlog.get_logger(__name__)


class PostgresTx:
    """Statements of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_over = False
        self.tells: list[Callable[[], Awaitable[None]]] = []

    async def one(self, sql: str, /, **values: Value) -> Row | None:
        query = self._query(sql)
        with engine_errors(self._connection):
            return await self._connection.fetchrow(query.sql, *postgres_values(query, values))

    async def all(self, sql: str, /, **values: Value) -> Sequence[Row]:
        query = self._query(sql)
        with engine_errors(self._connection):
            return await self._connection.fetch(query.sql, *postgres_values(query, values))

    async def run(self, sql: str, /, **values: Value) -> int:
        query = self._query(sql)
        with engine_errors(self._connection):
            return _touched(await self._connection.execute(query.sql, *postgres_values(query, values)))

    async def allocate(self, sequence: Literal["message"], count: int, /) -> Sequence[int]:
        rows = await self.all(
            "SELECT nextval(CAST(:name AS TEXT)::regclass) AS value FROM generate_series(1, CAST(:count AS BIGINT))",
            name=_SEQUENCES[sequence],
            count=count,
        )
        return [row["value"] for row in rows]

    def after_commit(self, tell: Callable[[], Awaitable[None]], /) -> None:
        self.tells.append(tell)

    def end(self) -> None:
        """From here on the transaction takes no statements: the connection is someone else's."""
        self._is_over = True

    def _query(self, sql: str) -> Query:
        if self._is_over:
            raise RuntimeError("this transaction is over")
        return for_postgres(sql)


def _touched(status: str) -> int:
    """The count at the end of a command's tag: 2 of "UPDATE 2", 0 of "CREATE TABLE"."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


class PostgresDatabase:
    """The `Database` port on PostgreSQL. Writers meet at row locks."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        with engine_errors():
            connection = await self._pool.acquire(timeout=_ACQUIRE_SECONDS)
        try:
            yield connection
        finally:
            await self._release(connection)

    async def _release(self, connection: Connection) -> None:
        """Give the connection back; one whose server no longer answers is given up."""
        try:
            await self._pool.release(connection, timeout=_RELEASE_SECONDS)
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            log.warning("connection_given_up")

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        return self._begin()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[PostgresTx]:
        async with self._connection() as connection:
            tx = PostgresTx(connection)
            transaction = connection.transaction(isolation="read_committed")
            with engine_errors(connection):
                await transaction.start()
            try:
                yield tx
            except BaseException:
                await _undo(connection, transaction)
                raise
            finally:
                tx.end()
            await uninterrupted(self._settle(connection, transaction, tx))

    async def _settle(
        self, connection: Connection, transaction: asyncpg.transaction.Transaction, tx: PostgresTx
    ) -> None:
        """Make durable, then tell; those who are told may want the connection themselves."""
        with engine_errors(connection):
            await transaction.commit()
        await self._release(connection)
        for tell in tx.tells:
            await tell()

    def read(self, *, long: bool = False) -> AbstractAsyncContextManager[Tx]:  # noqa: ARG002 - the server does the work
        return self._read()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[PostgresTx]:
        async with self._connection() as connection:
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            with engine_errors(connection):
                await transaction.start()
            tx = PostgresTx(connection)
            try:
                yield tx
            finally:
                tx.end()
                await _undo(connection, transaction)

    async def prove_writable(self) -> None:
        """Take a transaction number: it is refused on a standby and waits for the disk, yet leaves no row behind."""
        async with self.begin() as tx:
            await tx.one("SELECT pg_current_xact_id()")

    async def close(self) -> None:
        """Close all connections."""
        with engine_errors():
            await self._pool.close()


async def _undo(connection: Connection, transaction: asyncpg.transaction.Transaction) -> None:
    """Roll back. A connection that is gone has done so already."""
    if not is_gone(connection):
        with engine_errors(connection):
            await transaction.rollback()


async def open_postgres(url: str, migrations: Sequence[Migration], clock: Clock) -> PostgresDatabase:
    """Connect and bring the database up to date."""
    pool = await _pool(url)
    try:
        while await _migrated_once(pool, migrations, int(clock.now().timestamp() * 1000)):
            pass
    except BaseException:
        pool.terminate()
        raise
    return PostgresDatabase(pool)


async def _pool(url: str) -> Pool:
    pool = asyncpg.create_pool(
        url,
        min_size=1,
        max_size=_MOST_CONNECTIONS,
        reset=_leave_as_is,
        timeout=_ACQUIRE_SECONDS,
        command_timeout=_STATEMENT_SECONDS,
        server_settings=_SETTINGS,
    )
    try:
        with engine_errors():
            return await pool
    except ValueError:
        # The driver's own words may quote a piece of the password.
        raise DatabaseRefused(
            "the database address is not like postgresql://user:password@host:port/name; "
            "special characters in the password must be percent-encoded"
        ) from None
    except ServiceUnavailable as error:
        if isinstance(error.__cause__, asyncpg.InvalidAuthorizationSpecificationError):
            raise DatabaseRefused(f"PostgreSQL refused the connection: {error.__cause__}") from error
        raise
    except asyncpg.InvalidCatalogNameError as error:
        raise DatabaseRefused(f"PostgreSQL refused the connection: {error}") from error


async def _leave_as_is(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Our transactions leave no session state behind; asking the server to reset it would cost a round trip."""


async def _migrated_once(pool: Pool, migrations: Sequence[Migration], applied_at: int) -> bool:
    """Run the first migration that is missing, if one is, under the lock of those who migrate."""
    with engine_errors():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = 0")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK, timeout=_MIGRATION_SECONDS)
            await connection.execute(CREATE_LEDGER)
            todo = pending(migrations, {row["name"]: row["checksum"] for row in await connection.fetch(READ_LEDGER)})
            for migration in todo[:1]:
                await connection.execute(migration.sql, timeout=_MIGRATION_SECONDS)
                await connection.execute(
                    "INSERT INTO migrations (name, checksum, applied_at) VALUES ($1, $2, $3)",
                    migration.name,
                    migration.checksum,
                    applied_at,
                )
    return len(todo) > 1
