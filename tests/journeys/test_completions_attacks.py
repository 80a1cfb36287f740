"""What no honest service sends to the OpenAI-compatible API (reference A4): refused, and the next one is served."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest

from parley.adapters.db import OpenDatabase
from support.app import AppUnderTest
from support.fake_provider import FakeProvider, Fault
from support.process import serving
from support.raw_http import exchange, request
from support.services import HI, KEY, Service, official, passing_to
from support.storm.storm import settings

CHAT = "/v1/chat/completions"
MOST = 4 * 1024 * 1024
BEARER = f"Authorization: Bearer {KEY}"


@dataclass(frozen=True, slots=True)
class Besieged:
    """The application, and the only provider it may ever call."""

    app: AppUnderTest
    provider: FakeProvider

    async def still_serves(self) -> None:
        """The next honest request is answered."""
        assert (await Service(self.app).chat()).status == 200


@pytest.fixture
async def besieged(sqlite_db: OpenDatabase) -> AsyncIterator[Besieged]:
    async with FakeProvider() as provider, passing_to(sqlite_db, provider) as app:
        yield Besieged(app, provider)


# --- bodies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "status"), [(MOST, 200), (MOST + 1, 413)])
async def test_a_body_may_have_4_mebibytes_and_not_one_byte_more(besieged: Besieged, length: int, status: int) -> None:
    body = json.dumps({"model": "default", "messages": HI}).encode().ljust(length)
    plain = await Service(besieged.app).call("POST", CHAT, body)
    assert plain.status == status
    assert status == 200 or plain.json["error"]["code"] == "request_too_large"
    pieces = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    chunked = request("POST", CHAT, None, BEARER, "Transfer-Encoding: chunked", body=pieces)
    assert (await exchange(besieged.app, chunked)).status == status
    await besieged.still_serves()


async def test_the_official_client_hears_that_a_request_is_too_large(besieged: Besieged) -> None:
    async with official(besieged.app) as client:
        with pytest.raises(openai.APIStatusError) as refused:
            await client.chat.completions.create(model="default", messages=[{"role": "user", "content": "x" * MOST}])
    assert (refused.value.status_code, refused.value.code) == (413, "request_too_large")


async def test_a_body_that_says_it_is_too_large_is_not_even_read(besieged: Besieged) -> None:
    answer = await exchange(besieged.app, request("POST", CHAT, None, BEARER, f"Content-Length: {100 * MOST}"))
    assert answer.status == 413
    answer = await exchange(besieged.app, request("POST", CHAT, None, f"Content-Length: {100 * MOST}"))
    assert answer.status == 401


BODIES = (
    b"",
    bytes(range(256)),
    b'{"model":"default","messages":' + b"[" * 1_000_000,
    b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"x":' + b'{"a":' * 500_000,
    b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"tools":[' + b'{"a":[' * 300_000,
    b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"temperature":NaN}',
    b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"max_tokens":' + b"9" * 4_000_000 + b"}",
    b'{"model":"default","messages":[{"role":"user","content":"\\ud800"}]}',
    b"\xef\xbb\xbf{}",
    b"\x1f\x8b\x08",
)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("path", [CHAT, "/v1/embeddings"])
async def test_bodies_no_client_sends_are_refused(besieged: Besieged, path: str, body: bytes) -> None:
    answer = await Service(besieged.app).call("POST", path, body)
    assert answer.status == 400
    assert set(answer.json["error"]) == {"message", "type", "param", "code"}
    assert besieged.provider.exchanges == []
    await besieged.still_serves()


async def test_fifty_thousand_messages_are_only_many(besieged: Besieged) -> None:
    answer = await Service(besieged.app).chat(messages=HI * 50_000)
    assert answer.status == 200
    assert len(besieged.provider.exchanges[-1].body["messages"]) == 50_000


# --- where a call goes -------------------------------------------------------------------------------

ELSEWHERE = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    "members",
    [
        {"base_url": ELSEWHERE, "api_base": ELSEWHERE, "api_key": "sk-other", "host": "127.0.0.1:9"},
        {"extra_headers": {"Authorization": "Bearer sk-other"}, "headers": {"Host": "other"}},
        {"extra_body": {"model": "other"}, "model ": "other", "Model": "other"},
        {"messages": [{**HI[0], "model": "other", "api_base": ELSEWHERE}]},
        {"litellm_params": {"api_base": ELSEWHERE}, "provider": ELSEWHERE, "custom_host": ELSEWHERE},
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_body_cannot_send_a_call_elsewhere(besieged: Besieged, members: Any, stream: bool) -> None:
    assert (await Service(besieged.app).chat(stream=stream, **members)).status == 200
    (asked,) = besieged.provider.exchanges
    assert asked.body["model"] == "fake-model"
    assert set(asked.body) <= {"model", "stream", "messages", "stream_options"}
    assert asked.headers["authorization"] == "Bearer sk-secret-key"
    assert "sk-other" not in json.dumps(asked.body) + json.dumps(asked.headers)


@pytest.mark.parametrize(
    "model", [ELSEWHERE, "default\r\nX: 1", "../default", "fault/hang", "fake-model", "openai/default"]
)
async def test_a_model_is_no_address(besieged: Besieged, model: str) -> None:
    answer = await Service(besieged.app).chat(model=model)
    assert (answer.status, answer.json["error"]["code"]) == (404, "model_not_found")
    assert besieged.provider.exchanges == []


async def test_headers_of_a_request_reach_no_provider(besieged: Besieged) -> None:
    headers = {
        "X-Fault": "server-error",
        "Cookie": "a=b",
        "X-Portkey-Custom-Host": ELSEWHERE,
        "OpenAI-Organization": "x",
    }
    answer = await Service(besieged.app).call("POST", CHAT, {"model": "default", "messages": HI}, headers)
    assert answer.status == 200
    told = besieged.provider.exchanges[0].headers
    assert not {name.lower() for name in headers} & set(told)


# --- keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        b"Bearer " + b"x" * 100_000,
        b"Bearer ' OR 1=1--",
        b"Bearer \xff\xfe",
        b"Bearer " + KEY.encode() + b"\x00",
        b"Bearer " + KEY.encode()[:-1],
        b"Bearer " + KEY.encode() + b" x",
        b"Bearer\t" + KEY.encode(),
        b"Bearer parley-" + b"0" * 64,
    ],
)
async def test_no_other_header_lets_anybody_in(besieged: Besieged, header: bytes) -> None:
    head = b"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    answer = await exchange(besieged.app, head + b"Authorization: " + header + b"\r\n\r\n")
    assert answer.status in {400, 401}
    await besieged.still_serves()


async def test_a_key_with_a_line_end_adds_no_header(besieged: Besieged) -> None:
    answer = await exchange(besieged.app, request("GET", "/v1/models", None, f"{BEARER}x\r\nX-Injected: 1"))
    assert answer.status == 401
    assert b"injected" not in answer.data.lower()


async def test_the_first_of_two_keys_counts(besieged: Besieged) -> None:
    answer = await exchange(besieged.app, request("GET", "/v1/models", None, "Authorization: Bearer wrong", BEARER))
    assert answer.status == 401


@pytest.mark.parametrize("path", ["/v1/chat/completions/", "//v1//chat//completions", "/chat/completions/"])
async def test_a_slash_more_is_no_way_around(besieged: Besieged, path: str) -> None:
    body = {"model": "default", "messages": HI}
    assert (await Service(besieged.app, None).call("POST", path, body)).status == 401
    assert (await Service(besieged.app).call("POST", path, body)).status == 200


async def test_a_name_from_a_provider_cannot_break_a_stream(besieged: Besieged) -> None:
    besieged.provider.will_say('"}]}\n\ndata: [DONE]\n\n', "<script>alert(1)</script>\u2028")
    for _ in range(2):
        answer = await Service(besieged.app).chat(stream=True)
        assert answer.text.count("data: [DONE]\n") == 1
        assert answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.slow
async def test_neither_key_nor_text_is_in_logs_numbers_or_the_document(tmp_path: Path) -> None:
    mark = "c4n4ry"
    async with FakeProvider(f"{mark}-reply") as provider:
        own = {"PARLEY_API_KEYS": f"{mark}-key", "PARLEY_LLM_API_KEY": f"{mark}-provider", "PARLEY_LOG_LEVEL": "DEBUG"}
        url = f"sqlite:///{tmp_path}/parley.db"
        async with (
            serving({**settings(url, provider.base_url), **own}, tmp_path / "log") as process,
            openai.AsyncOpenAI(base_url=f"{process.base_url}/v1", api_key=f"{mark}-key", max_retries=0) as client,
            aiohttp.ClientSession() as session,
        ):
            messages: Any = [{"role": "user", "content": f"{mark}-said"}]
            answer = await client.chat.completions.create(model="default", messages=messages)
            provider.will(Fault.UNAUTHORIZED, Fault.SERVER_ERROR, Fault.SERVER_ERROR, Fault.SERVER_ERROR)
            for model in ("default", "default", f"{mark}-model"):
                with pytest.raises(openai.APIStatusError):
                    await client.chat.completions.create(model=model, messages=messages)
            texts = [
                await text_of(session, f"{process.base_url}{path}") for path in ("/metrics", "/schema/openapi.json")
            ]
    assert answer.choices[0].message.content == f"{mark}-reply"
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert '"model_failed"' in log
    assert not any(mark in each for each in (log, *texts))


async def text_of(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        return await answer.text()
