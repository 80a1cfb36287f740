"""`Idempotency-Key`: one request, however often it is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database
from parley.kernel.ports import ModelFailed
from support.app import Answer, AppUnderTest, Someone
from support.turns import lined_up, texts, under_way, used

KEY = {"Idempotency-Key": "k1"}


@dataclass(frozen=True)
class Case:
    """A POST route: how to call it so that it succeeds and changes something each time it is really run."""

    path: str
    body: dict[str, Any] | None = None
    other: dict[str, Any] = field(default_factory=dict)
    """Another body that would be good too; empty where a route takes but one."""
    before: int = 0
    """Turns taken before it."""
    regenerates: bool = False


CHAT = "/api/chats/{character_id}"
CASES = [
    Case("/api/users/confirm-adult", {"confirmed": True}, {"confirmed": False}),
    Case(f"{CHAT}/messages", {"message": "Hi"}, {"message": "Hello"}),
    Case(f"{CHAT}/regenerate", before=1),
    Case(f"{CHAT}/stop"),
    Case(f"{CHAT}/new-scene", {"messages_to_keep": 1}, {"messages_to_keep": 2}, before=1),
    Case(f"{CHAT}/reset", before=1),
    Case(f"{CHAT}/forget-recent", {"count": 1}, {"count": 2}, before=2),
    Case(f"{CHAT}/memories", {"content": "A", "memory_type": "fact"}, {"content": "B", "memory_type": "fact"}),
    Case(f"{CHAT}/messages/{{message_id}}/variants/{{variant_id}}/select", before=1, regenerates=True),
]


async def ready(app: AppUnderTest, case: Case) -> tuple[Someone, str]:
    """Somebody in a chat in which the route can be called, and its path."""
    kira, anya = await app.character(), app.person()
    for number in range(case.before):
        await anya.says(kira, f"message {number}")
    message = (await anya.history(kira))[-1]["id"] if case.before else 0
    if case.regenerates:
        message = (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]["id"]
    path = case.path.replace("{character_id}", str(kira)).replace("{message_id}", str(message))
    return anya, path.replace("{variant_id}", "1")


async def state_of(app: AppUnderTest) -> dict[str, int]:
    """How much there is of everything that a POST may add to or take from."""
    tables = ("messages", "variants", "events", "memories", "quota_entries")
    counts: dict[str, int] = {}
    async with app.parley.world.db.read() as tx:
        for table in tables:
            row = await tx.one(f"SELECT COUNT(*) AS count FROM {table}")
            assert row is not None
            counts[table] = row["count"]
    return counts


async def test_every_post_route_has_its_case_here(sqlite_app: AppUnderTest) -> None:
    paths = (await sqlite_app.person().get("/schema/openapi.json")).json["paths"]
    api = {path for path, methods in paths.items() if "post" in methods and path.startswith("/api/")}
    assert api == {case.path for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path)
async def test_a_post_sent_twice_happens_once_and_answers_the_same(app: AppUnderTest, case: Case) -> None:
    someone, path = await ready(app, case)
    first = await someone.post(path, case.body, KEY)
    assert first.status == 200, first.text
    after = await state_of(app)
    for _ in range(2):
        again = await someone.post(path, case.body, KEY)
        assert (again.status, again.json) == (200, first.json)
    assert await state_of(app) == after


async def test_another_body_under_the_same_key_is_a_conflict(sqlite_app: AppUnderTest) -> None:
    for case in (each for each in CASES if each.other):
        someone, path = await ready(sqlite_app, case)
        assert (await someone.post(path, case.body, KEY)).status == 200, case.path
        after = await state_of(sqlite_app)
        refused = await someone.post(path, case.other, KEY)
        assert (refused.status, refused.json["error"]) == (409, "conflict"), case.path
        assert await state_of(sqlite_app) == after, case.path


async def test_a_malformed_key_is_refused_by_its_name(sqlite_app: AppUnderTest) -> None:
    for case in CASES:
        someone, path = await ready(sqlite_app, case)
        before = await state_of(sqlite_app)
        for wrong in ("", "x" * 256, "ключ", "a\tb"):
            refused = await someone.post(path, case.body, {"Idempotency-Key": wrong})
            assert (refused.status, refused.json["error"]) == (400, "invalid_input"), case.path
            assert refused.json["field"] == "Idempotency-Key", case.path
        assert await state_of(sqlite_app) == before, case.path
        assert (await someone.post(path, case.body, {"Idempotency-Key": "x" * 255})).status == 200, case.path


async def test_a_post_sent_many_times_at_once_happens_once(app: AppUnderTest) -> None:
    for case in CASES:
        someone, path = await ready(app, case)
        answers = await asyncio.gather(*(someone.post(path, case.body, KEY) for _ in range(5)))
        good = [each for each in answers if each.status == 200]
        assert {each.status for each in answers} <= {200, 409}, case.path
        assert good, case.path
        assert all(each.json == good[0].json for each in good), case.path
        after = await state_of(app)
        assert (await someone.post(path, case.body, KEY)).json == good[0].json, case.path
        assert await state_of(app) == after, case.path


async def test_a_turn_still_running_is_a_conflict_for_its_twin(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    app.model.will_say("One", " two", wait=end)
    async with under_way(app, anya.says(kira, "Hi", KEY)) as turn:
        assert (await anya.says(kira, "Hi", KEY)).status == 409
        end.set()
        first = await turn
    assert (await anya.says(kira, "Hi", KEY)).json == first.json
    assert await used(anya) == 1


async def test_a_turn_still_waiting_is_a_conflict_for_its_twin(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("One", " two", wait=end)
    async with under_way(sqlite_app, anya.says(kira, "First")):
        waiting = asyncio.create_task(anya.says(kira, "Second", KEY))
        await lined_up(sqlite_app, 2)
        assert (await anya.says(kira, "Second", KEY)).status == 409
        end.set()
        assert (await waiting).status == 200
    assert await texts(anya, kira) == ["First", "One two", "Second", "All right."]


async def test_keys_belong_to_a_person_and_a_route(sqlite_app: AppUnderTest) -> None:
    kira, mira, anya, boris = (
        await sqlite_app.character(),
        await sqlite_app.character(),
        sqlite_app.person(7),
        sqlite_app.person(8),
    )
    for someone, character in ((anya, kira), (anya, mira), (boris, kira)):
        assert (await someone.says(character, "Hi", KEY)).status == 200
    assert (await anya.post(f"/api/chats/{kira}/regenerate", headers=KEY)).status == 200
    assert (await used(anya), await used(boris)) == (2, 1)


async def test_an_answer_outlives_its_process(database_url: str) -> None:
    async def one_life(do: Callable[[AppUnderTest], Awaitable[Answer]]) -> Answer:
        db: OpenDatabase = await open_database(database_url, SystemClock())
        try:
            async with AppUnderTest.running(db, rate_limits="off") as app:
                return await do(app)
        finally:
            await db.close()

    async def says(app: AppUnderTest) -> Answer:
        return await app.person().says(await app.character("Кира"), "Hi", KEY)

    first = await one_life(says)
    assert (await one_life(says)).json == first.json


async def test_only_good_answers_are_kept(sqlite_app: AppUnderTest) -> None:
    premium, anya = await sqlite_app.character(access_type="premium"), sqlite_app.person()
    assert (await anya.says(premium, "Hi", KEY)).status == 403
    await sqlite_app.grant_premium(anya)
    assert (await anya.says(premium, "Hi", KEY)).status == 200
    assert (await anya.says(premium, " ", {"Idempotency-Key": "k2"})).status == 400
    assert (await anya.says(premium, "Hi", {"Idempotency-Key": "k2"})).status == 200


async def test_the_same_key_answers_a_message_whose_turn_failed_for_one_unit(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_fail(ModelFailed("server"))
    app.model.will_fail(ModelFailed("server"))
    for _ in range(2):
        assert (await anya.says(kira, "Hi", KEY)).status == 502
        assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)
    said = (await anya.history(kira))[0]["id"]
    answer = await anya.says(kira, "Hi", KEY)
    assert answer.json["user_message"]["id"] == said
    assert answer.json["limits"]["remaining"] == 49
    assert (await anya.says(kira, "Hi", KEY)).json == answer.json
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 1)


async def test_a_message_answered_by_regenerate_meanwhile_is_answered_with_that_reply(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_fail(ModelFailed("server"))
    await anya.says(kira, "Hi", KEY)
    reply = (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]
    answer = await anya.says(kira, "Hi", KEY)
    assert (answer.status, answer.json["assistant_message"]["id"]) == (200, reply["id"])
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 0)


async def test_a_failed_message_that_others_were_put_after_gets_no_reply_any_more(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_fail(ModelFailed("server"))
    await anya.says(kira, "One", KEY)
    await anya.says(kira, "Two")
    assert (await anya.says(kira, "One", KEY)).status == 409
    assert await texts(anya, kira) == ["One", "Two", "All right."]


async def test_a_failed_message_taken_away_since_is_sent_anew(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_fail(ModelFailed("server"))
    await anya.says(kira, "Hi", KEY)
    await anya.post(f"/api/chats/{kira}/reset")
    assert (await anya.says(kira, "Hi", KEY)).status == 200
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 1)


async def test_a_key_is_good_for_a_day_and_then_forgotten(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    first = await anya.says(kira, "Hi", KEY)
    app.clock.ahead += timedelta(hours=23, minutes=59)
    await app.parley.services.idempotency.forget_old()
    later = app.person()
    assert (await later.says(kira, "Hi", KEY)).json == first.json
    app.clock.ahead += timedelta(minutes=2)
    assert await app.parley.services.idempotency.forget_old() == 1
    assert (await app.person().says(kira, "Hi", KEY)).json != first.json
    assert len(await later.history(kira)) == 4
