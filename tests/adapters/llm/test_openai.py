import asyncio
import socket
from collections.abc import Callable
from contextlib import aclosing

import aiohttp
import pytest

from parley.adapters.llm.endpoint import provider_session
from parley.adapters.llm.openai import OpenAiModel, Provider
from parley.adapters.llm.reply import MAX_TEXT
from parley.kernel.ports import Finish, ModelFailed, ModelTraits, Prompt, PromptMessage, TextPart
from support.fake_provider import DEFAULT_REPLY, FakeProvider, Fault
from support.virtual_clock import VirtualClock

MakeModel = Callable[..., OpenAiModel]
PROMPT = Prompt((PromptMessage("user", "Hi"),))
SOON = 0.05
"""Seconds of patience in tests that run out of it."""


async def asked(model: OpenAiModel, prompt: Prompt = PROMPT) -> tuple[str, Finish]:
    text, finish = "", None
    async with aclosing(model.stream(prompt)) as parts:
        async for part in parts:
            assert finish is None, "the Finish is the last part"
            if isinstance(part, TextPart):
                assert part.text
                text += part.text
            else:
                finish = part
    assert finish is not None
    return text, finish


async def failed(model: OpenAiModel) -> tuple[ModelFailed, str]:
    text = ""
    try:
        async with aclosing(model.stream(PROMPT)) as parts:
            async for part in parts:
                text += part.text if isinstance(part, TextPart) else ""
    except ModelFailed as failure:
        return failure, text
    pytest.fail("the reply was whole")


async def test_a_reply_comes_in_pieces_and_ends_with_its_counts(provider: FakeProvider, make_model: MakeModel) -> None:
    assert await asked(make_model()) == (DEFAULT_REPLY, Finish("stop", "fake-model", 7, 13))
    told = provider.exchanges[0]
    assert told.path == "/v1/chat/completions"
    assert told.headers["authorization"] == "Bearer sk-secret-key"
    assert told.body["messages"] == [{"role": "user", "content": "Hi"}]
    assert "cookie" not in told.headers


async def test_pieces_are_passed_on_before_the_reply_is_whole(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.STALL)
    async with aclosing(make_model().stream(PROMPT)) as parts:
        assert await anext(parts) == TextPart("Привет!")


async def test_calls_one_after_the_other_share_a_connection(provider: FakeProvider, make_model: MakeModel) -> None:
    model = make_model()
    for _ in range(3):
        await asked(model)
    assert provider.connections == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DOCUMENT,
        Fault.NO_DONE,
        Fault.NO_USAGE,
        Fault.ODD,
        Fault.SPLIT_UTF8,
        Fault.BYTE_AT_A_TIME,
        Fault.GZIP,
        Fault.STALL_AFTER_FINISH,
        Fault.OPEN_AFTER_DONE,
    ],
)
async def test_odd_but_whole_answers_are_understood(
    provider: FakeProvider, make_model: MakeModel, fault: Fault
) -> None:
    provider.will(fault)
    text, finish = await asked(make_model(tail=SOON, closing=SOON))
    assert text == DEFAULT_REPLY
    assert finish.reason == "stop"


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        (Fault.DISCONNECT, "connect", None),
        (Fault.HANG, "timeout", None),
        (Fault.RATE_LIMIT, "rate", 429),
        (Fault.SERVER_ERROR, "server", 500),
        (Fault.UNAVAILABLE, "server", 503),
        (Fault.UNAUTHORIZED, "auth", 401),
        (Fault.NOT_FOUND, "not_found", 404),
        (Fault.BAD_REQUEST, "bad_request", 400),
        (Fault.REDIRECT, "protocol", 307),
        (Fault.HTML, "protocol", 200),
        (Fault.ERROR_DOCUMENT, "rate", None),
        (Fault.ERROR_FIRST, "rate", None),
        (Fault.CUT_BEFORE_TEXT, "cut", None),
    ],
)
async def test_a_fault_before_any_text_has_its_kind(
    provider: FakeProvider, make_model: MakeModel, fault: Fault, kind: str, status: int | None
) -> None:
    provider.will(fault, fault)
    failure, text = await failed(make_model(first_text=SOON if fault is Fault.HANG else 5))
    assert (failure.kind, failure.status, text) == (kind, status, "")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.ERROR_IN_STREAM, "server"),
        (Fault.CUT, "cut"),
        (Fault.NO_FINISH, "cut"),
        (Fault.BROKEN_JSON, "protocol"),
        (Fault.HUGE_LINE, "protocol"),
        (Fault.STALL, "timeout"),
    ],
)
async def test_a_fault_after_some_text_has_its_kind(
    provider: FakeProvider, make_model: MakeModel, fault: Fault, kind: str
) -> None:
    provider.will(fault)
    failure, text = await failed(make_model(between_chunks=SOON if fault is Fault.STALL else 5))
    assert failure.kind == kind
    assert text.startswith("Привет! I")


@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.FILTERED])
async def test_a_reply_without_text_is_just_its_end(
    provider: FakeProvider, make_model: MakeModel, fault: Fault
) -> None:
    provider.will(fault)
    text, finish = await asked(make_model())
    assert text == ""
    assert finish.reason == ("stop" if fault is Fault.EMPTY else "content_filter")


