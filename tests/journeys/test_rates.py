"""How often one may ask (spec «Rate Limits», contract §2): each row of the table, to the exact request."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from parley.adapters.db import OpenDatabase
from support.app import Answer, AppUnderTest, Someone


@dataclass(frozen=True)
class Row:
    """A row of the table: so many a minute."""

    method: str
    path: str
    limit: int
    body: object = None


ROWS = (
    Row("POST", "/api/chats/{}/messages", 10, {"message": "Привет!"}),
    Row("POST", "/api/chats/{}/regenerate", 5),
    Row("GET", "/api/characters", 60),
    Row("GET", "/api/characters/search?q=x", 60),
    Row("GET", "/api/characters/{}", 60),
    Row("GET", "/api/chats/{}/messages", 30),
    Row("GET", "/api/users/limits", 120),
    Row("GET", "/api/nothing", 120),
)


@pytest.fixture
async def limited(sqlite_db: OpenDatabase) -> AsyncIterator[AppUnderTest]:
    async with AppUnderTest.running(sqlite_db, rate_limits="on", daily_message_limit="1000") as running:
        yield running


def refused(answer: Answer) -> bool:
    return answer.status == 429 and answer.json["error"] == "rate_limit"


async def asks(someone: Someone, row: Row, character: int, times: int) -> list[Answer]:
    return [await someone.call(row.method, row.path.format(character), row.body) for _ in range(times)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
async def test_exactly_so_many_are_served_and_the_next_is_told_to_wait(limited: AppUnderTest, row: Row) -> None:
    kira, anya = await limited.character(), limited.person()
    await anya.says(kira, "Привет!")
    already = 1 if row.limit == 10 else 0
    answers = await asks(anya, row, kira, row.limit - already + 2)
    assert [refused(answer) for answer in answers] == [False] * (row.limit - already) + [True] * 2
    told = answers[-1]
    assert told.json.keys() == {"error", "message", "retry_after"}
    assert told.json["message"] == "Слишком много запросов, подождите"
    assert isinstance(told.json["retry_after"], int)
    assert 1 <= told.json["retry_after"] <= 60
    assert told.headers["Retry-After"] == str(told.json["retry_after"])
    assert (told.headers["API-Version"], bool(told.headers["X-Request-Id"])) == ("1.0", True)


@pytest.mark.parametrize("row", [ROWS[0], ROWS[4], ROWS[6]], ids=lambda row: f"{row.method} {row.path}")
async def test_many_at_once_are_counted_one_by_one(limited: AppUnderTest, row: Row) -> None:
    kira, anya = await limited.character(), limited.person()
    path = row.path.format(kira)
    answers = await asyncio.gather(*(anya.call(row.method, path, row.body) for _ in range(row.limit + 15)))
    assert [refused(answer) for answer in answers].count(True) == 15


async def test_one_row_takes_nothing_from_another(limited: AppUnderTest) -> None:
    kira, anya = await limited.character(), limited.person()
    await anya.says(kira, "Привет!")
    for row in (ROWS[1], ROWS[2], ROWS[5]):
        await asks(anya, row, kira, row.limit + 1)
    assert (await anya.says(kira, "Привет!")).status == 200
    assert (await anya.get("/api/users/limits")).status == 200


async def test_the_rows_of_the_catalogue_are_one(limited: AppUnderTest) -> None:
    kira, anya = await limited.character(), limited.person()
    for row in (ROWS[2], ROWS[3], ROWS[4]):
        await asks(anya, row, kira, 20)
    assert [refused((await asks(anya, row, kira, 1))[0]) for row in (ROWS[2], ROWS[3], ROWS[4])] == [True] * 3


async def test_all_chats_of_a_person_count_together(limited: AppUnderTest) -> None:
    kira, lena, anya = await limited.character(), await limited.character(), limited.person()
    await asks(anya, ROWS[0], kira, 5)
    await asks(anya, ROWS[0], lena, 5)
    assert refused((await asks(anya, ROWS[0], lena, 1))[0])


async def test_every_person_is_counted_alone(limited: AppUnderTest) -> None:
    kira, anya, boris = await limited.character(), limited.person(7), limited.person(8)
    await asks(anya, ROWS[0], kira, 11)
    assert (await boris.says(kira, "Привет!")).status == 200


async def test_a_slash_more_is_no_way_around(limited: AppUnderTest) -> None:
    kira, anya = await limited.character(), limited.person()
    await asks(anya, ROWS[0], kira, 10)
    for path in (f"/api/chats/{kira}/messages/", f"//api/chats/{kira}//messages", f"/api/chats/%{ord('1'):x}/messages"):
        assert refused(await anya.post(path, {"message": "Привет!"})), path


async def test_what_is_malformed_counts_too(limited: AppUnderTest) -> None:
    anya = limited.person()
    answers = [await anya.post("/api/chats/x/messages", {"message": ""}) for _ in range(11)]
    assert [answer.status for answer in answers] == [404] * 10 + [429]


async def test_who_does_not_say_who_they_are_is_refused_for_that(limited: AppUnderTest) -> None:
    nobody = Someone(limited.session, limited.base_url, "hash=0")
    assert {(await nobody.get("/api/users/limits")).status for _ in range(125)} == {401}


async def test_a_stranger_asks_for_tags_120_times_a_minute(limited: AppUnderTest) -> None:
    nobody = Someone(limited.session, limited.base_url, "hash=0")
    assert [(await nobody.get("/api/tags")).status for _ in range(121)] == [200] * 120 + [429]
    assert (await limited.person().get("/api/tags")).status == 200


async def test_a_refused_message_takes_no_unit_of_the_day(limited: AppUnderTest) -> None:
    kira, anya = await limited.character(), limited.person()
    await asks(anya, ROWS[0], kira, 15)
    assert (await anya.get("/api/users/limits")).json["messages_limit"]["used"] == 10


async def test_the_sentence_is_in_the_persons_language(limited: AppUnderTest) -> None:
    anya = limited.person(language="en")
    answers = [await anya.post("/api/chats/1/regenerate") for _ in range(6)]
    assert answers[-1].json["message"] == "Too many requests, please wait"


async def test_messages_over_a_socket_have_a_row_of_their_own(limited: AppUnderTest) -> None:
    kira, anya = await limited.character(), limited.person()
    await asks(anya, ROWS[0], kira, 11)
    async with anya.socket(kira) as phone:
        for _ in range(30):
            await phone.send("stop")
        await phone.send("ping")
        assert (await phone.until("pong"))[-1]["event"] == "pong"
        await phone.send("stop")
        error = (await phone.until("error"))[-1]["data"]
        assert (error["code"], error["message"]) == ("rate_limit", "Слишком много запросов, подождите")
        await phone.send("ping")
        await phone.until("pong")


async def test_an_operator_may_switch_the_rates_off(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, rate_limits="off") as app:
        anya = app.person()
        assert {(await anya.post("/api/chats/1/regenerate")).status for _ in range(20)} == {404}
