"""What every request goes through before its route and after."""

from parley.adapters.db import OpenDatabase
from support.app import AppUnderTest

PROFILE = "/api/users/profile"


async def test_authentication_comes_before_everything_else(sqlite_app: AppUnderTest) -> None:
    stranger = sqlite_app.person()
    stranger.init_data = "nobody"
    for method, path in (
        ("GET", "/api/nowhere"),
        ("GET", "/api"),
        ("PUT", PROFILE),
        ("GET", "/api/chats/0/messages"),
        ("GET", "/api/characters?limit=0"),
        ("OPTIONS", PROFILE),
    ):
        assert (await stranger.call(method, path)).status == 401
    assert (await stranger.call("PATCH", PROFILE, raw=b"{")).status == 401
    assert (await stranger.call("POST", "/api/users/confirm-adult", raw=b"x" * 100_000)).status == 401
    assert (await stranger.get(PROFILE, {"API-Version": "9"})).status == 401


async def test_strangers_share_an_address_on_public_routes_and_people_do_not(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, rate_limits="on") as limited:
        anya, stranger = limited.person(), limited.person()
        stranger.init_data = "nobody"
        statuses = [(await stranger.get("/api/tags")).status for _ in range(121)]
        assert statuses == [200] * 120 + [429]
        refused = await stranger.get("/api/tags")
        assert int(refused.headers["Retry-After"]) == refused.json["retry_after"] >= 1
        assert (await anya.get("/api/tags")).status == 200


async def test_what_is_not_the_api_is_neither_asked_who_nor_counted(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, rate_limits="on") as limited:
        stranger = limited.person()
        stranger.init_data = "nobody"
        assert {(await stranger.get("/livez")).status for _ in range(150)} == {200}
