"""Which of PostgreSQL's errors pass by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import asyncpg

from parley.kernel.errors import Conflict, ServiceUnavailable

# Quoted: the driver's classes take a type argument in its stubs only.
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

_AWAY: Final = (
    OSError,  # TimeoutError is one
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, cancelled by an administrator
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidAuthorizationSpecificationError,  # the password was changed under us
)
_COLLIDED: Final = (
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,  # another process migrated; the next try prepares anew
    asyncpg.OutdatedSchemaCacheError,
)


@contextmanager
def engine_errors(connection: "Connection | None" = None) -> Iterator[None]:
    """Turn what the server or the network did into ServiceUnavailable; mistakes in SQL stay what they are.

    What a row hangs on was taken away in the meantime (a person who was erased): Conflict.
    """
    try:
        yield
    except asyncpg.ForeignKeyViolationError as error:
        raise Conflict from error
    except _COLLIDED as error:
        raise ServiceUnavailable(retry_after=1) from error
    except _AWAY as error:
        raise ServiceUnavailable from error
    except asyncpg.InterfaceError as error:
        # Both a misuse of the driver and a connection that broke; only the connection can tell.
        if connection is not None and is_gone(connection):
            raise ServiceUnavailable from error
        raise


def is_gone(connection: "Connection") -> bool:
    """Whether the connection broke. The pool may have taken it back by itself then."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True
