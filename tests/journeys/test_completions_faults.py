"""Everything that can be wrong with a provider, as a service sees it; and clients that go away."""

import asyncio
import json
from collections.abc import AsyncIterator

import openai
import pytest

from parley.adapters.db import OpenDatabase
from support.app import AppUnderTest
from support.fake_provider import DEFAULT_REPLY, FakeProvider, Fault
from support.services import HI, KEY, PATIENT, SHORT, Service, official, passing_to
from support.turns import LONG_ENOUGH, eventually

SILENT = {Fault.HANG, Fault.STALL}
NO_INSIDE = ("sk-secret", "127.0.0.1", "provider text", "Traceback", "fake-model")
"""What no error may tell."""


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider


STATUSES = [
    (Fault.DISCONNECT, 503, "provider_unavailable"),
    (Fault.RATE_LIMIT, 429, "rate_limit_exceeded"),
    (Fault.SERVER_ERROR, 502, "provider_failed"),
    (Fault.UNAVAILABLE, 502, "provider_failed"),
    (Fault.UNAUTHORIZED, 502, "provider_refused"),
    (Fault.NOT_FOUND, 502, "provider_refused"),
    (Fault.BAD_REQUEST, 400, "context_length_exceeded"),
    (Fault.REDIRECT, 502, "provider_failed"),
    (Fault.HTML, 502, "provider_failed"),
    (Fault.ERROR_DOCUMENT, 429, "rate_limit_exceeded"),
    (Fault.HANG, 502, "provider_failed"),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("fault", "status", "code"), STATUSES)
async def test_a_fault_has_its_status_and_tells_nothing_of_the_inside(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault, status: int, code: str, stream: bool
) -> None:
    provider.will(*[fault] * 5)
    async with passing_to(sqlite_db, provider, timeouts=SHORT if fault in SILENT else PATIENT) as app:
        answer = await Service(app).chat(stream=stream)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) == (status in {429, 503})
    assert not any(inside in answer.text + str(answer.headers) for inside in NO_INSIDE)
    assert provider.exchanges[0].headers["authorization"] == "Bearer sk-secret-key"


