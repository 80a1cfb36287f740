"""What people are told about their data: whole, in both languages, with numbers that agree with their nouns."""

from datetime import UTC, datetime

import pytest

from parley.features.bot.core.texts import privacy as texts
from parley.features.privacy.core import Amount
from parley.kernel.sentences import Language

LONGEST_CAPTION = 1024


@pytest.mark.parametrize(
    ("language", "amount", "told"),
    [
        ("ru", Amount(1, 1, 1), ("1 сообщение, 1 чат", "1 факт")),
        ("ru", Amount(3, 12, 0), ("12 сообщений, 3 чата", "0 фактов")),
        ("en", Amount(1, 1, 1), ("1 message, 1 chat", "1 fact")),
        ("en", Amount(5, 0, 2), ("0 messages, 5 chats", "2 facts")),
    ],
)
def test_the_question_counts_what_will_be_gone(language: Language, amount: Amount, told: tuple[str, ...]) -> None:
    asked, _ = texts.ask(amount, language).render()
    assert all(each in asked for each in told)
    assert "/export" in asked


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_text_names_what_to_do_next_and_fits(language: Language) -> None:
    about, _ = texts.about(language).render()
    assert len(about) < 4096
    for command in ("/export", "/memory", "/reset", "/forget_me"):
        assert command in about
    assert "/start" in texts.ERASED[language]
    assert len(texts.EXPORTED[language]) <= LONGEST_CAPTION
    assert "/forget_me" in texts.EXPORTED[language]


def test_a_file_is_named_by_its_day() -> None:
    assert texts.file_name(datetime(2026, 1, 5, tzinfo=UTC)) == "parley-2026-01-05.json"
