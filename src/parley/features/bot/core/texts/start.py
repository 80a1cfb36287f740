"""The first words."""

from typing import Final

from aiogram.utils.formatting import Bold, Italic, Text

from parley.features.bot.core import shown
from parley.features.bot.core.texts.words import Phrase
from parley.kernel.sentences import Language


def welcome(name: str, language: Language, *, is_understood: bool) -> Text:
    """What this is and what to do; whether the model understands the person's language is better said beforehand."""
    return Text(_greeting(name, language), *([] if is_understood else ["\n\n", Italic(_ENGLISH_ONLY[language])]))


_ENGLISH_ONLY: Final[Phrase] = {
    "ru": "Сейчас отвечает маленькая встроенная модель: она понимает только английский.",
    "en": "A tiny built-in model answers for now; it understands English only.",
}


def _greeting(name: str, language: Language) -> Text:
    who = Bold(shown.name(name))
    if language == "ru":
        return Text(
            "Здравствуйте, ", who, "!\n\n",
            "Здесь живут персонажи с характером: с ними можно говорить о чём угодно, и они помнят то, что вы о себе"
            " рассказали. Выберите собеседника и просто напишите ему.",
        )  # fmt: skip
    return Text(
        "Hello, ", who, "!\n\n",
        "Characters live here, each with a mind of their own: talk with them about anything, and they remember what"
        " you tell them about yourself. Choose one and just write.",
    )  # fmt: skip


def go_on(name: str, language: Language) -> str:
    """The button back to the character chosen before."""
    who = shown.name(name, 40)
    return f"Продолжить: {who}" if language == "ru" else f"Go on: {who}"