async def test_text_that_never_comes_is_waited_for_only_so_long(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.delay = SOON
    provider.will_say("")
    provider.will(Fault.STALL)
    failure, _ = await failed(make_model(first_text=SOON))
    assert failure.kind == "timeout"


async def test_nobody_at_the_address_is_a_failure_to_connect(make_model: MakeModel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    failure, _ = await failed(make_model(f"http://127.0.0.1:{port}/v1"))
    assert failure.kind == "connect"


async def test_an_address_that_does_not_accept_is_given_up_soon(make_model: MakeModel) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        failure, _ = await failed(make_model(f"http://127.0.0.1:{address[1]}/v1", connect=SOON))
        for client in waiting:
            client.close()
    assert failure.kind == "connect"


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/v1", "http://[", "nowhere"])
async def test_an_address_that_is_none_is_a_failure_too(make_model: MakeModel, address: str) -> None:
    with pytest.raises((ModelFailed, ValueError)):
        await asked(make_model(address))


async def test_the_wait_a_provider_asks_for_is_passed_on(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.RATE_LIMIT, Fault.RATE_LIMIT)
    provider.retry_after = {"Retry_After": "Mon, 05 Jan 2026 12:00:30 GMT"}
    assert (await failed(make_model()))[0].retry_after == 30
    provider.retry_after = {"retry_after_ms": "250"}
    assert (await failed(make_model()))[0].retry_after == 0.25


async def test_closing_the_stream_ends_the_call_at_once(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.STALL)
    parts = make_model().stream(PROMPT)
    await anext(parts)
    await parts.aclose()
    exchange = provider.exchanges[0]
    await asyncio.wait_for(exchange.gone.wait(), 5)
    assert exchange.tokens_sent == 2


async def test_a_cancelled_wait_for_headers_ends_the_call_at_once(
    provider: FakeProvider, make_model: MakeModel
) -> None:
    provider.will(Fault.HANG)
    waiting = asyncio.ensure_future(asked(make_model()))
    await provider.asked.wait()
    waiting.cancel()
    await asyncio.wait_for(provider.exchanges[0].gone.wait(), 5)


async def test_a_reply_over_its_bound_ends_the_call(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will_say("word " * MAX_TEXT)
    text, finish = await asked(make_model())
    assert (len(text), finish.reason) == (MAX_TEXT, "length")


async def test_a_provider_that_refuses_stream_options_is_not_sent_them_again(
    provider: FakeProvider, make_model: MakeModel
) -> None:
    provider.refuses = {"stream_options"}
    model = make_model()
    for _ in range(2):
        assert await asked(model) == (DEFAULT_REPLY, Finish("stop", "fake-model"))
    assert ["stream_options" in exchange.body for exchange in provider.exchanges] == [True, False, False]


async def test_a_refusal_that_rewording_does_not_cure_teaches_nothing(
    provider: FakeProvider, make_model: MakeModel
) -> None:
    provider.will(Fault.BAD_REQUEST, Fault.BAD_REQUEST)
    model = make_model()
    assert (await failed(model))[0].kind == "bad_request"
    await asked(model)
    assert "stream_options" in provider.exchanges[-1].body


@pytest.mark.parametrize("refused", [{"messages"}, {"stream_options", "temperature", "messages"}])
async def test_a_provider_that_refuses_everything_is_asked_a_few_times_only(
    provider: FakeProvider, make_model: MakeModel, refused: set[str]
) -> None:
    provider.refuses = refused
    with pytest.raises(ModelFailed, match="bad_request"):
        await asked(make_model(), Prompt(PROMPT.messages, temperature=1))
    assert len(provider.exchanges) <= 3


async def test_a_refusal_that_does_not_end_is_read_no_further_than_patience_goes(
    provider: FakeProvider, make_model: MakeModel
) -> None:
    provider.will(Fault.ENDLESS_REFUSAL, Fault.ENDLESS_REFUSAL)
    assert (await failed(make_model(first_text=SOON)))[0].kind in {"bad_request", "timeout"}


async def test_a_base_url_keeps_its_path_and_query(provider: FakeProvider, session: aiohttp.ClientSession) -> None:
    url = provider.base_url.replace("/v1", "/openai/deployments/x/?api-version=1")
    model = OpenAiModel(Provider(url, ModelTraits("m", 1, 1)), session, VirtualClock())
    await asked(model)
    assert provider.exchanges[0].path == "/openai/deployments/x/chat/completions"
    assert "authorization" not in provider.exchanges[0].headers


async def test_neither_key_nor_provider_text_is_shown(provider: FakeProvider, make_model: MakeModel) -> None:
    assert "sk-secret" not in repr(Provider("http://x/v1", ModelTraits("m", 1, 1), "sk-secret-key"))
    for fault in (Fault.UNAUTHORIZED, Fault.ERROR_IN_STREAM, Fault.ERROR_DOCUMENT):
        provider.will(fault)
        failure, _ = await failed(make_model())
        assert "sk-secret" not in f"{failure!r} {failure} {failure.__cause__!r}"


async def test_the_session_of_providers_keeps_no_cookies_and_asks_no_proxy() -> None:
    async with provider_session() as session:
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
        assert not session.trust_env
