"""Sockets that say too much (attack checklist, item 5)."""

import asyncio

import aiohttp

from support.app import AppUnderTest


async def test_ten_thousand_tiny_frames_stop_nobody(sqlite_app: AppUnderTest) -> None:
    kira, anya, boris = await sqlite_app.character(), sqlite_app.person(), sqlite_app.person(8, "Борис")

    async def flood(socket: aiohttp.ClientWebSocketResponse) -> None:
        for _ in range(10_000):
            await socket.send_str("{}")

    async with anya.socket(kira) as loud:
        flooding = asyncio.create_task(flood(loud.connection))
        assert (await boris.says(kira, "Hi")).status == 200
        assert (await loud.next())["data"]["code"] == "invalid_input"
        flooding.cancel()
    assert (await anya.says(kira, "Still here")).status == 200


async def test_protocol_pings_are_answered_and_harm_nobody(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    async with anya.socket(kira) as loud:
        for _ in range(2_000):
            await loud.connection.ping()
        await loud.send("ping")
        assert (await loud.next())["event"] == "pong"


async def test_compression_is_never_agreed_on(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    url = f"{sqlite_app.base_url.replace('http', 'ws', 1)}/api/ws/chat/{kira}"
    async with sqlite_app.session.ws_connect(url, params={"initData": anya.init_data}, compress=15) as socket:
        assert socket.compress == 0


async def test_an_origin_is_no_credential_either_way(sqlite_app: AppUnderTest) -> None:
    """A socket is opened by initData in its address, never by what a browser adds, so a foreign page gains nothing."""
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    url = f"{sqlite_app.base_url.replace('http', 'ws', 1)}/api/ws/chat/{kira}"
    async with sqlite_app.session.ws_connect(url, origin="https://web.telegram.org") as stranger:
        assert (await stranger.receive_json())["data"]["code"] == "unauthorized"
    known = {"initData": anya.init_data}
    async with sqlite_app.session.ws_connect(url, params=known, origin="https://elsewhere.example") as socket:
        await socket.send_json({"event": "ping"})
        assert (await socket.receive_json())["event"] == "pong"
