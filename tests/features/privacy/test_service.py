"""Handing out and erasing, on both engines, of a person who used everything, beside one who must not be touched."""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest

from parley.adapters.bus.local import LocalBus
from parley.adapters.db import OpenDatabase
from parley.features.bot.core.dialogs import Delivered, Heard
from parley.features.bot.service import Dialogs
from parley.features.identity.core import Person
from parley.features.privacy import core, store
from parley.features.privacy.service import Privacy
from parley.features.updates.core import read
from parley.features.updates.service import Inbox
from parley.kernel.errors import PayloadTooLarge, ServiceUnavailable, UserNotFound
from parley.kernel.ids import CharacterId, MessageId
from support.app import AppUnderTest, Someone
from support.turns import lined_up, under_way
from support.virtual_clock import VirtualClock


@pytest.fixture
def privacy(app: AppUnderTest) -> Privacy:
    return Privacy(app.parley.world.db, app.clock, app.parley.world.bus)


async def person_of(app: AppUnderTest, someone: Someone) -> Person:
    return await app.parley.services.identity.person(someone.init_data)


async def lived(app: AppUnderTest, someone: Someone, character: int) -> Person:
    """Somebody who used everything there is."""
    app.model.will_say("Рада знакомству")
    await someone.post(f"/api/chats/{character}/messages", {"message": "Привет"}, {"Idempotency-Key": "k"})
    app.model.will_say("Очень рада")
    await someone.post(f"/api/chats/{character}/regenerate")
    await someone.post(f"/api/chats/{character}/memories", {"content": "Любит чай", "memory_type": "preference"})
    await someone.patch(f"/api/chats/{character}/session", {"mood_preference": "sweet"})
    await someone.patch("/api/users/profile", {"timezone": "Europe/Moscow", "gender": "other"})
    await someone.post("/api/users/confirm-adult", {"confirmed": True})
    await app.grant_premium(someone)
    person = await person_of(app, someone)
    newest = (await someone.history(character))[-1]["id"]
    db = app.parley.world.db
    dialogs = Dialogs(db, app.clock)
    await dialogs.choose(person.id, CharacterId(character))
    telegram = person.telegram.id
    await dialogs.hear(Heard(person.id, telegram, 1, CharacterId(character)))
    await dialogs.deliver(person.id, CharacterId(character), Delivered(telegram, 2, MessageId(newest), 0))
    await Inbox(db, app.clock, app.parley.workers).put([each for each in map(read, updates_of(telegram)) if each])
    return person


def updates_of(telegram: int) -> list[bytes]:
    """What Telegram sends of a person, one of each kind of lane."""
    chat, sender = {"chat": {"id": telegram}}, {"from": {"id": telegram}}
    kinds: list[dict[str, Any]] = [
        {"message": {**chat, "text": "секрет"}},
        {"edited_message": {**chat, "text": "секрет"}},
        {"callback_query": {**sender, "id": "1", "message": chat, "data": "секрет"}},
        {"callback_query": {**sender, "id": "1", "data": "секрет"}},
        {"my_chat_member": chat},
        {"stopped_message_generation": {**chat, "draft_id": 1}},
        {"pre_checkout_query": {**sender, "invoice_payload": "секрет"}},
        {"subscription": {"user": {"id": telegram}}},
    ]
    return [json.dumps({"update_id": telegram * 100 + place, **kind}).encode() for place, kind in enumerate(kinds)]


async def rows_of(db: OpenDatabase, person: Person) -> Mapping[str, int]:
    """How many rows of the person each table has."""
    counts: dict[str, int] = {}
    async with db.read() as tx:
        for table in core.ALL:
            owned = store._OWNED[table.through]  # noqa: SLF001  the same rows, counted
            row = await tx.one(f"SELECT COUNT(*) AS number FROM {table.name} WHERE {owned}", user=person.id)
            assert row is not None
            counts[table.name] = row["number"]
    return counts


async def total(db: OpenDatabase) -> Mapping[str, int]:
    """How many rows each table has, whoever's they are."""
    counts: dict[str, int] = {}
    async with db.read() as tx:
        for table in core.ALL:
            row = await tx.one(f"SELECT COUNT(*) AS number FROM {table.name}")
            assert row is not None
            counts[table.name] = row["number"]
    return counts


# --- handing out -----------------------------------------------------------------------------------------


