"""Redis or Valkey, for the adapters that let several processes act as one.

Nothing here waits for the server: it may be away at the start and come later, or go and come back. Whoever uses it
bears that: the bus delivers within the process meanwhile, request rates are counted by each process for itself.
"""

from typing import Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

FAULTS: Final = (RedisError, OSError)
"""What using the server may raise. Their texts may name its address: log only their kinds."""
_CONNECTIONS: Final = 16
PATIENCE: Final = 2.0
"""Seconds for connecting, and for an answer."""


class RedisUrlMalformed(Exception):
    """The address cannot be used. It may hold a password, so nothing of it is in here."""


def open_redis(url: str) -> Redis:
    """A client that connects at first use; raises RedisUrlMalformed. Close it with `aclose`."""
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            protocol=2,  # old servers and Valkey alike, and no handshakes of one vendor's
            max_connections=_CONNECTIONS,
            timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            # Bounded by each user instead: the package waits by `wait_for`, which before Python 3.12 may swallow the
            # cancellation of a task, and costs a task a command.
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),  # each user has its own way to go on
        )
        # No I/O; an option it does not know shows here.
        pool.make_connection()  # type: ignore[no-untyped-call]  # the package types most, not this
    except (ValueError, TypeError, AttributeError, RedisError):
        raise RedisUrlMalformed from None
    return Redis.from_pool(pool)


def namespace(client: Redis, bot: str) -> str:
    """What the keys and channels of one installation begin with: channels do not heed the number of the database."""
    number = client.connection_pool.connection_kwargs.get("db", 0)
    return f"parley:{bot}:{number}"
