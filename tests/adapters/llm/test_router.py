import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from parley.adapters.llm.observer import AttemptEnded
from parley.adapters.llm.openai import OpenAiModel
from parley.adapters.llm.router import ModelRouter
from parley.adapters.llm.tries import STANDARD_BUDGET, Budget
from parley.kernel.ports import (
    ChatModel,
    FailureKind,
    Finish,
    ModelFailed,
    ModelTraits,
    Prompt,
    PromptMessage,
    TextPart,
)
from support.fake_provider import DEFAULT_REPLY, FakeProvider, Fault
from support.scripted_model import ScriptedModel
from support.virtual_clock import SettledChance, VirtualClock

MakeModel = Callable[..., OpenAiModel]
PROMPT = Prompt((PromptMessage("user", "Hi"),))
SOON = 0.05


class Counted:
    """Remembers what it observed."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.ended: list[AttemptEnded] = []

    def attempt_started(self, provider: int) -> None:
        self.started.append(provider)

    def attempt_ended(self, ended: AttemptEnded) -> None:
        self.ended.append(ended)

    @property
    def outcomes(self) -> list[tuple[int, str]]:
        return [(ended.provider, ended.outcome) for ended in self.ended]


class Routed:
    """A router with all that a test steers and looks at."""

    def __init__(self, *models: ChatModel, budget: Budget = STANDARD_BUDGET, clock: VirtualClock | None = None) -> None:
        self.clock = clock or VirtualClock()
        self.seen = Counted()
        self.router = ModelRouter(models, self.clock, SettledChance(), self.seen, budget)

    async def reply(self) -> str:
        text, finishes = "", 0
        async with aclosing(self.router.stream(PROMPT)) as parts:
            async for part in parts:
                assert not finishes
                text += part.text if isinstance(part, TextPart) else ""
                finishes += isinstance(part, Finish)
        assert finishes == 1
        return text

    async def failure(self) -> ModelFailed:
        with pytest.raises(ModelFailed) as failed:
            await self.reply()
        return failed.value


class SlowClock(VirtualClock):
    """A machine that sleeps too long."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + 10)


