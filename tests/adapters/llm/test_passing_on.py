"""Requests that are passed on: the client of one provider, and the router over several."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing

import pytest

from parley.adapters.llm.breaker import FAILURES_TO_OPEN
from parley.adapters.llm.observer import AttemptEnded
from parley.adapters.llm.openai import OpenAiModel
from parley.adapters.llm.router import CompletionRouter, ModelRouter
from parley.kernel.ports import Completion, CompletionRequest, ModelFailed, Prompt, PromptMessage
from support.fake_provider import DEFAULT_REPLY, FakeProvider, Fault
from support.virtual_clock import SettledChance, VirtualClock

MakeModel = Callable[..., OpenAiModel]
REQUEST = CompletionRequest(b'"messages":[{"role":"user","content":"Hi"}],"top_p":0.5', max_tokens=9, temperature=1)
SOON = 0.05


class Seen:
    """Remembers how calls ended."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[int, str]] = []
        self.tokens: list[tuple[int | None, int | None]] = []

    def attempt_started(self, provider: int) -> None:
        pass

    def attempt_ended(self, ended: AttemptEnded) -> None:
        self.outcomes.append((ended.provider, ended.outcome))
        self.tokens.append((ended.prompt_tokens, ended.completion_tokens))


class Routed:
    """Both routers over the same providers."""

    def __init__(self, *models: OpenAiModel) -> None:
        self.clock, self.seen = VirtualClock(), Seen()
        self.chat = ModelRouter(models, self.clock, SettledChance(), self.seen)
        self.completions = CompletionRouter(models, self.chat.tries, self.clock, self.seen)


async def streamed(model: OpenAiModel | CompletionRouter, request: CompletionRequest = REQUEST) -> list[Completion]:
    async with aclosing(model.relay(request)) as pieces:
        return [piece async for piece in pieces]


def text_of(pieces: list[Completion]) -> str:
    said = [json.loads(choice.said) for piece in pieces for choice in piece.choices if choice.said]
    return "".join(each["content"] for each in said)


async def test_a_request_goes_on_as_it_came_under_the_providers_own_name(
    provider: FakeProvider, make_model: MakeModel
) -> None:
    answer = await make_model().complete(REQUEST)
    assert json.loads(answer.choices[0].said)["content"] == DEFAULT_REPLY
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 13
    told = provider.exchanges[0]
    assert told.headers["authorization"] == "Bearer sk-secret-key"
    assert told.body == {
        "model": "fake-model",
        "stream": False,
        "max_tokens": 9,
        "temperature": 1,
        "messages": [{"role": "user", "content": "Hi"}],
        "top_p": 0.5,
    }


async def test_a_stream_comes_in_pieces_and_ends_with_its_counts(provider: FakeProvider, make_model: MakeModel) -> None:
    pieces = await streamed(make_model())
    assert text_of(pieces) == DEFAULT_REPLY
    assert pieces[-1].choices == ()
    assert pieces[-1].usage is not None
    assert provider.exchanges[0].body["stream_options"] == {"include_usage": True}


async def test_calls_one_after_the_other_share_a_connection(provider: FakeProvider, make_model: MakeModel) -> None:
    model = make_model()
    for _ in range(2):
        await model.complete(REQUEST)
        await streamed(model)
    assert provider.connections == 1


@pytest.mark.parametrize(
    ("fault", "kind", "is_too_long"),
    [
        (Fault.DISCONNECT, "connect", False),
        (Fault.RATE_LIMIT, "rate", False),
        (Fault.SERVER_ERROR, "server", False),
        (Fault.UNAUTHORIZED, "auth", False),
        (Fault.NOT_FOUND, "not_found", False),
        (Fault.BAD_REQUEST, "bad_request", True),
        (Fault.REDIRECT, "protocol", False),
        (Fault.HTML, "protocol", False),
        (Fault.ERROR_DOCUMENT, "rate", False),
    ],
)
async def test_a_fault_has_its_kind_streamed_or_not(
    provider: FakeProvider, make_model: MakeModel, fault: Fault, kind: str, is_too_long: bool
) -> None:
    provider.will(*[fault] * 4)
    for ask in (make_model().complete(REQUEST), streamed(make_model())):
        with pytest.raises(ModelFailed) as failed:
            await ask
        assert (failed.value.kind, failed.value.is_too_long) == (kind, is_too_long)
        assert "sk-secret" not in f"{failed.value!r}{failed.value.__cause__!r}"


