"""`GET /users/{telegram_id}` (spec): a person as the schedule bot's services see them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from parley.adapters.db import OpenDatabase
from parley.features.identity.core import telegram_user
from parley.kernel.errors import ServiceUnavailable
from support.app import AppUnderTest
from support.routes import NOT_IDS
from support.services import KEY, FailingDatabase, Service


@asynccontextmanager
async def serving(db: OpenDatabase, **environment: str) -> AsyncIterator[AppUnderTest]:
    given = {"api_keys": KEY, **environment}
    async with AppUnderTest.running(db, model=None, completions=None, embedder=None, more=(), **given) as app:
        yield app


@pytest.fixture
async def app(db: OpenDatabase) -> AsyncIterator[AppUnderTest]:
    async with serving(db) as app:
        yield app


async def test_a_person_is_told_with_what_is_known(app: AppUnderTest) -> None:
    await app.person(456789, "Алексей").get("/api/users/profile")
    answer = await Service(app).call("GET", "/users/456789")
    assert (answer.status, answer.json) == (200, {"telegram_id": 456789, "first_name": "Алексей", "timezone": "UTC"})
    assert answer.headers["Content-Type"] == "application/json"


async def test_the_persons_own_zone_stands_before_the_operators(sqlite_db: OpenDatabase) -> None:
    async with serving(sqlite_db, default_timezone="Europe/Moscow") as app:
        anya, service = app.person(7), Service(app)
        await anya.get("/api/users/profile")
        assert (await service.call("GET", "/users/7")).json["timezone"] == "Europe/Moscow"
        await anya.patch("/api/users/profile", {"timezone": "Asia/Tokyo"})
        assert (await service.call("GET", "/users/7")).json["timezone"] == "Asia/Tokyo"


async def test_names_are_told_where_telegram_gave_them(sqlite_db: OpenDatabase) -> None:
    async with serving(sqlite_db) as app:
        await app.parley.services.identity.meet(telegram_user(9, "Борис", "Иванов", "boris", "ru"))
        told = (await Service(app).call("GET", "/users/9")).json
    assert told == {
        "telegram_id": 9,
        "username": "boris",
        "first_name": "Борис",
        "last_name": "Иванов",
        "timezone": "UTC",
    }


@pytest.mark.parametrize("number", ["8", *NOT_IDS])
async def test_who_is_unknown_or_no_id_is_not_found(sqlite_db: OpenDatabase, number: str) -> None:
    async with serving(sqlite_db) as app:
        answer = await Service(app).call("GET", f"/users/{number}")
    assert (answer.status, answer.json["error"]) == (404, "user_not_found")


async def test_the_profile_name_is_not_telegrams(app: AppUnderTest) -> None:
    anya = app.person(7, "Аня")
    await anya.patch("/api/users/profile", {"display_name": "Королева"})
    assert (await Service(app).call("GET", "/users/7")).json["first_name"] == "Аня"


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [(ServiceUnavailable(), 503, "service_unavailable"), (RuntimeError("disk at 127.0.0.1"), 500, "internal_error")],
)
async def test_a_database_that_is_away_or_broken_has_its_status(
    sqlite_db: OpenDatabase, failure: Exception, status: int, code: str
) -> None:
    failing = FailingDatabase(sqlite_db)
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(serving(failing))
        await Service(app).call("GET", "/users/7")
        failing.failure = failure
        answer = await Service(app).call("GET", "/users/7")
        failing.failure = None
    assert (answer.status, answer.json["error"]) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "127.0.0.1" not in answer.text


async def test_only_get_is_there(app: AppUnderTest) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = await Service(app).call(method, "/users/7")
        assert (answer.status, answer.json["error"]) == (405, "method_not_allowed")
