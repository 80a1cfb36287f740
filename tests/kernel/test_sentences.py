"""What people are told."""

import re

import pytest

from parley.kernel import errors
from parley.kernel.errors import AppError, DailyLimitExceeded, InvalidInput, LimitState, RateLimited, ServiceUnavailable
from parley.kernel.sentences import SENTENCES, WEBSOCKET_SENTENCES, language_of, sentence

EVERY: list[type[AppError]] = [AppError, *AppError.__subclasses__()]


def test_every_error_has_its_sentence_in_both_languages_and_no_sentence_is_for_nothing() -> None:
    assert {kind.code for kind in EVERY} == set(SENTENCES)
    assert set(WEBSOCKET_SENTENCES) <= set(SENTENCES)
    assert len({kind.code for kind in EVERY}) == len(EVERY)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_russian_sentence_is_russian_and_an_english_one_english(code: str) -> None:
    for told in (SENTENCES[code], WEBSOCKET_SENTENCES.get(code, SENTENCES[code])):
        assert set(told) == {"ru", "en"}
        assert re.search(r"[а-яё]", told["ru"])
        assert not re.search(r"[а-яё]", told["en"], re.IGNORECASE)


def test_the_specs_own_sentences_are_word_for_word() -> None:
    limits = LimitState(0, 50, "2025-01-02T00:00:00Z")
    assert sentence(DailyLimitExceeded(limits), "ru") == "Дневной лимит 50 сообщений исчерпан"
    assert sentence(DailyLimitExceeded(limits), "ru", "websocket") == "Дневной лимит исчерпан"
    assert sentence(errors.PremiumRequired(), "ru") == "Для доступа к этому персонажу нужна подписка"
    assert sentence(RateLimited(45), "ru") == "Слишком много запросов, подождите"


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("EN-us", "en"), ("eng", "en"), ("ru", "ru"), ("de", "ru"), ("", "ru"), (None, "ru"), ("uk", "ru")],
)
def test_english_is_for_english_and_russian_for_all_else(tag: str | None, language: str) -> None:
    assert language_of(tag) == language


def test_an_error_tells_its_details_and_nothing_else() -> None:
    limits = LimitState(0, 50, None)
    assert InvalidInput("limit").details() == {"field": "limit"}
    assert InvalidInput().details() == {}
    assert RateLimited(3).details() == {"retry_after": 3}
    assert DailyLimitExceeded(limits).details() == {"limits": {"remaining": 0, "total": 50, "resets_at": None}}
    assert ServiceUnavailable(7).details() == {}
    assert AppError("secret text").details() == {}
