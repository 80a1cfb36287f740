"""The language a reply is asked for in."""

import pytest

from parley.features.prompts.core.languages import UNDETERMINED, primary, reply_language


@pytest.mark.parametrize(
    ("message", "profile", "expected"),
    [
        ("Привет! Как дела?", "ru", "ru"),
        ("Hello, how are you?", "en", "en"),
        ("Hello, how are you?", "ru", "en"),
        ("Привет! Как дела?", "en", "ru"),
        ("Привет! Как дела?", "en-GB", "ru"),
        ("Добрий вечір, як справи?", "uk", "uk"),
        ("Guten Tag, wie geht es dir?", "de", "de"),
        ("Wie geht's dir, Ärztin?", "de-AT", "de-AT"),
        ("Привет", "de", "ru"),
        ("Hello there", "uk", "en"),
        # Too short to tell: the profile does.
        ("Да", "en", "en"),
        ("ok", "ru", "ru"),
        ("", "ru", "ru"),
        ("12 345", "en", "en"),
        ("👍👍👍👍", "ru", "ru"),
        ("?!…", "en", "en"),
        ("🇷🇺 ❤️", "en", "en"),
        # Who writes Cyrillic names things in Latin letters.
        ("Как настроить nginx reverse proxy?", "en", "ru"),
        ("Я читаю Harry Potter", "en", "ru"),
        ("Что такое REST API endpoint?", "ru", "ru"),
        # A word of the other script alone changes nothing.
        ("My friend Маша said hello to everyone", "ru", "en"),
        ("How do you say привет in English?", "ru", "en"),
        # Neither script: the model reads what it is.
        ("你好，你叫什么名字？", "ru", UNDETERMINED),
        ("مرحبا كيف حالك", "en", UNDETERMINED),
        ("你好，你叫什么名字？", "zh", UNDETERMINED),
    ],
)
def test_the_script_of_a_message_tells_the_language(message: str, profile: str, expected: str) -> None:
    assert reply_language([message], profile) == expected


def test_a_message_that_tells_nothing_leaves_it_to_the_one_before() -> None:
    assert reply_language(["👍", "ok", "Привет! Как дела?"], "en") == "ru"
    assert reply_language(["Да", "Hello, how are you?"], "ru") == "en"


def test_without_any_telling_message_the_profile_decides() -> None:
    assert reply_language([], "pt-BR") == "pt-BR"
    assert reply_language(["…", "ok"], "ru") == "ru"


def test_a_tag_is_known_by_its_first_part() -> None:
    assert [primary(tag) for tag in ("RU", "en-GB", "zh-Hant-TW")] == ["ru", "en", "zh"]