async def test_everything_a_person_has_is_handed_out(app: AppUnderTest, privacy: Privacy) -> None:
    character = await app.character("Кира")
    anya = app.person(7, "Аня")
    await lived(app, app.person(8, "Боря"), character)
    person = await lived(app, anya, character)
    told = json.loads(await privacy.export(person))
    assert list(told) == [
        "format", "version", "exported_at", "profile", "telegram", "characters", "bot", "subscriptions", "quota_days",
        "memories", "chats",
    ]  # fmt: skip
    assert (told["format"], told["version"]) == ("parley-export", 1)
    profile = (await anya.get("/api/users/profile")).json
    assert {name: told["profile"][name] for name in ("id", "gender", "timezone", "language", "created_at")} == {
        name: profile[name] for name in ("id", "gender", "timezone", "language", "created_at")
    }
    assert told["profile"]["is_adult_confirmed"] is True
    assert told["telegram"] == {
        "telegram_user_id": 7,
        "username": None,
        "first_name": "Аня",
        "last_name": None,
        "telegram_language": "ru",
    }
    assert told["characters"] == [{"id": character, "name": "Кира"}]
    assert told["bot"]["dialog"]["character_id"] == character
    assert [each["status"] for each in told["subscriptions"]] == ["active"]
    assert [each["used"] for each in told["quota_days"]] == [1]
    assert [each["content"] for each in told["memories"]] == ["Любит чай"]
    (chat,) = told["chats"]
    assert (chat["character_id"], chat["mood_preference"], chat["messages_count"]) == (character, "sweet", 2)
    history = await anya.history(character)
    assert [each["message_text"] for each in chat["messages"]] == ["Привет", "Очень рада"]
    assert [each["created_at"] for each in chat["messages"]] == [each["created_at"] for each in history]
    assert [each["message_text"] for each in chat["messages"][1]["variants"]] == ["Рада знакомству", "Очень рада"]
    assert chat["messages"][1]["receipt"]["model"] == "scripted"


async def test_a_long_history_is_handed_out_whole_and_in_order(app: AppUnderTest, privacy: Privacy) -> None:
    character, anya = await app.character(), app.person()
    await anya.says(character, "Привет")
    person = await person_of(app, anya)
    async with app.parley.world.db.begin() as tx:
        await tx.run("DELETE FROM messages")
        for number in range(1000, 1450):
            await tx.run(
                "INSERT INTO messages (id, chat_id, role, message_text, created_at)"
                " SELECT :id, id, 'user', :text, :id FROM chats",
                id=number,
                text=str(number),
            )
    (chat,) = json.loads(await privacy.export(person))["chats"]
    assert [each["message_text"] for each in chat["messages"]] == [str(number) for number in range(1000, 1450)]


async def test_the_same_data_is_the_same_document(app: AppUnderTest) -> None:
    person = await lived(app, app.person(), await app.character())
    still = Privacy(app.parley.world.db, VirtualClock(), app.parley.world.bus)
    assert await still.export(person) == await still.export(person)


async def test_a_newcomer_has_a_document_too(app: AppUnderTest, privacy: Privacy) -> None:
    told = json.loads(await privacy.export(await person_of(app, app.person())))
    assert (told["chats"], told["memories"], told["bot"]) == ([], [], {"dialog": None})


