"""What must hold in the database itself, whoever asks and whatever crashed before. Both engines, plain SQL."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import asyncpg

_NOTHING_WRONG: Final[Mapping[str, str]] = {
    "a turn still holds its chat": "SELECT * FROM turns",
    # By the process that lives: a request that its client gave up on may bear a dead one's name.
    "a request is still being worked on": (
        "SELECT k.* FROM idempotency_keys k JOIN workers w ON w.id = k.worker"
        " WHERE w.alive_until = (SELECT MAX(alive_until) FROM workers)"
    ),
    "a unit is neither settled nor given back": "SELECT * FROM quota_entries WHERE state = 'reserved'",
    "the counter of a day is not what its ledger says": (
        "SELECT user_id, day, SUM(used) AS used, SUM(entered) AS entered FROM ("
        "SELECT user_id, day, used, 0 AS entered FROM quota_days UNION ALL"
        " SELECT user_id, day, 0, 1 FROM quota_entries WHERE state <> 'refunded') both_sides"
        " GROUP BY user_id, day HAVING SUM(used) <> SUM(entered)"
    ),
    "the event log has a gap": (
        "SELECT c.id, c.seq, COUNT(e.seq) AS found, MAX(e.seq) AS last FROM chats c"
        " LEFT JOIN events e ON e.chat_id = c.id GROUP BY c.id, c.seq"
        " HAVING COUNT(e.seq) <> c.seq OR COALESCE(MAX(e.seq), 0) <> c.seq"
    ),
    "a chat counts other messages than it has": (
        "SELECT c.id, c.messages_count, COUNT(m.id) AS found FROM chats c LEFT JOIN messages m ON m.chat_id = c.id"
        " GROUP BY c.id, c.messages_count HAVING COUNT(m.id) <> c.messages_count"
    ),
    "a message has other variants than it says": (
        "SELECT m.id, m.variants_count, COUNT(v.number) AS found FROM messages m"
        " LEFT JOIN variants v ON v.message_id = m.id GROUP BY m.id, m.variants_count"
        " HAVING COUNT(v.number) <> CASE WHEN m.variants_count = 1 THEN 0 ELSE m.variants_count END"
    ),
    "a variant belongs to no message": (
        "SELECT * FROM variants WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = variants.message_id)"
    ),
}
_SETTLED: Final = (
    "SELECT u.telegram_user_id AS person, COUNT(*) AS units FROM quota_entries q JOIN users u ON u.id = q.user_id"
    " WHERE q.state = 'settled' GROUP BY u.telegram_user_id"
)


async def inspect(url: str, answered: Mapping[int, int]) -> None:
    """Fail with what is wrong; ``answered``: acknowledged replies by Telegram id, each of one unit.

    For a moment at which nobody acts.
    """
    if url.startswith("sqlite:///"):
        _check_file(Path(url.removeprefix("sqlite:///")))
    for wrong, question in _NOTHING_WRONG.items():
        rows = await rows_of(url, question)
        assert not rows, f"{wrong}: {rows[:5]}"
    settled = {row["person"]: row["units"] for row in await rows_of(url, _SETTLED)}
    expected = {person: count for person, count in answered.items() if count}
    assert settled == expected, f"settled units {settled}, acknowledged replies {expected}"


async def rows_of(url: str, question: str) -> list[dict[str, Any]]:
    """The answer, asked beside the running server."""
    if url.startswith("sqlite:///"):
        return _rows_of_file(Path(url.removeprefix("sqlite:///")), question)
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(question)]
    finally:
        await connection.close()


def _rows_of_file(path: Path, question: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(question)]
    finally:
        connection.close()


def _check_file(path: Path) -> None:
    assert _rows_of_file(path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert _rows_of_file(path, "PRAGMA foreign_key_check") == []
