"""Who may come in, and who they are to Parley (contract §2 Auth, §7)."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parley.adapters.db import OpenDatabase
from support.app import BOT_TOKEN, AppUnderTest, Someone
from support.init_data_vectors import V2, V3, VECTORS, Vector, refused, signed
from support.routes import ROUTES

UNAUTHORIZED = {
    "error": "unauthorized",
    "message": "Не удалось подтвердить вход. Откройте приложение заново из Telegram",
}
LONGEST = str(10**11)


def someone(app: AppUnderTest, ago: timedelta = timedelta(), **user: object) -> Someone:
    """Somebody with these members in Telegram's `user`."""
    date = str(int((app.clock.now() - ago).timestamp()))
    told = json.dumps({"id": 7, "first_name": "Аня", **user})
    return Someone(app.session, app.base_url, signed({"auth_date": date, "user": told}, BOT_TOKEN))


async def says_hello(app: AppUnderTest, init_data: str) -> tuple[int, Any]:
    answer = await Someone(app.session, app.base_url, init_data).get("/api/users/profile")
    return answer.status, answer.json


# --- vectors over HTTP -----------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
async def test_every_published_vector_opens_the_door_of_its_bot(sqlite_db: OpenDatabase, vector: Vector) -> None:
    async with AppUnderTest.running(sqlite_db, bot_token=vector.token, init_data_ttl=LONGEST) as app:
        app.clock.ahead = datetime(2030, 1, 1, tzinfo=UTC) - datetime.now(UTC)  # noqa: TID251 - beside the machine's clock
        status, profile = await says_hello(app, vector.init_data)
        assert (status, profile["telegram_user_id"]) == (200, vector.user)
        _, _, digest = vector.init_data.partition("hash=")
        assert await says_hello(app, vector.init_data.replace(digest, digest[::-1])) == (401, UNAUTHORIZED)


async def test_another_bots_token_opens_no_door(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, bot_token=f"{V2.token}A", init_data_ttl=LONGEST) as app:
        app.clock.ahead = timedelta(days=3650)
        for vector in VECTORS:
            assert await says_hello(app, vector.init_data) == (401, UNAUTHORIZED), vector.name


async def test_without_the_signature_it_is_another_text(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, bot_token=V3.token, init_data_ttl=LONGEST) as app:
        app.clock.ahead = timedelta(days=3650)
        pairs = [pair for pair in V3.init_data.split("&") if not pair.startswith("signature=")]
        assert (await says_hello(app, V3.init_data))[0] == 200
        assert await says_hello(app, "&".join(pairs)) == (401, UNAUTHORIZED)


async def test_what_is_flawed_is_401_and_never_500(sqlite_app: AppUnderTest) -> None:
    for flaw, init_data in refused(BOT_TOKEN, int(sqlite_app.clock.now().timestamp())).items():
        assert await says_hello(sqlite_app, init_data) == (401, UNAUTHORIZED), flaw


# --- the header ------------------------------------------------------------------------------------


async def test_the_scheme_may_be_in_any_case(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for scheme in ("tma", "TMA", "Tma", "tMA"):
        answer = await anya.get("/api/users/profile", {"Authorization": f"{scheme} {anya.init_data}"})
        assert answer.status == 200, scheme


async def test_other_headers_let_nobody_in(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for header in (
        "", " ", "tma", "tma ", "{}", "Bearer {}", "tma{}", "tma:{}", "tma, {}", "tma tma {}", "Basic dG1hOg==",
        "тма {}", "tma {} x", "tma {},tma {}",
    ):  # fmt: skip
        answer = await anya.get("/api/users/profile", {"Authorization": header.format(anya.init_data, anya.init_data)})
        assert (answer.status, answer.json) == (401, UNAUTHORIZED), header
        assert answer.headers["WWW-Authenticate"] == "tma"


async def test_no_header_and_bytes_that_are_no_text_let_nobody_in(sqlite_app: AppUnderTest) -> None:
    host, _, port = sqlite_app.base_url.removeprefix("http://").partition(":")
    for header in (b"", b"Authorization: tma \xff\xfe\xd1\r\n", b"Authorization: \xd1\x82 x\r\n"):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /api/users/profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + b"\r\n")
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2]) == UNAUTHORIZED