@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.FILTERED])
async def test_an_answer_without_text_is_passed_on(provider: FakeProvider, make_model: MakeModel, fault: Fault) -> None:
    provider.will(fault)
    pieces = await streamed(make_model())
    assert [choice.finish_reason for choice in pieces[0].choices] == [
        "stop" if fault is Fault.EMPTY else "content_filter"
    ]


async def test_a_provider_that_hangs_is_given_up(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.HANG, Fault.HANG)
    with pytest.raises(ModelFailed, match="timeout"):
        await make_model(whole=SOON).complete(REQUEST)
    with pytest.raises(ModelFailed, match="timeout"):
        await streamed(make_model(first_text=SOON))


async def test_a_cancelled_call_is_ended_at_once(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.HANG)
    waiting = asyncio.ensure_future(make_model().complete(REQUEST))
    await provider.asked.wait()
    waiting.cancel()
    await asyncio.wait_for(provider.exchanges[0].gone.wait(), 5)


async def test_a_stream_that_is_closed_ends_the_call_at_once(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.STALL)
    routed = Routed(make_model())
    pieces = routed.completions.relay(REQUEST)
    await anext(pieces)
    await pieces.aclose()
    await asyncio.wait_for(provider.exchanges[0].gone.wait(), 5)
    assert routed.seen.outcomes == [(0, "stopped")]


async def test_a_provider_is_sent_what_it_understands(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.refuses = {"stream_options"}
    model = make_model()
    pieces = await streamed(model)
    assert (text_of(pieces), pieces[-1].usage) == (DEFAULT_REPLY, None)


async def test_before_the_first_piece_it_is_tried_again_and_elsewhere(
    provider: FakeProvider, make_model: MakeModel
) -> None:
    provider.will(Fault.SERVER_ERROR, Fault.ERROR_FIRST, Fault.CUT_BEFORE_TEXT)
    routed = Routed(make_model(), make_model())
    assert text_of(await streamed(routed.completions)) == DEFAULT_REPLY
    assert routed.seen.outcomes == [(0, "server"), (0, "rate"), (0, "cut"), (1, "ok")]
    assert routed.seen.tokens[-1] == (7, 13)


async def test_after_the_first_piece_it_is_not(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.CUT)
    routed = Routed(make_model())
    with pytest.raises(ModelFailed, match="cut"):
        await streamed(routed.completions)
    assert len(provider.exchanges) == 1


async def test_a_whole_answer_is_tried_again_too(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.SERVER_ERROR, Fault.RATE_LIMIT)
    routed = Routed(make_model())
    answer = await routed.completions.complete(REQUEST)
    assert answer.model == "fake-model"
    assert routed.clock.slept == [0.25, 1.0]


async def test_both_doors_share_one_breaker(provider: FakeProvider, make_model: MakeModel) -> None:
    routed = Routed(make_model())
    provider.will(*[Fault.SERVER_ERROR] * FAILURES_TO_OPEN)
    for _ in range(2):
        with pytest.raises(ModelFailed):
            await routed.completions.complete(REQUEST)
    asked = len(provider.exchanges)
    with pytest.raises(ModelFailed, match="breaker") as failed:
        async with aclosing(routed.chat.stream(Prompt((PromptMessage("user", "Hi"),)))) as parts:
            await anext(parts)
    assert failed.value.retry_after is not None
    assert len(provider.exchanges) == asked
