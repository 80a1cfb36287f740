"""Service keys on the OpenAI-compatible API: who is let in, how often, and what is counted."""

import asyncio
from contextlib import AsyncExitStack

import openai
import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database
from parley.features.identity.core import CONFIGURED_KEYS, KeyUse
from parley.kernel.errors import ServiceUnavailable
from support.app import AppUnderTest
from support.counting import CountingDatabase
from support.databases import PostgresForTests
from support.fake_provider import FakeProvider
from support.routes import SERVICE_ROUTES, Route
from support.services import KEY, FailingDatabase, Service, official, passing_to
from support.turns import LONG_ENOUGH, eventually


async def running(stack: AsyncExitStack, db: OpenDatabase, **environment: str) -> AppUnderTest:
    """The application with scripted models."""
    given = {"api_keys": KEY, **environment}
    app = AppUnderTest.running(db, model=None, completions=None, embedder=None, more=(), **given)
    return await stack.enter_async_context(app)


# --- who is let in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("route", SERVICE_ROUTES, ids=str)
async def test_without_a_good_key_nothing_is_answered(sqlite_app: AppUnderTest, route: Route) -> None:
    init_data = sqlite_app.person().init_data
    for header in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"tma {init_data}",
        f"Basic {KEY}",
        KEY,
        "Bearer \u00ff",
    ):
        headers = {} if header is None else {"Authorization": header}
        answer = await Service(sqlite_app, None).call(route.method, route.at(), route.body, headers)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        error = answer.json["error"]
        assert error == "unauthorized" if route.path.startswith("/users") else error["code"] == "invalid_api_key"


async def test_who_calls_is_asked_before_body_model_and_existence(sqlite_app: AppUnderTest) -> None:
    service = Service(sqlite_app, "wrong")
    for method, path in (
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/nowhere"),
        ("DELETE", "/v1/models"),
        ("GET", "/v1"),
    ):
        assert (await service.call(method, path, b"{" if method == "POST" else None)).status == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_may_be_in_any_case(sqlite_db: OpenDatabase, scheme: str) -> None:
    async with AsyncExitStack() as stack:
        app = await running(stack, sqlite_db)
        answer = await Service(app, None).call("GET", "/v1/models", headers={"Authorization": f"{scheme} {KEY}"})
        assert answer.status == 200


async def test_the_official_client_knows_a_wrong_key(sqlite_app: AppUnderTest) -> None:
    async with official(sqlite_app, "wrong") as client:
        with pytest.raises(openai.AuthenticationError) as refused:
            await client.models.list()
    assert refused.value.code == "invalid_api_key"