async def test_init_data_in_the_query_is_no_authorization(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    answer = await anya.get(f"/api/users/profile?initData={anya.init_data}", {"Authorization": ""})
    assert answer.status == 401


# --- before everything else ------------------------------------------------------------------------


async def test_who_calls_is_asked_before_body_ids_and_existence(sqlite_app: AppUnderTest) -> None:
    nobody, kira = Someone(sqlite_app.session, sqlite_app.base_url, "hash=0"), await sqlite_app.character()
    for route in ROUTES:
        path = route.at(character="kira", message="x", memory="x", variant="x")
        for tried in (
            ()
            if route.is_public
            else (
                await nobody.call(route.method, path, route.body),
                await nobody.call(route.method, route.at(character=kira), route.body),
                await nobody.call(route.method, path, raw=b"{not json"),
                await nobody.call(route.method, path, raw=b" " * 70_000),
                await nobody.call(route.method, path, headers={"API-Version": "9", "Idempotency-Key": ""}),
                await nobody.call("PUT", path),
                await nobody.call(route.method, f"{route.path.partition('?')[0]}/nothing"),
            )
        ):
            assert (tried.status, tried.json) == (401, UNAUTHORIZED), str(route)


async def test_tags_are_public(sqlite_app: AppUnderTest) -> None:
    await sqlite_app.character(tags=["anime"])
    nobody = Someone(sqlite_app.session, sqlite_app.base_url, "hash=0")
    for path in ("/api/tags", "/api/tags/genre"):
        assert [tag["name"] for tag in (await nobody.get(path)).json["tags"]] == ["anime"]
        assert (await nobody.get(path, {"Authorization": ""})).status == 200


# --- time ------------------------------------------------------------------------------------------


async def test_a_session_ends_when_its_init_data_is_a_day_old(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    assert (await anya.get("/api/users/profile")).status == 200
    sqlite_app.clock.ahead += timedelta(days=1, seconds=-30)
    assert (await anya.get("/api/users/profile")).status == 200
    sqlite_app.clock.ahead += timedelta(seconds=60)
    answer = await anya.get("/api/users/profile")
    assert (answer.status, answer.json) == (401, UNAUTHORIZED)


async def test_the_operator_says_how_long_init_data_is_good(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, init_data_ttl="60") as app:
        assert (await someone(app, timedelta(seconds=30)).get("/api/users/profile")).status == 200
        assert (await someone(app, timedelta(seconds=90)).get("/api/users/profile")).status == 401
    async with AppUnderTest.running(sqlite_db, init_data_ttl=LONGEST) as app:
        assert (await someone(app, timedelta(days=19_000)).get("/api/users/profile")).status == 200


async def test_a_phone_may_be_a_little_ahead(sqlite_app: AppUnderTest) -> None:
    assert (await someone(sqlite_app, timedelta(seconds=-30)).get("/api/users/profile")).status == 200
    assert (await someone(sqlite_app, timedelta(seconds=-120)).get("/api/users/profile")).status == 401


# --- the person ------------------------------------------------------------------------------------


async def test_the_first_valid_request_makes_the_person(app: AppUnderTest) -> None:
    profile = (await someone(app, username="anya", language_code="en-GB").get("/api/users/profile")).json
    assert profile.pop("id") > 0
    assert profile.pop("created_at") <= app.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert profile == {
        "telegram_user_id": 7,
        "username": "anya",
        "display_name": "Аня",
        "gender": None,
        "language": "en-GB",
        "is_adult_confirmed": False,
        "timezone": None,
    }


async def test_first_requests_at_once_make_one_person(app: AppUnderTest) -> None:
    anya = app.person()
    answers = await asyncio.gather(*(anya.get("/api/users/profile") for _ in range(20)))
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].status == 200


async def test_any_request_makes_the_person_and_refused_ones_do_not(app: AppUnderTest) -> None:
    await someone(app, id=11).get("/api/nothing")
    await Someone(app.session, app.base_url, "hash=0").get("/api/users/profile")
    async with app.parley.world.db.read() as tx:
        rows = await tx.all("SELECT telegram_user_id FROM users")
    assert [row["telegram_user_id"] for row in rows] == [11]


async def test_what_telegram_says_is_refreshed_and_what_the_person_said_stays(app: AppUnderTest) -> None:
    before = someone(app, username="anya", language_code="ru")
    first = (await before.get("/api/users/profile")).json
    await before.patch("/api/users/profile", {"display_name": "Анечка", "language": "uk", "gender": "female"})
    after = someone(app, username="new_anya", first_name="Анна", last_name="К", language_code="en")
    profile = (await after.get("/api/users/profile")).json
    assert profile == {
        **first, "username": "new_anya", "display_name": "Анечка", "language": "uk", "gender": "female"
    }  # fmt: skip
    gone = (await someone(app, first_name="Анна").get("/api/users/profile")).json
    assert (gone["username"], gone["display_name"]) == (None, "Анечка")


async def test_a_new_name_at_telegram_is_not_put_over_a_profile(app: AppUnderTest) -> None:
    await someone(app, first_name="Аня", language_code="ru").get("/api/users/profile")
    profile = (await someone(app, first_name="Anna", language_code="en").get("/api/users/profile")).json
    assert (profile["display_name"], profile["language"]) == ("Аня", "ru")


async def test_a_new_profile_has_telegrams_language_or_russian(sqlite_app: AppUnderTest) -> None:
    codes = {None: "ru", "": "ru", "not a tag": "ru", "kk": "kk", "pt-br": "pt-br", "en": "en"}
    for number, (code, language) in enumerate(codes.items(), 100):
        profile = await someone(sqlite_app, id=number, language_code=code).get("/api/users/profile")
        assert profile.json["language"] == language


async def test_telegram_ids_may_be_long(app: AppUnderTest) -> None:
    for number in (1, 2**31, 2**52, 2**53 - 1):
        assert (await someone(app, id=number).get("/api/users/profile")).json["telegram_user_id"] == number


async def test_people_are_told_apart(app: AppUnderTest) -> None:
    anya, boris = app.person(7), app.person(8, "Борис")
    await anya.patch("/api/users/profile", {"display_name": "Анечка"})
    assert (await boris.get("/api/users/profile")).json["display_name"] == "Борис"
    assert (await anya.get("/api/users/profile")).json["display_name"] == "Анечка"
