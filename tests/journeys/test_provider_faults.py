"""Everything that can be wrong with a provider, through the real client: what the person sees, and what it costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.adapters.llm.breaker import FAILURES_TO_OPEN
from parley.adapters.llm.build import ProviderSettings, connect_model
from parley.adapters.llm.endpoint import Timeouts, provider_session
from parley.adapters.llm.observer import SilentObserver
from parley.adapters.llm.tries import Budget
from support.app import AppUnderTest
from support.fake_provider import FakeProvider, Fault
from support.turns import LONG_ENOUGH, eventually, kinds, texts, used
from support.virtual_clock import SettledChance

SHORT = Timeouts(first_text=0.5, between_chunks=0.5)
"""For providers that fall silent."""
PATIENT = Timeouts(tail=0.2, closing=0.1)
"""For all others, so that a slow machine is not taken for a fault."""
STORY = "Once upon a time there was a fox."
KEY = {"Idempotency-Key": "k1"}


class HastyClock(SystemClock):
    """Pauses between two tries take no time."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.001))


@asynccontextmanager
async def answered_by(
    db: OpenDatabase, *providers: FakeProvider, models: tuple[str, ...] = ("fake-model",), timeouts: Timeouts = PATIENT
) -> AsyncIterator[AppUnderTest]:
    """The application with these providers, the first as the primary."""
    settings = [
        ProviderSettings(provider.base_url, "sk-secret-key", model)
        for provider, model in zip(providers, models, strict=True)
    ]
    budget = Budget(first_text=timeouts.first_text, total=60.0)
    async with provider_session() as session:
        connected = connect_model(settings, session, HastyClock(), SettledChance(), SilentObserver(), timeouts, budget)
        async with AppUnderTest.running(db, model=connected.model, rate_limits="off") as app:
            yield app


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    """One provider."""
    async with FakeProvider(STORY) as provider:
        yield provider


def timeouts_for(fault: Fault) -> Timeouts:
    """Short ones where waiting for them is the test."""
    return SHORT if fault in {Fault.HANG, Fault.ENDLESS_REFUSAL, Fault.STALL} else PATIENT


BEFORE_TEXT = [
    Fault.HANG,
    Fault.DISCONNECT,
    Fault.RATE_LIMIT,
    Fault.SERVER_ERROR,
    Fault.UNAVAILABLE,
    Fault.UNAUTHORIZED,
    Fault.NOT_FOUND,
    Fault.BAD_REQUEST,
    Fault.ENDLESS_REFUSAL,
    Fault.REDIRECT,
    Fault.HTML,
    Fault.ERROR_DOCUMENT,
    Fault.EMPTY,
    Fault.FILTERED,
    Fault.ERROR_FIRST,
    Fault.CUT_BEFORE_TEXT,
]


@pytest.mark.parametrize("fault", BEFORE_TEXT)
async def test_a_failure_before_any_text_costs_nothing_and_can_be_mended_by_the_same_key(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault
) -> None:
    provider.will(*[fault] * 20)
    async with answered_by(sqlite_db, provider, timeouts=timeouts_for(fault)) as app:
        kira, anya = await app.character(), app.person()
        async with anya.socket(kira) as phone:
            answer = await anya.says(kira, "Hi", KEY)
            frames = await phone.until("error")
        assert (answer.status, answer.json["error"]) == (502, "llm_error")
        assert answer.json["message"] == "Персонаж сейчас не может ответить, попробуйте ещё раз"
        assert kinds(frames) == ["message.new", "message.typing", "message.typing", "error"]
        assert (frames[2]["data"]["is_typing"], frames[3]["data"]["code"]) == (False, "llm_error")
        assert "sk-secret-key" not in answer.text
        assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)
        provider.recovers()
        mended = await anya.says(kira, "Hi", KEY)
        assert (mended.status, mended.json["assistant_message"]["message_text"]) == (200, STORY)
        assert (await texts(anya, kira), await used(anya)) == (["Hi", STORY], 1)