async def test_a_refusal_that_does_not_end_is_read_no_further_than_patience_goes(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    provider.will(*[Fault.ENDLESS_REFUSAL] * 5)
    async with passing_to(sqlite_db, provider, timeouts=SHORT) as app:
        assert [(await Service(app).chat(stream=stream)).status for stream in (False, True)] == [502, 502]


async def test_the_wait_a_provider_asks_for_is_passed_on(sqlite_db: OpenDatabase, provider: FakeProvider) -> None:
    provider.will(Fault.RATE_LIMIT)
    provider.retry_after = {"Retry_After": "77"}
    async with passing_to(sqlite_db, provider) as app:
        answer = await Service(app).chat()
    assert (answer.status, answer.headers["Retry-After"]) == (429, "77")


async def test_a_passing_fault_is_not_seen(sqlite_db: OpenDatabase, provider: FakeProvider) -> None:
    provider.will(Fault.SERVER_ERROR, Fault.DISCONNECT)
    async with passing_to(sqlite_db, provider) as app:
        assert (await Service(app).chat()).json["choices"][0]["message"]["content"] == DEFAULT_REPLY


async def test_another_provider_answers_where_the_first_does_not(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    async with FakeProvider("From the second.") as second, passing_to(sqlite_db, provider, second) as app:
        provider.will(Fault.UNAUTHORIZED, Fault.UNAUTHORIZED)
        for stream in (False, True):
            assert "second" in (await Service(app).chat(stream=stream)).text


async def test_nobody_at_the_providers_address_is_503_and_soon_without_asking(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    async with passing_to(sqlite_db, provider) as app:
        await provider.pause()
        answers = [await Service(app).chat() for _ in range(3)]
    for answer in answers:
        assert (answer.status, answer.json["error"]["code"]) == (503, "provider_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1


# --- after the first piece ---------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.ERROR_IN_STREAM, Fault.CUT, Fault.NO_FINISH, Fault.BROKEN_JSON, Fault.STALL])
async def test_a_stream_that_breaks_off_ends_with_an_error(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault
) -> None:
    provider.will(fault)
    async with passing_to(sqlite_db, provider, timeouts=SHORT if fault in SILENT else PATIENT) as app:
        answer = await Service(app).chat(stream=True)
    assert answer.status == 200
    *chunks, last = answer.events
    assert "".join(each["choices"][0]["delta"].get("content", "") for each in chunks).startswith("Привет!")
    assert last["error"]["code"] == "provider_failed"
    assert "[DONE]" not in answer.text
    assert "sk-secret" not in answer.text


async def test_the_official_client_raises_what_a_stream_ends_with(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    provider.will(Fault.CUT)
    async with passing_to(sqlite_db, provider) as app, official(app) as client:
        stream = await client.chat.completions.create(
            model="default", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        with pytest.raises(openai.APIError, match="failed to answer"):
            async for _ in stream:
                pass


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ODD,
        Fault.DOCUMENT,
        Fault.SPLIT_UTF8,
        Fault.BYTE_AT_A_TIME,
        Fault.NO_DONE,
        Fault.GZIP,
        Fault.STALL_AFTER_FINISH,
        Fault.OPEN_AFTER_DONE,
        Fault.EMPTY,
    ],
)
async def test_what_is_odd_but_whole_is_made_regular(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault
) -> None:
    provider.will(fault)
    async with passing_to(sqlite_db, provider) as app:
        text = (await Service(app).chat(stream=True)).text
    *chunks, done = [each.removeprefix("data: ") for each in text.split("\n\n")[:-1]]
    told = [json.loads(each)["choices"][0] for each in chunks]
    assert done == "[DONE]"
    assert (told[0]["delta"], told[-1]["delta"]) == ({"role": "assistant", "content": ""}, {})
    assert [each["finish_reason"] for each in told] == [None] * (len(told) - 1) + ["stop"]
    said = "".join(each["delta"].get("content") or "" for each in told)
    assert said == ("" if fault is Fault.EMPTY else DEFAULT_REPLY)


# --- the official client's errors --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.BAD_REQUEST, openai.BadRequestError),
        (Fault.RATE_LIMIT, openai.RateLimitError),
        (Fault.SERVER_ERROR, openai.InternalServerError),
    ],
)
async def test_the_official_client_knows_each_error(
    sqlite_db: OpenDatabase, provider: FakeProvider, fault: Fault, error: type[openai.APIStatusError]
) -> None:
    provider.will(*[fault] * 5)
    async with passing_to(sqlite_db, provider) as app, official(app) as client:
        with pytest.raises(error) as raised:
            await client.chat.completions.create(model="default", messages=[{"role": "user", "content": "Hi"}])
    assert raised.value.request_id
    assert raised.value.type


async def test_the_official_client_tries_again_what_may_pass_and_not_what_cannot(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    async with passing_to(sqlite_db, provider) as app, official(app, retries=1) as client:
        provider.retry_after = {"retry_after_ms": "1"}
        provider.will(*[Fault.RATE_LIMIT] * 3)
        answer = await client.chat.completions.create(model="default", messages=[{"role": "user", "content": "Hi"}])
        assert answer.choices[0].message.content == DEFAULT_REPLY
        provider.will(Fault.UNAUTHORIZED, Fault.UNAUTHORIZED)
        asked = len(provider.exchanges)
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(model="default", messages=[{"role": "user", "content": "Hi"}])
        assert len(provider.exchanges) == asked + 1


# --- clients that go away ----------------------------------------------------------------------------


async def test_a_client_that_stops_listening_ends_the_call(sqlite_db: OpenDatabase, provider: FakeProvider) -> None:
    provider.will(Fault.STALL)
    async with passing_to(sqlite_db, provider) as app, official(app) as client:
        stream = await client.chat.completions.create(
            model="default", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
        await asyncio.wait_for(provider.exchanges[0].gone.wait(), LONG_ENOUGH)
    assert provider.exchanges[0].tokens_sent == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_before_anything_came_ends_the_call(
    sqlite_db: OpenDatabase, provider: FakeProvider, stream: bool
) -> None:
    provider.will(Fault.HANG)
    async with passing_to(sqlite_db, provider) as app:
        asking = asyncio.create_task(Service(app).chat(stream=stream))
        await provider.asked.wait()
        asking.cancel()
        await asyncio.wait_for(provider.exchanges[0].gone.wait(), LONG_ENOUGH)
        assert (await Service(app).chat()).status == 200
    assert len(provider.exchanges) == 2


async def test_a_client_that_hangs_up_without_a_word_ends_the_call(
    sqlite_db: OpenDatabase, provider: FakeProvider
) -> None:
    provider.will(Fault.HANG)
    body = json.dumps({"model": "default", "messages": HI}).encode()
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: x", f"Authorization: Bearer {KEY}"]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode()
    async with passing_to(sqlite_db, provider) as app:
        _, writer = await asyncio.open_connection("127.0.0.1", int(app.base_url.rpartition(":")[2]))
        writer.write(head + body)
        await provider.asked.wait()
        writer.transport.abort()
        await asyncio.wait_for(provider.exchanges[0].gone.wait(), LONG_ENOUGH)


async def test_what_a_gone_client_was_told_is_counted(sqlite_db: OpenDatabase, provider: FakeProvider) -> None:
    provider.will(Fault.STALL)
    async with passing_to(sqlite_db, provider) as app:
        async with app.session.post(
            f"{app.base_url}/v1/chat/completions",
            json={"model": "default", "messages": HI, "stream": True},
            headers={"Authorization": f"Bearer {KEY}"},
        ) as response:
            await response.content.readany()
        await asyncio.wait_for(provider.exchanges[0].gone.wait(), LONG_ENOUGH)
        await counted(app)


async def counted(app: AppUnderTest) -> None:
    """Wait until the tokens of a key of the settings stand in the database."""

    async def is_counted() -> bool:
        return any(each.use.completion_tokens for each in await app.parley.keys.listing())

    await eventually(is_counted)
