from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.llm.retry import most_telling, pause_before_retry
from parley.kernel.ports import FailureKind, ModelFailed

kinds = st.sampled_from(sorted(get_args(FailureKind)))
failures = st.builds(lambda kind, wait: ModelFailed(kind, retry_after=wait), kinds, st.none() | st.floats(0, 100))


@given(failures, st.integers(1, 5), st.floats(-5, 30), st.floats(0, 1, exclude_max=True))
def test_a_pause_always_ends_before_the_budget_does(
    failure: ModelFailed, tries: int, left: float, fraction: float
) -> None:
    pause = pause_before_retry(failure, tries, left, fraction)
    assert pause is None or 0 <= pause < left
    assert pause is None or tries <= 2


@pytest.mark.parametrize("kind", ["connect", "timeout", "server", "rate", "cut"])
def test_what_may_pass_is_tried_twice_more(kind: FailureKind) -> None:
    assert [pause_before_retry(ModelFailed(kind), tries, 30, 0) for tries in (1, 2, 3)] == [0.25, 0.5, None]


@pytest.mark.parametrize("kind", ["auth", "not_found", "bad_request", "breaker"])
def test_what_will_not_pass_goes_to_the_next_provider(kind: FailureKind) -> None:
    assert pause_before_retry(ModelFailed(kind), 1, 30, 0) is None


def test_an_odd_answer_is_tried_once_more() -> None:
    assert [pause_before_retry(ModelFailed("protocol"), tries, 30, 0) for tries in (1, 2)] == [0.25, None]


def test_the_wait_asked_for_is_kept_if_it_fits() -> None:
    assert pause_before_retry(ModelFailed("rate", retry_after=7), 1, 30, 0.9) == 7
    assert pause_before_retry(ModelFailed("rate", retry_after=31), 1, 30, 0.9) is None


def test_half_of_the_backoff_is_chance() -> None:
    assert pause_before_retry(ModelFailed("server"), 1, 30, 0.5) == 0.375


@given(st.lists(failures, min_size=1))
def test_the_most_telling_failure_is_one_of_them_and_a_shut_breaker_only_if_all_are(all_of: list[ModelFailed]) -> None:
    told = most_telling(all_of)
    assert told in all_of
    assert (told.kind == "breaker") == all(failure.kind == "breaker" for failure in all_of)


def test_of_two_limits_the_one_that_ends_sooner_is_told() -> None:
    sooner = ModelFailed("rate", retry_after=3)
    assert most_telling([ModelFailed("auth"), ModelFailed("rate", retry_after=60), sooner]) is sooner
