"""A page of 50 messages out of a long chat, the table small and large."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, summary
from benchmarks.scale import Scale
from benchmarks.stage import Stage, folder, new_database, settle, stage
from benchmarks.wire import body_of, request
from support.storm.client import init_data

MILLISECONDS = 2.0
KILOBYTES = 30.0
CHAT = 10_000
"""Messages."""
_ROUTE = "/api/chats/{character_id}/messages"
_NOW = 1_767_000_000_000
_SAID = "Расскажи мне, пожалуйста, что было дальше в той истории?"
_REPLY = "Она улыбнулась и поставила чашку на стол. " * 5


def run(scale: Scale) -> Iterator[Figure]:
    """Measure a table of one chat, then one of a million messages."""
    for chats in (1, scale.of(100, 10)):
        with folder() as where:
            url = new_database(where)
            _fill(where / "parley.db", chats)
            with stage(where, url) as on:
                yield from _pages(on, scale, chats, f"{chats * CHAT:,} messages in all")


def _pages(on: Stage, scale: Scale, chats: int, table: str) -> Iterator[Figure]:
    newest = chats * CHAT
    asked = {
        "newest": "limit=50",
        "offset 9,900": "limit=50&offset=9900",
        "before_id of the 100th": f"limit=50&before_id={newest - CHAT + 100}",
    }
    settle()
    empty, _ = _round_trips(on, "/livez", scale)
    for name, query in asked.items():
        rounds, size = _round_trips(on, f"/api/chats/1/messages?{query}", scale)
        server = on.server_milliseconds(_ROUTE, sum(map(len, rounds)))
        times, trip, baseline = summary([server]), summary(rounds), summary(empty)
        detail = {"p99": times["p99"], "round trip": trip["p50"], "round trip p99": trip["p99"]}
        label = f"history, {name}, {table}"
        yield Figure(f"{label}: server time p50", times["p50"], "ms", len(server), MILLISECONDS, detail=detail)
        more = trip["median of rounds"] - baseline["median of rounds"]
        note = {"/livez": baseline["median of rounds"]}
        yield Figure(f"{label}: more than an empty route", more, "ms", len(server), MILLISECONDS, detail=note)
        if name == "newest":
            yield Figure(f"{label}: size", size / 1000, "KB", 1, KILOBYTES)


def _round_trips(on: Stage, path: str, scale: Scale) -> tuple[list[list[float]], int]:
    """Milliseconds of each exchange by rounds, and the size of an answer."""
    asked = request("GET", path, init_data(1))
    with on.connection() as connection:
        answer = connection.exchange(asked)[1]
        for _ in range(50):
            connection.exchange(asked)
        if not path.startswith("/livez"):
            assert len(body_of(answer)["messages"]) == 50
        each = scale.of(200, 50)
        rounds = [[connection.exchange(asked)[0] * 1000 for _ in range(each)] for _ in range(scale.rounds)]
    return rounds, len(answer)


def _fill(path: Path, chats: int) -> None:
    """So many chats of one person each, the messages of all of them interleaved as they are in life."""
    connection = sqlite3.connect(path)
    with connection:
        people = range(1, chats + 1)
        connection.executemany(
            "INSERT INTO users (id, telegram_user_id, first_name, telegram_language, display_name, language,"
            " created_at, updated_at) VALUES (?1, ?1, 'Person ' || ?1, 'en', 'Person', 'ru', ?2, ?2)",
            ((person, _NOW) for person in people),
        )
        connection.executemany(
            "INSERT INTO chats (id, user_id, character_id, messages_count, last_message_at, created_at)"
            " VALUES (?1, ?1, 1, ?2, ?3, ?3)",
            ((person, CHAT, _NOW) for person in people),
        )
        connection.executemany(
            "INSERT INTO messages (id, chat_id, role, message_text, created_at, tokens_used, model_used)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (_message(number, chats) for number in range(chats * CHAT)),
        )
        connection.execute("UPDATE sequences SET value = ? WHERE name = 'message'", (chats * CHAT,))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _message(number: int, chats: int) -> tuple[object, ...]:
    chat, in_chat = number % chats + 1, number // chats
    if in_chat % 2 == 0:
        return number + 1, chat, "user", _SAID, _NOW + in_chat, None, None
    return number + 1, chat, "assistant", _REPLY, _NOW + in_chat, 90, "fake-model"
