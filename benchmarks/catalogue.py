"""A catalogue of 100,000 characters: searching it, listing it in every order."""

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from benchmarks.figures import Figure, percentile
from benchmarks.machine import resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import Stage, folder, new_database, settle, stage
from benchmarks.wire import body_of, request
from support.storm.client import init_data

MILLISECONDS = 10.0
_SEARCHES: Final = {
    "one word": ("волшебница", "детектив", "captain", "путешествие"),
    "two words": ("добрая волшебница", "space captain", "старый детектив", "quiet garden"),
    "three words": ("старый мудрый детектив", "brave space captain", "тихий зимний город"),
    "a typo": ("волшебнца", "детктив", "captian", "путешествее"),
    "filters": ("волшебница&genre=fantasy", "captain&access_type=free", "детектив&tags=mystery"),
}
_LISTS: Final = {
    "popular": "sort=popular",
    "new": "sort=new",
    "recommended to one who has ten chats": "sort=recommended",
    "popular, with a genre and a tag": "sort=popular&genre=fantasy&tags=mystery",
    "popular, past nine tenths": "sort=popular&offset={deep}",
}
_ADJECTIVES: Final = (
    *("добрая", "старый", "мудрый", "тихий", "зимний", "весёлая"),
    *("brave", "quiet", "space", "hidden", "royal", "смелая"),
)
_NOUNS: Final = (
    *("волшебница", "детектив", "путешествие", "город", "сад", "библиотека"),
    *("captain", "garden", "detective", "archive", "учитель"),
)
_TAGS: Final = (
    *("romance", "adventure", "mystery", "school", "space", "cozy"),
    *("history", "music", "sport", "cooking", "travel", "books"),
)
_GENRES: Final = ("anime", "fantasy", "romance", "mentor", None)
_NOW: Final = 1_767_000_000_000
_INDEXED_WITHIN: Final = 180.0


def run(scale: Scale) -> Iterator[Figure]:
    """Fill the table, wait for the index, ask."""
    count = scale.of(100_000, 10_000)
    with folder() as where:
        url = new_database(where)
        _fill(where / "parley.db", count)
        with stage(where, url) as on:
            seconds = _wait_for_index(on)
            memory = {"MB resident then": resident_mb(on.server.pid)}
            yield Figure(f"index of {count:,} characters built", seconds, "s", 1, detail=memory)
            settle(2)
            for name, words in _SEARCHES.items():
                paths = [f"/api/characters/search?limit=20&q={_quoted(each)}" for each in words]
                yield _asked(on, scale, f"search {count:,}: {name}", paths)
            for name, query in _LISTS.items():
                path = f"/api/characters?limit=50&{query.format(deep=count * 9 // 10)}"
                yield _asked(on, scale, f"list {count:,}: {name}", [path])


def _quoted(words: str) -> str:
    text, _, filters = words.partition("&")
    return quote(text) + (f"&{filters}" if filters else "")


def _asked(on: Stage, scale: Scale, name: str, paths: list[str]) -> Figure:
    asked = [request("GET", path, init_data(1)) for path in paths]
    times: list[float] = []
    with on.connection() as connection:
        for each in asked:
            assert body_of(connection.exchange(each)[1])["characters"], each
        for _ in range(scale.rounds * scale.of(20, 10)):
            times += [connection.exchange(each)[0] * 1000 for each in asked]
    server = on.server_milliseconds(paths[0].partition("?")[0], len(times))
    detail = {"p99": percentile(times, 99), "server time p50": percentile(server, 50)}
    return Figure(f"{name}: round trip p50", percentile(times, 50), "ms", len(times), MILLISECONDS, detail=detail)


def _wait_for_index(on: Stage) -> float:
    """Seconds from readiness until a search finds the last character."""
    asked = request("GET", "/api/characters/search?q=posledniy", init_data(1))
    began = time.perf_counter()
    with on.connection() as connection:
        while not body_of(connection.exchange(asked)[1])["characters"]:
            assert time.perf_counter() - began < _INDEXED_WITHIN
            time.sleep(0.1)
    return time.perf_counter() - began


def _fill(path: Path, count: int) -> None:
    chance = random.Random(1)
    connection = sqlite3.connect(path)
    with connection:
        (first,) = connection.execute("SELECT MAX(id) + 1 FROM characters").fetchone()
        (revision,) = connection.execute(
            "UPDATE versions SET value = value + 1 WHERE name = 'catalogue' RETURNING value"
        ).fetchone()
        tags = [_tag(connection, name) for name in _TAGS]
        ids = range(first, first + count)
        connection.executemany(
            "INSERT INTO characters (id, card_key, name, description_long, greeting, system_prompt, language,"
            " access_type, genre, content_rating, is_active, popularity_score, card, avatar_digest, revision,"
            " created_at, updated_at) VALUES (?, ?, ?, ?, 'Привет!', 'You are somebody.', 'ru', ?, ?, 'sfw', 1, ?, ?,"
            " '0', ?, ?, ?)",
            (_character(chance, number, revision, is_last=number == ids[-1]) for number in ids),
        )
        connection.executemany(
            "INSERT INTO avatars (character_id, media_type, body) VALUES (?, 'image/svg+xml', x'00')",
            ((number,) for number in ids),
        )
        connection.executemany(
            "INSERT INTO character_tags (character_id, tag_id, position) VALUES (?, ?, ?)",
            ((number, tag, at) for number in ids for at, tag in enumerate(chance.sample(tags, 3))),
        )
        connection.execute(
            "INSERT INTO users (id, telegram_user_id, first_name, telegram_language, display_name, language,"
            " created_at, updated_at) VALUES (1, 1, 'Person 1', 'en', 'Person', 'ru', ?1, ?1)",
            (_NOW,),
        )
        connection.executemany(
            "INSERT INTO chats (user_id, character_id, messages_count, created_at) VALUES (1, ?, 20, ?)",
            ((number, _NOW) for number in chance.sample(ids, 10)),
        )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _tag(connection: sqlite3.Connection, name: str) -> int:
    connection.execute("INSERT OR IGNORE INTO tags (name, category) VALUES (?, 'other')", (name,))
    (tag,) = connection.execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()
    return int(tag)


def _character(chance: random.Random, number: int, revision: int, *, is_last: bool) -> tuple[object, ...]:
    words = chance.choices(_ADJECTIVES, k=3) + chance.choices(_NOUNS, k=6)
    chance.shuffle(words)
    name = "Posledniy" if is_last else f"{chance.choice(_ADJECTIVES)} {chance.choice(_NOUNS)} {number}".title()
    access = "premium" if chance.random() < 0.3 else "free"
    card = json.dumps({"spec": "chara_card_v2", "data": {"name": name}})
    popularity, moment = int(chance.paretovariate(1)), _NOW + number
    genre = chance.choice(_GENRES)
    return (number, f"key {number}", name, " ".join(words), access, genre, popularity, card, revision, moment, moment)
