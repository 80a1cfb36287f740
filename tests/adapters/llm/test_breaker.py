from dataclasses import dataclass
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.llm.breaker import COUNTED, FAILURES_TO_OPEN, LONGEST_PAUSE, PROBE_LAPSES, Breaker
from parley.kernel.ports import FailureKind


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker = breaker.failed("server", at)
    return breaker


def probing(breaker: Breaker, now: float) -> Breaker:
    probe = breaker.admitted(now)
    assert probe is not None
    return probe


def test_it_opens_after_five_failures_in_a_row_for_one_second() -> None:
    breaker = opened(at=10)
    assert breaker.state(10.9) == "open"
    assert breaker.admitted(10.9) is None
    assert breaker.wait(10.25) == 0.75
    assert breaker.state(11) == "half_open"


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker = breaker.failed("timeout", 0)
    breaker = breaker.succeeded().failed("timeout", 0)
    assert breaker.state(0) == "closed"


@pytest.mark.parametrize("kind", sorted(set(get_args(FailureKind)) - COUNTED))
def test_failures_that_are_not_the_providers_do_not_count(kind: FailureKind) -> None:
    breaker = Breaker()
    for _ in range(20):
        breaker = breaker.failed(kind, 0)
    assert breaker == Breaker()


def test_one_probe_at_a_time() -> None:
    breaker = probing(opened(), 1)
    assert breaker.admitted(1.5) is None


def test_a_probe_that_succeeds_closes_it() -> None:
    assert probing(opened(), 1).succeeded().state(1) == "closed"


def test_a_probe_that_fails_doubles_the_pause_up_to_half_a_minute() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(8):
        pauses.append(breaker.wait(now))
        now += breaker.wait(now)
        breaker = probing(breaker, now).failed("connect", now)
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_probe_given_up_lets_the_next_one_through() -> None:
    assert probing(opened(), 1).released().admitted(1.1) is not None


def test_a_probe_that_never_tells_its_end_lapses() -> None:
    breaker = probing(opened(), 1)
    assert breaker.admitted(1 + PROBE_LAPSES) is not None


def test_calls_begun_before_it_opened_do_not_lengthen_the_pause() -> None:
    breaker = opened(at=0)
    assert breaker.failed("server", 0.9) == breaker


@dataclass
class Step:
    name: str
    kind: FailureKind
    wait: float


steps = st.builds(
    Step,
    name=st.sampled_from(["call", "fail", "fail", "fail", "succeed", "release"]),
    kind=st.sampled_from(sorted(get_args(FailureKind))),
    wait=st.floats(0, 40),
)


@given(st.lists(steps, max_size=60))
def test_whatever_happens_it_lets_a_call_through_within_half_a_minute(story: list[Step]) -> None:
    breaker, now = Breaker(), 0.0
    for step in story:
        now += step.wait
        match step.name:
            case "call":
                breaker = breaker.admitted(now) or breaker
            case "fail":
                breaker = breaker.failed(step.kind, now)
            case "succeed":
                breaker = breaker.succeeded()
            case _:
                breaker = breaker.released()
    assert 0 <= breaker.wait(now) <= LONGEST_PAUSE
    assert breaker.admitted(now + max(LONGEST_PAUSE, PROBE_LAPSES)) is not None


@given(st.lists(st.floats(0, 3), max_size=40))
def test_while_a_probe_is_under_way_nobody_else_gets_through(waits: list[float]) -> None:
    breaker, now = probing(opened(), 1), 1.0
    for wait in waits:
        now += wait
        if now < 1 + PROBE_LAPSES:
            assert breaker.admitted(now) is None


def test_a_provider_that_is_asked_too_often_is_told_of_as_such_while_it_is_left_alone() -> None:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker = breaker.failed("rate", 0, retry_after=60)
    refusal = breaker.refusal(0.5)
    assert (refusal.kind, refusal.status, refusal.retry_after) == ("breaker", 429, 59.5)
    assert opened(at=0).refusal(0.5).status is None
