"""The SQLite file: where it may live, how its connections are set up, which of its errors pass."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from parley.adapters.db.refused import DatabaseRefused
from parley.kernel.errors import Conflict, ServiceUnavailable

WAL_PAGES: Final = 1024
"""4 MiB. A commit into a write-ahead log that need not grow costs 0.25 ms of fsync, into one that grows 4 ms."""

_SWITCHES: Final = 500
_SWITCH_PAUSE: Final = 0.01
"""Seconds between tries to switch to a write-ahead log: five in all, as any other lock is waited for."""
_WAL_FRAME_BYTES: Final = 4096 + 24
_NETWORK_FILE_SYSTEMS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "fuse.sshfs"})
_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection holds the lock that was wanted."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn what the disk or another process did into ServiceUnavailable; mistakes in SQL stay what they are.

    What a row hangs on was taken away in the meantime (a person who was erased): Conflict.
    """
    try:
        yield
    except sqlite3.Error as error:
        # sqlite3 gives no code to errors of its own, such as the use of a closed connection.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            raise Conflict from error
        if code & 0xFF in _PASSING:
            raise ServiceUnavailable from error
        raise


def prepare_file(path: Path) -> None:
    """Make the folder, and the file itself readable for nobody else: it holds people's chats."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mounts = Path("/proc/self/mounts")
    if mounts.exists() and (kind := file_system(path.resolve(), mounts.read_text())) in _NETWORK_FILE_SYSTEMS:
        raise DatabaseRefused(f"{path} lies on a network file system ({kind}); SQLite's locks do not work there")
    path.touch(mode=0o600)


def file_system(path: Path, mounts: str) -> str:
    """The type of the file system under a path, by a mount table in the form of fstab(5)."""
    kinds = {Path(fields[1].replace("\\040", " ")): fields[2] for fields in map(str.split, mounts.splitlines())}
    return next((kinds[folder] for folder in (path, *path.parents) if folder in kinds), "unknown")


def connect_to_write(path: Path) -> sqlite3.Connection:
    """The connection that writes: durable on power loss, the log grown in advance. May block; for a thread."""
    connection = _connect(path)
    try:
        _set_up_to_write(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    connection = _connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.row_factory = sqlite3.Row
    return connection


def _set_up_to_write(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA busy_timeout = 5000")
    _keep_log(connection)
    connection.execute("PRAGMA journal_size_limit = -1")
    connection.execute("PRAGMA foreign_keys = ON")
    _grow_log(connection, path.with_name(path.name + "-wal"))
    connection.execute("PRAGMA synchronous = FULL")
    # Checkpoints happen inside COMMIT, and so in the thread that commits.
    connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES - WAL_PAGES // 8}")


def _keep_log(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log. Others may start too, and here SQLite waits for no one, whatever its timeout."""
    for _ in range(_SWITCHES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            time.sleep(_SWITCH_PAUSE)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _grow_log(connection: sqlite3.Connection, log: Path) -> None:
    """Fill the log with many versions of the first page: the log gets its size, the database stays as it is."""
    missing = WAL_PAGES - log.stat().st_size // _WAL_FRAME_BYTES if log.exists() else WAL_PAGES
    if missing <= 0:
        return
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA synchronous = OFF")
    for number in range(missing):
        connection.execute(f"PRAGMA user_version = {number % 2}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
