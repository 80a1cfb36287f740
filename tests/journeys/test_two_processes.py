"""Two whole applications on one PostgreSQL database and one Redis: to people they are one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.settings import SettingError, Settings
from parley.shell.metrics import Metrics
from parley.world import connected
from support.app import BOT_TOKEN, AppUnderTest, Socket
from support.databases import PostgresForTests
from support.redis import RedisForTests
from support.turns import LONG_ENOUGH, eventually, kinds, lasting, texts, under_way, used


@dataclass(frozen=True, slots=True)
class Two:
    """Two processes, and what they share."""

    a: AppUnderTest
    b: AppUnderTest


@asynccontextmanager
async def two_processes(database_url: str, redis_url: str, **environment: str) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        apps = []
        for _ in range(2):
            db = await open_database(database_url, SystemClock())
            stack.push_async_callback(db.close)
            running = AppUnderTest.running(
                db, model=None, completions=None, embedder=None, more=(), redis_url=redis_url, **environment
            )
            apps.append(await stack.enter_async_context(running))
        yield Two(*apps)


@pytest.fixture
async def shared_database(postgres_server: PostgresForTests) -> AsyncIterator[str]:
    async with postgres_server.database() as url:
        yield url


@pytest.fixture
async def two(shared_database: str, redis_url: str) -> AsyncIterator[Two]:
    """Both without request rates."""
    async with two_processes(shared_database, redis_url, rate_limits="off") as both:
        yield both


@pytest.fixture
async def two_on_mortal_redis(shared_database: str, mortal_redis: RedisForTests) -> AsyncIterator[Two]:
    """Both without request rates, on a Redis that the test may kill."""
    async with two_processes(shared_database, mortal_redis.url, rate_limits="off") as both:
        yield both


async def next_of(socket: Socket, event: str) -> dict[str, Any]:
    return (await socket.until(event))[-1]


# --- what happens on one is seen on the other ------------------------------------------------------


async def test_a_turn_on_one_streams_to_a_socket_on_the_other(two: Two) -> None:
    kira, go = await two.a.character("Кира"), asyncio.Event()
    two.a.model.will_say("Привет", ", Аня!", wait=go)
    async with two.b.person().socket(kira) as phone, under_way(two.a, two.a.person().says(kira, "Привет!")) as turn:
        first = await phone.until("message.delta")
        assert first[-1]["data"]["text"] == "Привет"
        go.set()
        frames = first + await phone.until("message.complete")
        assert (await turn).status == 200
    assert kinds(frames) == [
        "message.new",
        "message.typing",
        "message.delta",
        "message.typing",
        "message.new",
        "message.complete",
    ]
    assert "".join(each["data"]["text"] for each in frames if each["event"] == "message.delta") == "Привет, Аня!"


async def test_a_socket_opened_on_the_other_in_the_middle_of_a_reply_joins_it(two: Two) -> None:
    kira, go = await two.a.character(), asyncio.Event()
    two.a.model.will_say("One", " two", wait=go)
    async with (
        under_way(two.a, two.a.person().says(kira, "Count")),
        two.b.person().socket(kira, after=0) as phone,
    ):
        first = await phone.until("message.delta")
        go.set()
        frames = first + await phone.until("message.complete")
    assert kinds(first) == ["message.new", "message.typing", "message.delta"]
    assert first[-1]["data"]["index"] == 0
    assert "".join(each["data"]["text"] for each in frames if each["event"] == "message.delta") == "One two"


async def test_what_happened_on_one_is_replayed_by_number_on_the_other(two: Two) -> None:
    kira, anya = await two.a.character(), two.a.person()
    async with anya.socket(kira) as phone:
        for text in ("First", "Second"):
            assert (await anya.says(kira, text)).status == 200
        seen = [*await phone.until("message.complete"), *await phone.until("message.complete")]
    async with two.b.person().socket(kira, after=0) as laptop:
        replayed = [*await laptop.until("message.complete"), *await laptop.until("message.complete")]
    assert replayed == lasting(seen)
    async with two.b.person().socket(kira, after=lasting(seen)[2]["seq"]) as laptop:
        assert await laptop.until("message.complete") == lasting(seen)[3:]


async def test_a_stop_on_one_ends_a_reply_on_the_other(two: Two) -> None:
    kira, anya = await two.a.character(), two.a.person()
    two.a.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(two.a, anya.says(kira, "Hi")) as turn:
        assert (await two.b.person().post(f"/api/chats/{kira}/stop")).json["stopped"] is True
        answer = await asyncio.wait_for(turn, LONG_ENOUGH)
    assert (answer.status, answer.json["assistant_message"]["message_text"]) == (200, "So far")


async def test_a_reset_on_one_ends_a_reply_on_the_other(two: Two) -> None:
    kira, anya = await two.a.character(), two.a.person()
    two.a.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(two.a, anya.says(kira, "Hi")) as turn:
        assert (await two.b.person().post(f"/api/chats/{kira}/reset", {})).status == 200
        answer = await asyncio.wait_for(turn, LONG_ENOUGH)
    assert answer.status == 409
    assert await texts(anya, kira) == []


# --- what must hold for both together --------------------------------------------------------------


async def test_a_chat_answers_one_message_at_a_time_on_both_together(two: Two) -> None:
    kira, go = await two.a.character(), asyncio.Event()
    two.a.model.will_say("One", " done.", wait=go)
    two.b.model.will_say("Two done.")
    async with under_way(two.a, two.a.person().says(kira, "One?")) as first:
        second = asyncio.create_task(two.b.person().says(kira, "Two?"))
        await asyncio.sleep(0.3)  # it tries meanwhile; were this too short, the test would only be easier to pass
        assert two.b.model.asked == []
        go.set()
        assert [each.status for each in await asyncio.gather(first, second)] == [200, 200]
    assert await texts(two.a.person(), kira) == ["One?", "One done.", "Two?", "Two done."]


async def test_forty_messages_at_once_over_both_never_exceed_the_daily_limit(
    shared_database: str, redis_url: str
) -> None:
    async with two_processes(shared_database, redis_url, rate_limits="off", daily_message_limit="10") as two:
        characters = [await two.a.character() for _ in range(20)]
        people = two.a.person(), two.b.person()
        answers = await asyncio.gather(*(person.says(each, "Hi") for each in characters for person in people))
        assert Counter(each.json.get("error") for each in answers) == {None: 10, "daily_limit_exceeded": 30}
        assert await used(people[0]) == await used(people[1]) == 10


async def test_request_rates_are_exact_over_both(shared_database: str, redis_url: str) -> None:
    async with two_processes(shared_database, redis_url, rate_limits="on") as two:
        kira = await two.a.character()
        people = two.a.person(), two.b.person()
        history = f"/api/chats/{kira}/messages"
        answers = await asyncio.gather(*(people[number % 2].get(history) for number in range(50)))
        assert Counter(each.status for each in answers) == {200: 30, 429: 20}
        waits = {int(each.headers["Retry-After"]) for each in answers if each.status == 429}
        assert all(50 < wait <= 60 for wait in waits)
        assert (await two.b.person(8, "Лена").get(history)).status == 200


async def test_a_change_to_the_catalogue_on_one_is_seen_on_the_other(two: Two) -> None:
    await two.b.character("Кира")
    anya = two.b.person()

    async def has_both() -> bool:
        listed = (await anya.get("/api/characters")).json["characters"]
        found = (await anya.get("/api/characters/search?q=лена")).json["characters"]
        return {each["name"] for each in listed} == {"Кира", "Лена"} and [each["name"] for each in found] == ["Лена"]

    assert not await has_both()
    await two.a.character("Лена")
    await eventually(has_both)


async def test_a_subscription_granted_on_one_opens_doors_on_the_other(two: Two) -> None:
    kira, anya = await two.a.character(access_type="premium"), two.b.person()
    assert (await anya.says(kira, "Hi")).status == 403
    await two.a.grant_premium(anya)

    async def is_let_in() -> bool:
        return (await anya.says(kira, "Hi")).status == 200

    await eventually(is_let_in)


# --- without Redis ---------------------------------------------------------------------------------


async def test_while_redis_is_dead_turns_work_on_both_and_sockets_catch_up(
    two_on_mortal_redis: Two, mortal_redis: RedisForTests
) -> None:
    two = two_on_mortal_redis
    kira = await two.a.character()
    async with two.a.person().socket(kira) as phone, two.b.person().socket(kira) as laptop:
        mortal_redis.kill()
        for number, app in enumerate((two.a, two.b)):
            assert (await app.person().says(kira, f"Message {number}")).status == 200
        assert [each["event"] for each in lasting(await seen_until(phone, 6))].count("message.complete") == 2
        assert lasting(await seen_until(laptop, 6)) == lasting(phone.seen)
    assert len(await texts(two.a.person(), kira)) == 4


async def seen_until(socket: Socket, seq: int) -> list[dict[str, Any]]:
    """Everything seen up to a lasting event of this number."""
    while not any(each.get("seq") == seq for each in socket.seen):
        await socket.next(LONG_ENOUGH)
    return socket.seen


async def test_a_redis_that_comes_back_streams_again(two_on_mortal_redis: Two, mortal_redis: RedisForTests) -> None:
    two = two_on_mortal_redis
    kira, anya = await two.a.character(), two.a.person()
    async with two.b.person().socket(kira) as phone:
        mortal_redis.kill()
        assert (await anya.says(kira, "Are you there?")).status == 200
        mortal_redis.start()

        async def streams() -> bool:
            assert (await anya.says(kira, "And now?")).status == 200
            return "message.delta" in kinds(await phone.until("message.complete"))

        await eventually(streams)


async def test_a_stop_without_redis_ends_a_reply_on_the_other_process_too(
    two_on_mortal_redis: Two, mortal_redis: RedisForTests
) -> None:
    two = two_on_mortal_redis
    kira, anya = await two.a.character(), two.a.person()
    two.a.model.will_say("So far", " and never more", wait=asyncio.Event())
    mortal_redis.kill()
    async with under_way(two.a, anya.says(kira, "Hi")) as turn:
        assert (await two.b.person().post(f"/api/chats/{kira}/stop")).json["stopped"] is True
        answer = await asyncio.wait_for(turn, LONG_ENOUGH)
    assert answer.json["assistant_message"]["message_text"] == "So far"


async def test_it_starts_and_answers_while_redis_is_dead(shared_database: str, mortal_redis: RedisForTests) -> None:
    mortal_redis.kill()
    async with two_processes(shared_database, mortal_redis.url, rate_limits="on") as two:
        kira, anya = await two.a.character(), two.b.person()
        assert (await anya.get("/readyz")).status == 200
        assert (await anya.says(kira, "Hi")).status == 200
        assert [(await anya.get("/api/users/profile")).status for _ in range(20)] == [200] * 20


async def test_a_malformed_address_of_redis_stops_the_start_with_one_line_that_names_the_setting(
    tmp_path: Path,
) -> None:
    environment = {"PARLEY_BOT_TOKEN": BOT_TOKEN, "PARLEY_DATABASE_URL": f"sqlite:///{tmp_path}/parley.db"}
    settings = Settings.load({**environment, "PARLEY_REDIS_URL": "redis://:secret@host?nonsense=1"})
    with pytest.raises(SettingError) as raised:
        async with connected(settings, Metrics.fresh()):
            pass
    assert str(raised.value) == "PARLEY_REDIS_URL is malformed"
    with pytest.raises(SettingError) as raised:
        Settings.load({**environment, "PARLEY_REDIS_URL": "redis://:secret@host:port"})
    assert "PARLEY_REDIS_URL" in str(raised.value)
    assert "secret" not in str(raised.value)
