"""The way out: what runs is finished, what waits is sent away, and everybody is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import init_data_py
import pytest
from init_data_py import UnsignedInitData, User

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.features.characters.core import read_card
from parley.features.characters.service import Cards, CatalogueVersion
from support.app import BOT_TOKEN, AppUnderTest, Someone, card_of
from support.fake_provider import FakeProvider
from support.process import ServerProcess
from support.turns import LONG_ENOUGH, lined_up, texts, under_way, used

STORY = "Once upon a time there was a fox who was in no hurry at all."
WITHIN = 15.0
"""Seconds that the contract gives an exit."""


# --- a real process


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    """A provider in no hurry."""
    async with FakeProvider(STORY, delay=0.1) as provider:
        yield provider


@pytest.fixture
async def server(tmp_path: Path, provider: FakeProvider) -> AsyncIterator[ServerProcess]:
    """`parley serve` with one character."""
    url = f"sqlite:///{tmp_path}/parley.db"
    db = await open_database(url, SystemClock())
    await Cards(db, SystemClock(), CatalogueVersion()).put(read_card(card_of("Kira")))
    await db.close()
    environment = {
        "PARLEY_BOT_TOKEN": BOT_TOKEN,
        "PARLEY_DATABASE_URL": url,
        "PARLEY_LLM_BASE_URL": provider.base_url,
        "PARLEY_LLM_MODEL": "fake-model",
    }
    process = ServerProcess(environment, tmp_path / "log")
    await process.start()
    try:
        yield process
    finally:
        process.kill()


async def test_sigterm_finishes_the_running_reply_tells_sockets_and_exits_well(
    server: ServerProcess, tmp_path: Path
) -> None:
    signed = init_data_py.sign(
        UnsignedInitData(user=User(id=7, first_name="Anya"), query_id="q"),
        BOT_TOKEN,
        auth_date=SystemClock().now().timestamp(),
    )
    async with aiohttp.ClientSession() as session:
        anya = Someone(session, server.base_url, signed)
        kira = (await anya.get("/api/characters")).json["characters"][0]["id"]
        async with anya.socket(kira) as phone:
            turn = asyncio.create_task(anya.says(kira, "Tell me a story"))
            await phone.until("message.delta")
            async with asyncio.timeout(WITHIN):
                ended = asyncio.create_task(server.stop())
                assert await phone.closed() == 1012
                answer = await turn
                assert await ended == 0
        assert (answer.status, answer.json["assistant_message"]["message_text"]) == (200, STORY)
        await server.start()
        anya = Someone(session, server.base_url, signed)
        assert await texts(anya, kira) == ["Tell me a story", STORY]
        assert await used(anya) == 1
        async with anya.socket(kira, after=1) as phone:
            assert [(await phone.next())["seq"] for _ in range(2)] == [2, 3]
        assert await server.stop() == 0
    said = (tmp_path / "log").read_text()
    assert "hash=" not in said
    assert "Tell me a story" not in said
    assert "Traceback" not in said


async def test_sigterm_ends_an_idle_process_at_once(server: ServerProcess) -> None:
    async with asyncio.timeout(WITHIN):
        assert await server.stop() == 0


# --- the same from inside


async def test_a_reply_that_outlasts_the_drain_is_kept_as_far_as_it_came(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_say("So far", " and never more", wait=asyncio.Event())
    async with under_way(sqlite_app, anya.says(kira, "Hi")) as turn:
        await sqlite_app.parley.services.turns.drain(0.01)
        reply = (await asyncio.wait_for(turn, LONG_ENOUGH)).json["assistant_message"]
    assert (reply["message_text"], reply["is_partial"]) == ("So far", True)
    assert await used(anya) == 1


async def test_a_turn_without_any_text_at_the_end_of_the_drain_costs_nothing(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_say("", "never", wait=asyncio.Event())
    async with under_way(sqlite_app, anya.says(kira, "Hi")) as turn:
        await sqlite_app.parley.services.turns.drain(0.01)
        answer = await asyncio.wait_for(turn, LONG_ENOUGH)
    assert (answer.status, answer.json["error"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)


async def test_new_and_waiting_messages_are_sent_away_and_may_come_again_under_the_same_key(
    app: AppUnderTest,
) -> None:
    kira, anya, end, key = await app.character(), app.person(), asyncio.Event(), {"Idempotency-Key": "k1"}
    app.model.will_say("In", " time", wait=end)
    async with under_way(app, anya.says(kira, "Running")) as turn:
        waiting = asyncio.create_task(anya.says(kira, "Waiting", key))
        await lined_up(app, 2)
        draining = asyncio.create_task(app.parley.drain())
        await asyncio.sleep(0)
        refused = await anya.says(kira, "New")
        end.set()
        await draining
        assert (await turn).json["assistant_message"]["message_text"] == "In time"
        assert (refused.status, (await waiting).status) == (503, 503)
    assert (await texts(anya, kira), await used(anya)) == (["Running", "In time"], 1)
    async with AppUnderTest.running(app.parley.world.db, rate_limits="off") as next_one:
        assert (await next_one.person().says(kira, "Waiting", key)).status == 200
