"""The sentences of a prompt."""

import re
from dataclasses import fields

import pytest

from parley.features.chats.core import MOODS, RELATIONSHIPS
from parley.features.identity.core import GENDERS
from parley.features.prompts.core.languages import UNDETERMINED
from parley.features.prompts.core.phrases import Phrases, phrases_of


def _sentences(phrases: Phrases) -> list[str]:
    found: list[str] = []
    for each in fields(phrases):
        value = getattr(phrases, each.name)
        found.extend(value.values() if isinstance(value, dict) else [value])
    return found


@pytest.mark.parametrize("language", ["ru", "en", "de", UNDETERMINED])
def test_every_setting_of_a_session_and_of_a_profile_has_its_sentence(language: str) -> None:
    phrases = phrases_of(language)
    assert set(phrases.relationship) == set(RELATIONSHIPS)
    assert set(phrases.mood) == set(MOODS)
    assert set(phrases.gender) == set(GENDERS)


def test_russian_sentences_are_russian_and_english_ones_english() -> None:
    for sentence in _sentences(phrases_of("ru-RU")):
        assert not re.search(r"[a-z]", sentence, re.IGNORECASE), sentence
    for sentence in _sentences(phrases_of("en-US")):
        assert not re.search(r"[а-яё]", sentence, re.IGNORECASE), sentence


def test_no_russian_sentence_decides_the_gender_of_the_character() -> None:
    masculine_past = re.compile(r"\b[Тт]ы\b[^.]*\w+(л|лся|ла|лась)\b")
    assert not any(masculine_past.search(sentence) for sentence in _sentences(phrases_of("ru")))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ru", "Отвечай по-русски."),
        ("ru-RU", "Отвечай по-русски."),
        ("EN", "Reply in English."),
        ("de-AT", "Antworte auf Deutsch."),
        ("uk", "Відповідай українською."),
        ("ja", "Reply in the language with the tag ja."),
        ("zh-Hant", "Reply in the language with the tag zh-Hant."),
        (UNDETERMINED, "Reply in the language of the person's last message."),
    ],
)
def test_the_language_of_the_reply_is_asked_for_in_itself_where_it_is_common(language: str, expected: str) -> None:
    assert phrases_of(language).reply_in == expected
