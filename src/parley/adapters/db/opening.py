"""A database from its address."""

from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from parley.adapters.db.migrate import shipped
from parley.adapters.db.postgres import open_postgres
from parley.adapters.db.refused import DatabaseRefused
from parley.adapters.db.sqlite import open_sqlite
from parley.kernel.ports import Clock, Database

_SHAPES: Final = "sqlite:///relative/path.db, sqlite:////absolute/path.db or postgresql://user:password@host/name"


class OpenDatabase(Database, Protocol):
    """A database and what its owner does with it beside transactions."""

    async def prove_writable(self) -> None:
        """Make something durable that nobody will miss, for readiness. Raises ServiceUnavailable."""
        ...

    async def close(self) -> None:
        """Give everything back. Nothing can be asked afterwards."""
        ...


async def open_database(url: str, clock: Clock) -> OpenDatabase:
    """Open a database and bring it up to date; several processes may do so at once.

    Raises DatabaseRefused for an address that is none and for what cannot be used as it is,
    ServiceUnavailable when nothing answers. None of them shows the address: it may hold a password.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        return await open_sqlite(sqlite_path(url), shipped("sqlite"), clock)
    if scheme in {"postgresql", "postgres"}:
        return await open_postgres(url, shipped("postgres"), clock)
    raise DatabaseRefused(f"the database address must be like {_SHAPES}")


def sqlite_path(url: str) -> Path:
    """The file an address names."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc or parts.query or parts.fragment or path.endswith("/") or not path or path == "/:memory:":
        raise DatabaseRefused(
            "a SQLite address names a file, with three slashes (relative) or four: sqlite:///data/parley.db"
        )
    return Path(path[1:])