async def test_what_is_nowhere_is_told_in_openais_words(sqlite_db: OpenDatabase) -> None:
    async with AsyncExitStack() as stack:
        service = Service(await running(stack, sqlite_db))
        missing = await service.call("GET", "/v1/nowhere")
        wrong = await service.call("DELETE", "/v1/chat/completions")
    assert (missing.status, missing.json["error"]["code"]) == (404, "not_found")
    assert (wrong.status, wrong.json["error"]["code"]) == (405, "method_not_allowed")
    assert set(wrong.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


async def is_refused(service: Service) -> bool:
    return (await service.chat()).status == 401


# --- revocation --------------------------------------------------------------------------------------


async def test_a_key_made_and_revoked_elsewhere_is_known_here_within_a_second(sqlite_db: OpenDatabase) -> None:
    async with AsyncExitStack() as stack:
        here, there = [await running(stack, sqlite_db) for _ in range(2)]
        secret = await there.parley.keys.create("planner", is_adult=False)
        service = Service(here, secret)
        assert (await service.chat()).status == 200
        await there.parley.keys.revoke("planner")
        await eventually(lambda: is_refused(service))
        assert (await service.chat()).json["error"]["code"] == "invalid_api_key"


async def test_revocation_reaches_another_process_on_postgresql(postgres_server: PostgresForTests) -> None:
    async with postgres_server.database() as url, AsyncExitStack() as stack:
        apps = []
        for _ in range(2):
            db = await open_database(url, SystemClock())
            stack.push_async_callback(db.close)
            apps.append(await running(stack, db))
        secret = await apps[0].parley.keys.create("planner", is_adult=False)
        for app in apps:
            assert (await Service(app, secret).chat()).status == 200
        await apps[0].parley.keys.revoke("planner")
        for service in [Service(app, secret) for app in apps]:
            await eventually(lambda service=service: is_refused(service))  # type: ignore[misc]  # the stubs know no default argument


# --- rates -------------------------------------------------------------------------------------------


async def test_exactly_so_many_requests_a_minute_are_served(sqlite_db: OpenDatabase) -> None:
    async with AsyncExitStack() as stack:
        app = await running(stack, sqlite_db, api_keys=f"{KEY},other-key", api_key_rate="5", rate_limits="off")
        answers = await asyncio.gather(*(Service(app).chat() for _ in range(8)))
        assert sorted(each.status for each in answers) == [200] * 5 + [429] * 3
        refused = next(each for each in answers if each.status == 429)
        assert refused.json["error"]["code"] == "rate_limit_exceeded"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert (await Service(app, "other-key").chat()).status == 200
        assert (await Service(app).call("GET", "/users/7")).json["error"] == "rate_limit"


async def test_all_routes_count_together_and_no_rate_is_none(sqlite_db: OpenDatabase) -> None:
    async with AsyncExitStack() as stack:
        service = Service(await running(stack, sqlite_db, api_key_rate=str(len(SERVICE_ROUTES))))
        calls = [(route.method, route.at(), route.body) for route in (*SERVICE_ROUTES, SERVICE_ROUTES[0])]
        statuses = [(await service.call(*call)).status for call in calls]
        assert statuses == [404, *[200] * (len(SERVICE_ROUTES) - 1), 429]
        free = await running(stack, sqlite_db, api_key_rate="0")
        assert {(await Service(free).chat()).status for _ in range(20)} == {200}


async def test_rates_are_exact_over_two_processes_with_redis(postgres_server: PostgresForTests, redis_url: str) -> None:
    async with postgres_server.database() as url, AsyncExitStack() as stack:
        apps = []
        for _ in range(2):
            db = await open_database(url, SystemClock())
            stack.push_async_callback(db.close)
            apps.append(await running(stack, db, redis_url=redis_url, api_key_rate="7"))
        answers = await asyncio.gather(*(Service(apps[number % 2]).chat() for number in range(20)))
        assert [each.status for each in answers].count(200) == 7


# --- what is counted ---------------------------------------------------------------------------------


async def used(app: AppUnderTest, requests: int) -> dict[str, KeyUse]:
    """What stands in the database for each key, once so many requests stand there."""
    async with asyncio.timeout(LONG_ENOUGH):
        while True:
            found = {each.name: each.use for each in await app.parley.keys.listing()}
            if sum(use.requests for use in found.values()) >= requests:
                return found
            await asyncio.sleep(0.02)


async def test_what_is_asked_is_counted_by_key(db: OpenDatabase) -> None:
    async with FakeProvider() as provider, passing_to(db, provider) as app:
        secret = await app.parley.keys.create("planner", is_adult=False)
        await Service(app, secret).chat()
        await Service(app, secret).chat(stream=True)
        await Service(app).chat()
        await Service(app).chat(messages=[])
        assert await used(app, 4) == {"planner": KeyUse(2, 14, 26), CONFIGURED_KEYS: KeyUse(2, 7, 13)}


async def test_the_hot_path_asks_the_database_nothing(sqlite_db: OpenDatabase) -> None:
    counting = CountingDatabase(sqlite_db)
    async with FakeProvider() as provider, passing_to(counting, provider) as app:
        secret = await app.parley.keys.create("planner", is_adult=False)
        kira = await app.character("Кира")
        await app.parley.background.characters.sync_index()
        service = Service(app, secret)
        for model in ("default", f"character/{kira}"):
            await service.chat(model=model)
            with counting.counted() as statements:
                for stream in (False, True):
                    assert (await service.chat(model=model, stream=stream)).status == 200
            assert statements == [], model


async def test_one_person_is_one_statement(sqlite_db: OpenDatabase) -> None:
    counting = CountingDatabase(sqlite_db)
    async with AsyncExitStack() as stack:
        app = await running(stack, counting)
        await app.person(7).get("/api/users/profile")
        with counting.counted() as statements:
            assert (await Service(app).call("GET", "/users/7")).status == 200
    assert len(statements) == 1


async def test_while_the_database_is_away_a_key_of_the_settings_still_asks(sqlite_db: OpenDatabase) -> None:
    failing = FailingDatabase(sqlite_db)
    async with FakeProvider() as provider, passing_to(failing, provider) as app:
        made = await app.parley.keys.create("planner", is_adult=False)
        failing.failure = ServiceUnavailable()
        answers = [await Service(app, key).chat() for key in (KEY, made)]
        failing.failure = None
    assert [each.status for each in answers] == [200, 503]
    assert answers[1].json["error"]["code"] == "service_unavailable"
    assert "Retry-After" in answers[1].headers