async def test_a_provider_that_is_not_there_is_a_failure_like_any_other(
    db: OpenDatabase, provider: FakeProvider
) -> None:
    async with answered_by(db, provider) as app:
        kira, anya = await app.character(), app.person()
        await provider.pause()
        assert (await anya.says(kira, "Hi")).status == 502
        assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)
        await provider.resume()
        mended = await anya.post(f"/api/chats/{kira}/regenerate")
        assert (mended.status, mended.json["message"]["message_text"]) == (200, STORY)


async def test_an_asked_for_pause_longer_than_a_person_waits_is_not_waited_for(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    provider.retry_after = {"Retry_After": "120"}
    provider.will(*[Fault.RATE_LIMIT] * 20)
    async with answered_by(sqlite_db, provider) as app:
        kira, anya = await app.character(), app.person()
        assert (await anya.says(kira, "Hi")).status == 502
    assert len(provider.exchanges) == 1


async def test_a_passing_fault_is_not_even_noticed(sqlite_db: OpenDatabase, provider: FakeProvider) -> None:
    provider.will(Fault.RATE_LIMIT, Fault.SERVER_ERROR)
    async with answered_by(sqlite_db, provider) as app:
        kira, anya = await app.character(), app.person()
        assert (await anya.says(kira, "Hi")).status == 200
        assert await used(anya) == 1
    assert len(provider.exchanges) == 3


AFTER_TEXT = [
    Fault.CUT,
    Fault.STALL,
    Fault.ERROR_IN_STREAM,
    Fault.BROKEN_JSON,
    Fault.HUGE_LINE,
]


@pytest.mark.parametrize("fault", AFTER_TEXT)
async def test_a_reply_that_breaks_off_is_continued_once(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault
) -> None:
    provider.will(fault)
    provider.will_say(STORY, " a time.")
    async with answered_by(sqlite_db, provider, timeouts=timeouts_for(fault)) as app:
        kira, anya = await app.character(), app.person()
        async with anya.socket(kira) as phone:
            answer = await anya.says(kira, "Hi")
            frames = await phone.until("message.complete")
        reply = answer.json["assistant_message"]
        assert reply["message_text"] == "Once upon a time."
        assert "is_partial" not in reply
        assert "".join(each["data"]["text"] for each in frames if each["event"] == "message.delta") == (
            "Once upon a time."
        )
        assert await used(anya) == 1
    first, second = (exchange.body["messages"] for exchange in provider.exchanges)
    assert second[: len(first)] == first
    assert second[len(first)] == {"role": "assistant", "content": "Once upon"}
    assert [each["role"] for each in second[len(first) + 1 :]] in ([], ["user"])
    # The provider counted the continuation alone; what came before it counts too.
    assert reply["tokens_used"] > len(["a", "time."])


@pytest.mark.parametrize("fault", AFTER_TEXT)
async def test_a_reply_whose_continuation_fails_too_is_kept_as_partial(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault
) -> None:
    provider.will(fault, *[Fault.SERVER_ERROR] * 20)
    async with answered_by(sqlite_db, provider, timeouts=timeouts_for(fault)) as app:
        kira, anya = await app.character(), app.person()
        answer = await anya.says(kira, "Hi", KEY)
        reply = answer.json["assistant_message"]
        assert (answer.status, reply["message_text"], reply["is_partial"]) == (200, "Once upon", True)
        assert reply["tokens_used"] > 0
        assert ((await anya.history(kira))[-1]["is_partial"], await used(anya)) == (True, 1)
        provider.recovers()
        assert (await anya.says(kira, "Hi", KEY)).json == answer.json
        assert (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]["message_text"] == STORY


async def test_a_continuation_that_breaks_off_as_well_keeps_what_it_added(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    provider.will(Fault.CUT, Fault.CUT)
    provider.will_say(STORY, " a time there was", "never asked for")
    async with answered_by(sqlite_db, provider) as app:
        kira, anya = await app.character(), app.person()
        reply = (await anya.says(kira, "Hi")).json["assistant_message"]
    assert (reply["message_text"].startswith("Once upon"), reply["is_partial"]) == (True, True)
    assert len(reply["message_text"]) > len("Once upon")
    assert len(provider.exchanges) == 2


HARMLESS = [
    Fault.NO_DONE,
    Fault.NO_USAGE,
    Fault.SPLIT_UTF8,
    Fault.BYTE_AT_A_TIME,
    Fault.GZIP,
    Fault.ODD,
    Fault.DOCUMENT,
    Fault.STALL_AFTER_FINISH,
    Fault.OPEN_AFTER_DONE,
]


@pytest.mark.parametrize("fault", HARMLESS)
async def test_what_is_only_unusual_is_understood(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault
) -> None:
    text = "Жила-была лиса 🦊, и звали её Алиса."
    provider.will(fault)
    provider.will_say(text)
    async with answered_by(sqlite_db, provider) as app:
        kira, anya = await app.character(), app.person()
        answer = await anya.says(kira, "Hi")
        reply = answer.json["assistant_message"]
        assert (answer.status, reply["message_text"]) == (200, text)
        assert "is_partial" not in reply
        assert await used(anya) == 1
        counted_by_us = fault in {Fault.NO_USAGE, Fault.STALL_AFTER_FINISH}
        assert reply["tokens_used"] > 0
        assert counted_by_us or reply["tokens_used"] == len(text.split())
        assert reply["model_used"].startswith("fake-model")
    assert len(provider.exchanges) == 1


async def test_fallbacks_are_asked_in_their_order(sqlite_db: OpenDatabase) -> None:
    async with FakeProvider("first") as first, FakeProvider("second") as second, FakeProvider("third") as third:
        models = ("fault/unauthorized", "second-model", "third-model")
        async with answered_by(sqlite_db, first, second, third, models=models) as app:
            kira, anya = await app.character(), app.person()
            reply = (await anya.says(kira, "Hi")).json["assistant_message"]
            assert (reply["message_text"], reply["model_used"]) == ("second", "second-model")
            await second.pause()
            reply = (await anya.says(kira, "Hi")).json["assistant_message"]
            assert (reply["message_text"], reply["model_used"]) == ("third", "third-model")
            assert await used(anya) == 2


async def test_a_provider_that_keeps_failing_is_left_alone_for_a_while(sqlite_db: OpenDatabase) -> None:
    async with (
        FakeProvider() as broken,
        FakeProvider("spare") as spare,
        answered_by(sqlite_db, broken, spare, models=("fault/server-error", "spare")) as app,
    ):
        kira, anya = await app.character(), app.person()
        for _ in range(6):
            reply = (await anya.says(kira, "Hi")).json["assistant_message"]
            assert reply["message_text"] == "spare"
        assert len(broken.exchanges) == FAILURES_TO_OPEN
        assert await used(anya) == 6


async def test_with_every_breaker_open_a_turn_fails_at_once_and_costs_nothing(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    provider.will(*[Fault.SERVER_ERROR] * 20)
    async with answered_by(sqlite_db, provider) as app:
        kira, anya = await app.character(), app.person()
        for _ in range(4):
            assert (await anya.says(kira, "Hi")).status == 502
        assert await used(anya) == 0
    assert len(provider.exchanges) == FAILURES_TO_OPEN


async def test_a_stop_ends_the_providers_call(sqlite_db: OpenDatabase, provider: FakeProvider) -> None:
    provider.will(Fault.STALL)
    async with answered_by(sqlite_db, provider) as app:
        kira, anya = await app.character(), app.person()
        async with anya.socket(kira) as phone:
            await phone.send("send_message", message="Hi")
            await phone.until("message.delta")
            await phone.send("stop")
            await phone.until("message.complete")
        await asyncio.wait_for(provider.exchanges[0].gone.wait(), LONG_ENOUGH)
        assert (await texts(anya, kira))[-1] == "Once upon"


async def test_a_client_that_goes_away_does_not_end_the_providers_call(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    provider.delay = 0.02
    async with answered_by(sqlite_db, provider) as app:
        kira, anya = await app.character(), app.person()
        request = asyncio.create_task(anya.says(kira, "Hi"))
        await asyncio.wait_for(provider.asked.wait(), LONG_ENOUGH)
        request.cancel()

        async def is_stored() -> bool:
            return await texts(anya, kira) == ["Hi", STORY]

        await eventually(is_stored)
    assert not provider.exchanges[0].gone.is_set()
