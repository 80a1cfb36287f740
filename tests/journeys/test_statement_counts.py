"""How many SQL statements the hot routes need: none may grow with what a chat or a catalogue holds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from parley.adapters.db import OpenDatabase
from support.app import AppUnderTest, Someone
from support.counting import CountingDatabase


@dataclass
class Busy:
    """A catalogue of fifteen and a chat of ten turns and ten memories, on a database that counts."""

    app: AppUnderTest
    db: CountingDatabase
    anya: Someone
    kira: int


@pytest.fixture
async def busy(db: OpenDatabase) -> AsyncIterator[Busy]:
    counting = CountingDatabase(db)
    async with AppUnderTest.running(counting, rate_limits="off") as app:
        characters = [await app.character(tags=["anime", f"tag{number}"]) for number in range(15)]
        anya = app.person()
        for number in range(10):
            await anya.says(characters[0], str(number))
            fact = {"content": f"fact {number}", "memory_type": "fact"}
            await anya.post(f"/api/chats/{characters[0]}/memories", fact)
        await anya.get("/api/characters")
        await anya.get("/api/characters/search?q=character")
        await anya.get("/api/tags")
        yield Busy(app, counting, anya, characters[0])


MOST = {
    "/api/users/profile": 1,
    "/api/users/limits": 2,
    "/api/characters": 4,
    "/api/characters?sort=recommended&tags=anime&limit=100": 5,
    "/api/characters/search?q=character": 3,
    "/api/characters/{}": 3,
    "/api/tags": 1,
    "/api/chats": 3,
    "/api/chats/{}/messages?limit=100": 3,
    "/api/chats/{}/messages?limit=2&offset=10": 3,
    "/api/chats/{}/messages?before_id=15": 3,
    "/api/chats/{}/session": 2,
    "/api/chats/{}/memories": 2,
}
"""The caller's own row is the first of each."""


async def test_looking_takes_few_statements_and_no_writing(busy: Busy) -> None:
    for path, most in MOST.items():
        with busy.db.counted() as statements:
            assert (await busy.anya.get(path.format(busy.kira))).status == 200
        assert len(statements) <= most, "\n".join([path, *statements])
        assert busy.db.transactions == 0, path


async def test_a_message_and_its_answer_take_two_transactions_and_few_statements(busy: Busy) -> None:
    """One to know the caller, nine to open the turn, eight to close it."""
    with busy.db.counted() as statements:
        assert (await busy.anya.says(busy.kira, "Привет!")).status == 200
    assert len(statements) <= 18, "\n".join(statements)
    assert busy.db.transactions == 2


async def test_the_length_of_a_chat_changes_no_count(busy: Busy) -> None:
    counts = set()
    for _ in range(3):
        with busy.db.counted() as statements:
            await busy.anya.says(busy.kira, "Привет!")
            await busy.anya.get(f"/api/chats/{busy.kira}/messages?limit=100")
            await busy.anya.get("/api/characters")
        counts.add(len(statements))
    assert len(counts) == 1


async def test_the_list_of_chats_takes_three_however_many_there_are(busy: Busy) -> None:
    for chats in range(1, 5):
        with busy.db.counted() as statements:
            assert len((await busy.anya.get("/api/chats")).json["chats"]) == chats
        assert len(statements) == 3, "\n".join(statements)
        await busy.anya.says(busy.kira + chats, "Привет!")


async def test_a_person_who_was_there_before_costs_one_statement(busy: Busy) -> None:
    newcomer = busy.app.person(99)
    with busy.db.counted() as statements:
        await newcomer.get("/api/users/profile")
    first = len(statements)
    with busy.db.counted() as statements:
        await newcomer.get("/api/users/profile")
    assert (first > 1, len(statements)) == (True, 1)


async def test_who_is_refused_costs_nothing(busy: Busy) -> None:
    with busy.db.counted() as statements:
        await Someone(busy.app.session, busy.app.base_url, "hash=0").get("/api/users/profile")
    assert statements == []
