"""Words that several screens share."""

from datetime import UTC, datetime

import pytest

from parley.features.bot.core.texts.trouble import LONGEST_TOAST, explained
from parley.features.bot.core.texts.words import OUT_OF_DATE, chosen, date, messages
from parley.kernel.errors import AppError, DailyLimitExceeded, LimitState, RateLimited, ServiceUnavailable
from parley.kernel.sentences import Language


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "0 сообщений", "0 messages"),
        (1, "1 сообщение", "1 message"),
        (2, "2 сообщения", "2 messages"),
        (5, "5 сообщений", "5 messages"),
        (11, "11 сообщений", "11 messages"),
        (12, "12 сообщений", "12 messages"),
        (21, "21 сообщение", "21 messages"),
        (22, "22 сообщения", "22 messages"),
        (111, "111 сообщений", "111 messages"),
        (114, "114 сообщений", "114 messages"),
        (1001, "1001 сообщение", "1001 messages"),
    ],
)
def test_numbers_and_nouns_agree(count: int, russian: str, english: str) -> None:
    assert messages(count, "ru") == russian
    assert messages(count, "en") == english


def test_a_date_is_told_in_words() -> None:
    moment = datetime(2026, 2, 5, tzinfo=UTC)
    assert date(moment, "ru") == "5 февраля 2026"
    assert date(moment, "en") == "5 February 2026"


def test_a_choice_bears_its_sign() -> None:
    assert chosen("x", is_it=True) == "✓ x"
    assert chosen("x", is_it=False) == "x"


def every_error() -> list[AppError]:
    with_arguments = [DailyLimitExceeded(LimitState(0, 10**6, None)), RateLimited(3600), ServiceUnavailable()]
    plain = [kind() for kind in AppError.__subclasses__() if kind not in {type(each) for each in with_arguments}]
    return [AppError(), *with_arguments, *plain]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_error_has_a_sentence_that_fits_the_answer_to_a_tap(language: Language) -> None:
    for error in every_error():
        assert 0 < len(explained(error, language)) <= LONGEST_TOAST
    assert len(OUT_OF_DATE[language]) <= LONGEST_TOAST
