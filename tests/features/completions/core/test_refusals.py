from typing import get_args

import pytest

from parley.features.completions.core import Refused, check_choices, failed, unknown_model
from parley.kernel.ports import FailureKind, ModelFailed, ModelTraits


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("rate", "provider_busy"),
        ("auth", "provider_refused"),
        ("not_found", "provider_refused"),
        ("bad_request", "provider_refused"),
        ("connect", "provider_away"),
        ("breaker", "provider_away"),
        ("timeout", "provider_failed"),
        ("server", "provider_failed"),
        ("protocol", "provider_failed"),
        ("cut", "provider_failed"),
    ],
)
def test_every_failure_has_its_reason(kind: FailureKind, reason: str) -> None:
    refused = failed(ModelFailed(kind))
    assert refused.reason == reason
    assert refused.message.endswith((".", "!"))


def test_every_kind_of_failure_has_words() -> None:
    assert all(failed(ModelFailed(kind)).message for kind in get_args(FailureKind))


@pytest.mark.parametrize(("told", "wait"), [(None, 5), (0.0, 1), (0.2, 1), (7.1, 8), (30.0, 30)])
def test_who_is_to_come_again_is_told_when(told: float | None, wait: int) -> None:
    assert failed(ModelFailed("rate", retry_after=told)).retry_after == wait
    assert failed(ModelFailed("breaker", retry_after=told)).retry_after == wait
    assert failed(ModelFailed("server", retry_after=told)).retry_after is None


def test_messages_that_are_too_long_are_the_callers_fault() -> None:
    refused = failed(ModelFailed("bad_request", is_too_long=True))
    assert (refused.reason, refused.param) == ("too_long", "messages")


def test_a_name_is_quoted_short_and_on_one_line() -> None:
    message = unknown_model("a\r\nSet-Cookie: x" * 100).message
    assert len(message) < 300
    assert "\n" not in message


def test_a_provider_left_alone_for_being_asked_too_often_is_busy_and_not_away() -> None:
    refused = failed(ModelFailed("breaker", status=429, retry_after=59.5))
    assert (refused.reason, refused.retry_after) == ("provider_busy", 60)


def test_more_answers_than_the_model_gives_are_the_callers_fault() -> None:
    traits = ModelTraits("tiny", 100, 10, most_choices=2)
    check_choices(2, traits)
    with pytest.raises(Refused) as refused:
        check_choices(3, traits)
    assert refused.value.param == "n"