async def test_a_document_too_large_to_hold_is_refused_and_can_still_be_streamed(
    app: AppUnderTest, privacy: Privacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await lived(app, app.person(), await app.character())
    whole = await privacy.export(person)
    monkeypatch.setattr(core, "MOST_BYTES", len(whole) - 1)
    with pytest.raises(PayloadTooLarge):
        await privacy.export(person)
    pieces: list[bytes] = []
    await privacy.export_to(person, pieces.append)
    assert json.loads(b"".join(pieces))["chats"] == json.loads(whole)["chats"]


async def test_how_much_there_is_is_counted(app: AppUnderTest, privacy: Privacy) -> None:
    character = await app.character()
    person = await lived(app, app.person(), character)
    await lived(app, app.person(8), character)
    assert await privacy.amount(person) == core.Amount(chats=1, messages=2, memories=1)
    assert await privacy.amount(await person_of(app, app.person(9))) == core.Amount(0, 0, 0)


# --- erasing ---------------------------------------------------------------------------------------------


async def test_nothing_is_left_of_the_erased_and_nothing_missing_of_others(app: AppUnderTest, privacy: Privacy) -> None:
    db, character = app.parley.world.db, await app.character()
    boris = await lived(app, app.person(8, "Боря"), character)
    anya = await lived(app, app.person(7, "Аня"), character)
    before = await rows_of(db, boris)
    had = await rows_of(db, anya)
    assert {name for name, count in had.items() if not count} <= {"turns"}
    told = await privacy.export(boris)
    await privacy.erase(anya)
    assert set((await rows_of(db, anya)).values()) == {0}
    assert await rows_of(db, boris) == before
    assert await total(db) == before
    assert json.loads(await privacy.export(boris))["chats"] == json.loads(told)["chats"]


async def test_waiting_updates_are_emptied_and_never_taken_for_new_ones(app: AppUnderTest, privacy: Privacy) -> None:
    anya = await lived(app, app.person(7), await app.character())
    await lived(app, app.person(8), await app.character())
    async with app.parley.world.db.begin() as tx:
        await tx.run("UPDATE updates SET state = 'failed' WHERE update_id = 700")
    await privacy.erase(anya)
    inbox = Inbox(app.parley.world.db, app.clock, app.parley.workers)
    assert {each.lane.partition(" ")[2] for each in await inbox.waiting(100)} == {"8"}
    async with app.parley.world.db.read() as tx:
        rows = await tx.all("SELECT body, state FROM updates WHERE update_id < 800")
    assert {row["body"] for row in rows} == {""}
    assert sorted(row["state"] for row in rows) == ["done"] * 7 + ["failed"]
    assert not await inbox.put([each for each in map(read, updates_of(7)) if each])


async def test_whoever_comes_back_is_a_new_person(app: AppUnderTest, privacy: Privacy) -> None:
    character, anya = await app.character(), app.person()
    person = await lived(app, anya, character)
    await privacy.erase(person)
    again = await person_of(app, anya)
    assert again.id != person.id
    assert not again.is_adult_confirmed
    assert await anya.history(character) == []
    assert (await anya.get("/api/users/limits")).json["messages_limit"]["used"] == 0
    assert (await anya.says(character, "Привет")).status == 200


async def test_a_stranger_cannot_be_erased_nor_handed_out(app: AppUnderTest, privacy: Privacy) -> None:
    person = await lived(app, app.person(), await app.character())
    await privacy.erase(person)
    with pytest.raises(UserNotFound):
        await privacy.erase(person)
    with pytest.raises(UserNotFound):
        await privacy.export(person)


async def test_what_fails_midway_erases_nothing(sqlite_app: AppUnderTest) -> None:
    app = sqlite_app
    db, privacy = app.parley.world.db, Privacy(app.parley.world.db, app.clock, app.parley.world.bus)
    person = await lived(app, app.person(), await app.character())
    before = await rows_of(db, person)
    async with db.begin() as tx:
        await tx.run("CREATE TRIGGER held BEFORE DELETE ON users BEGIN SELECT RAISE(ABORT, 'held'); END")
    with pytest.raises(sqlite3.IntegrityError, match="held"):
        await privacy.erase(person)
    assert await rows_of(db, person) == before
    assert await person_of(app, app.person()) == person


async def test_a_reply_being_written_brings_nothing_back(app: AppUnderTest, privacy: Privacy) -> None:
    character, anya = await app.character(), app.person()
    await anya.says(character, "Привет")
    person = await person_of(app, anya)
    async with anya.socket(character) as socket:
        go_on = asyncio.Event()
        app.model.will_say("раз", " два", wait=go_on)
        async with under_way(app, anya.says(character, "Как дела?")) as asking:
            await privacy.erase(person)
            answer = await asking
            go_on.set()
            assert answer.status == 409
            await lined_up(app, 0)
        await socket.until("error")
        await socket.send("ping")
        await socket.until("pong")
    assert set((await total(app.parley.world.db)).values()) == {0}


async def test_a_reply_whose_process_hears_of_nothing_brings_nothing_back(app: AppUnderTest) -> None:
    character, anya = await app.character(), app.person()
    await anya.says(character, "Привет")
    elsewhere = Privacy(app.parley.world.db, app.clock, LocalBus())
    go_on = asyncio.Event()
    app.model.will_say("раз", " два", wait=go_on)
    async with under_way(app, anya.says(character, "Как дела?")) as asking:
        await elsewhere.erase(await person_of(app, anya))
        go_on.set()
        assert (await asking).status == 409
        await lined_up(app, 0)
    assert set((await total(app.parley.world.db)).values()) == {0}


async def test_whoever_writes_while_being_erased_leaves_nothing_behind(app: AppUnderTest, privacy: Privacy) -> None:
    character, anya = await app.character(), app.person()
    for _ in range(5):
        await anya.says(character, "Привет")
        person = await person_of(app, anya)
        writing = [asyncio.create_task(write(anya, character, number)) for number in range(6)]
        await erased(privacy, person)
        await asyncio.gather(*writing)
        await lined_up(app, 0)
        assert set((await rows_of(app.parley.world.db, person)).values()) == {0}


async def write(someone: Someone, character: int, number: int) -> None:
    """One of the things people do, at any moment of their being erased."""
    if number % 2:
        await someone.says(character, "Ещё")
    else:
        await someone.post(f"/api/chats/{character}/memories", {"content": "Факт", "memory_type": "fact"})


async def erased(privacy: Privacy, person: Person) -> None:
    """Erase, again if it met somebody who writes: PostgreSQL ends one of two that wait for each other."""
    while True:
        try:
            return await privacy.erase(person)
        except ServiceUnavailable:
            continue