class RunningClock(VirtualClock):
    """Time passes by itself."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def failing(
    *kinds: FailureKind, times: int = 1, then: str | None = None, retry_after: float | None = None
) -> ScriptedModel:
    model = ScriptedModel()
    for kind in kinds * times:
        model.will_fail(ModelFailed(kind, retry_after=retry_after))
    if then is not None:
        model.will_say(then)
    return model


async def test_a_good_provider_is_asked_once() -> None:
    model = ScriptedModel("Hello there")
    routed = Routed(model)
    assert await routed.reply() == "Hello there"
    assert len(model.asked) == 1
    assert routed.seen.started == [0]
    assert routed.seen.ended == [AttemptEnded(0, "scripted", "ok", 0.0, 0.0, 0, 2)]


@pytest.mark.parametrize("kind", ["connect", "timeout", "server", "rate", "cut"])
async def test_what_may_pass_is_tried_again_after_a_growing_pause(kind: FailureKind) -> None:
    routed = Routed(failing(kind, kind, then="At last"))
    assert await routed.reply() == "At last"
    assert routed.clock.slept == [0.25, 0.5]
    assert routed.seen.outcomes == [(0, kind), (0, kind), (0, "ok")]


async def test_after_two_retries_the_next_provider_is_asked() -> None:
    first, second = failing("server", "server", "server"), ScriptedModel("From the second")
    routed = Routed(first, second)
    assert await routed.reply() == "From the second"
    assert (len(first.asked), len(second.asked)) == (3, 1)


@pytest.mark.parametrize("kind", ["auth", "not_found", "bad_request"])
async def test_what_will_not_pass_goes_to_the_next_provider_at_once(kind: FailureKind) -> None:
    first = failing(kind)
    routed = Routed(first, ScriptedModel("From the second"))
    assert await routed.reply() == "From the second"
    assert len(first.asked) == 1
    assert routed.clock.slept == []


async def test_the_wait_a_provider_asks_for_is_kept() -> None:
    routed = Routed(failing("rate", then="At last", retry_after=7))
    assert await routed.reply() == "At last"
    assert routed.clock.slept == [7]


async def test_a_wait_that_does_not_fit_sends_to_the_next_provider() -> None:
    routed = Routed(failing("rate", retry_after=31), ScriptedModel("From the second"))
    assert await routed.reply() == "From the second"
    assert routed.clock.slept == []


async def test_waits_share_one_budget() -> None:
    routed = Routed(failing("rate", "rate", retry_after=20))
    assert (await routed.failure()).kind == "rate"
    assert routed.clock.slept == [20]


async def test_when_all_fail_the_most_telling_failure_is_told() -> None:
    routed = Routed(failing("auth"), failing("rate", retry_after=60), failing("bad_request"))
    failure = await routed.failure()
    assert (failure.kind, failure.retry_after) == ("rate", 60)


async def test_an_answer_without_text_is_tried_once_more() -> None:
    model = ScriptedModel("", " \n", "never asked for")
    failure = await Routed(model).failure()
    assert failure.kind == "protocol"
    assert len(model.asked) == 2


async def test_blank_pieces_are_held_until_there_is_text() -> None:
    model = ScriptedModel()
    model.will_say("\n", " ", "Hi")
    assert await Routed(model).reply() == "\n Hi"


async def test_a_filtered_prompt_is_not_asked_twice_of_the_same_provider() -> None:
    first = ScriptedModel()
    first.will_say("", reason="content_filter")
    assert await Routed(first, ScriptedModel("I may")).reply() == "I may"
    assert len(first.asked) == 1


async def test_after_the_first_text_nothing_is_tried_again() -> None:
    model = ScriptedModel()
    model.will_fail(ModelFailed("cut"), after=("Once", " upon"))
    routed = Routed(model, ScriptedModel("never asked"))
    parts = routed.router.stream(PROMPT)
    assert [await anext(parts), await anext(parts)] == [TextPart("Once"), TextPart(" upon")]
    with pytest.raises(ModelFailed, match="cut"):
        await anext(parts)
    assert routed.seen.outcomes == [(0, "cut")]


async def test_the_deadline_holds_over_everything() -> None:
    model = ScriptedModel()
    model.will_say("Once", " upon", wait=asyncio.Event())
    routed = Routed(model, budget=Budget(total=SOON))
    failure = await routed.failure()
    assert failure.kind == "timeout"
    assert model.closed_early == 1
    assert routed.seen.outcomes == [(0, "timeout")]


async def test_past_the_deadline_no_further_provider_is_asked() -> None:
    second = ScriptedModel("never asked")
    routed = Routed(failing("rate", "rate", retry_after=1), second, budget=Budget(5, total=1.5), clock=SlowClock())
    assert (await routed.failure()).kind == "rate"
    assert second.asked == []


async def test_a_provider_that_says_nothing_leaves_time_for_the_next(
    provider: FakeProvider, make_model: MakeModel
) -> None:
    provider.will(Fault.HANG)
    routed = Routed(make_model(), ScriptedModel("From the second"), budget=Budget(SOON), clock=RunningClock())
    assert await routed.reply() == "From the second"
    assert routed.seen.outcomes == [(0, "timeout"), (1, "ok")]


async def test_closing_the_stream_is_seen_by_the_provider(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.STALL)
    routed = Routed(make_model())
    parts = routed.router.stream(PROMPT)
    await anext(parts)
    await parts.aclose()
    await asyncio.wait_for(provider.exchanges[0].gone.wait(), 5)
    assert routed.seen.outcomes == [(0, "stopped")]


async def test_a_cancelled_wait_for_the_first_text_ends_the_call(provider: FakeProvider, make_model: MakeModel) -> None:
    provider.will(Fault.HANG)
    routed = Routed(make_model())
    waiting = asyncio.ensure_future(routed.reply())
    await provider.asked.wait()
    waiting.cancel()
    await asyncio.wait_for(provider.exchanges[0].gone.wait(), 5)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert routed.seen.outcomes == [(0, "stopped")]


async def test_a_failing_provider_is_left_alone_after_five_failures_and_probed_later() -> None:
    first, second = failing("server", times=5, then="Back again"), ScriptedModel(default="From the second")
    routed = Routed(first, second)
    assert [await routed.reply(), await routed.reply()] == ["From the second"] * 2
    assert routed.router.breaker_states() == ("open", "closed")
    assert await routed.reply() == "From the second"
    assert len(first.asked) == 5
    routed.clock.advance(1)
    assert routed.router.breaker_states() == ("half_open", "closed")
    assert await routed.reply() == "Back again"
    assert routed.router.breaker_states() == ("closed", "closed")


async def test_when_all_breakers_are_open_the_caller_learns_when_to_come_back() -> None:
    routed = Routed(failing("connect", times=5))
    await routed.failure()
    assert (await routed.failure()).kind == "connect"
    failure = await routed.failure()
    assert (failure.kind, failure.retry_after) == ("breaker", 0.5)


async def test_a_probe_that_is_given_up_lets_the_next_call_through() -> None:
    model = failing("server", times=5)
    routed = Routed(model)
    await routed.failure()
    await routed.failure()
    routed.clock.advance(1)
    model.will_say(" ", "late", wait=asyncio.Event())
    probe = asyncio.ensure_future(routed.reply())
    await model.said.wait()
    assert (await routed.failure()).kind == "breaker"
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    model.will_say("Back again")
    assert await routed.reply() == "Back again"


async def test_refused_prompts_do_not_open_the_breaker() -> None:
    routed = Routed(failing("bad_request", times=10))
    for _ in range(10):
        await routed.failure()
    assert routed.router.breaker_states() == ("closed",)


async def test_a_prompt_fits_every_provider() -> None:
    small = ModelTraits("small", 2048, 256, frozenset({"en"}))
    traits = Routed(ScriptedModel(), ScriptedModel(traits=small)).router.traits
    assert traits == ModelTraits("scripted", 2048, 256)


async def test_a_provider_that_comes_back_is_used_again(provider: FakeProvider, make_model: MakeModel) -> None:
    routed = Routed(make_model())
    await provider.pause()
    assert (await routed.failure()).kind == "connect"
    await provider.resume()
    assert await routed.reply() == DEFAULT_REPLY
