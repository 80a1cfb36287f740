"""New beginnings."""

from typing import Final

from aiogram.utils.formatting import Bold, Text

from parley.features.bot.core import shown
from parley.features.bot.core.texts import words
from parley.features.bot.core.texts.words import Phrase
from parley.kernel.sentences import Language

NEW_SCENE: Final[Phrase] = {"ru": "✓ Начать новую сцену", "en": "✓ Begin a new scene"}
RESET: Final[Phrase] = {"ru": "✓ Стереть всё", "en": "✓ Erase everything"}
_LONGEST_GREETING: Final = 1400


def ask_new_scene(name: str, messages: int, facts: int, language: Language) -> Text:
    """What a new scene takes away and what it leaves."""
    who, gone, stay = Bold(shown.name(name)), words.messages(messages, language), words.facts(facts, language)
    if language == "ru":
        return Text(
            "Начать новую сцену? Собеседник: ", who, ".\n\n",
            f"Переписка ({gone}) удалится навсегда. Память о вас ({stay}) и настройки сохранятся.",
        )  # fmt: skip
    return Text(
        "Begin a new scene with ", who, "?\n\n",
        f"The conversation ({gone}) will be deleted for good."
        f" What is remembered of you ({stay}) and the settings stay.",
    )  # fmt: skip


def ask_reset(name: str, messages: int, facts: int, language: Language) -> Text:
    """What a reset takes away."""
    who, gone, forgotten = Bold(shown.name(name)), words.messages(messages, language), words.facts(facts, language)
    if language == "ru":
        return Text(
            "Начать всё с чистого листа? Собеседник: ", who, ".\n\n",
            f"Переписка ({gone}) и память о вас ({forgotten}) удалятся навсегда. Настройки сохранятся.",
        )  # fmt: skip
    return Text(
        "Start over with ", who, "?\n\n",
        f"The conversation ({gone}) and what is remembered of you ({forgotten}) will be deleted for good."
        " The settings stay.",
    )  # fmt: skip


def nothing_said(name: str, language: Language) -> Text:
    """There is nothing to take away."""
    who = Bold(shown.name(name))
    if language == "ru":
        return Text("Переписка и так пуста: ", who, " ждёт вашего первого сообщения.")
    return Text("The page is blank already: ", who, " awaits your first message.")


def new_scene(messages: int, facts: int, greeting: str, language: Language) -> Text:
    """A new scene has begun; the numbers are what really went and stayed."""
    gone, stay = words.messages(messages, language), words.facts(facts, language)
    if language == "ru":
        done = f"✓ Новая сцена. Удалено: {gone}. В памяти: {stay}."
        return _begun(done, greeting, "Напишите первое сообщение.")
    return _begun(f"✓ A new scene. Deleted: {gone}. Remembered: {stay}.", greeting, "Write the first message.")


def reset(messages: int, facts: int, greeting: str, language: Language) -> Text:
    """Everything is gone; the numbers are what really went."""
    gone, forgotten = words.messages(messages, language), words.facts(facts, language)
    if language == "ru":
        return _begun(f"✓ Чистый лист. Стёрто: {gone}, {forgotten}.", greeting, "Познакомьтесь заново.")
    return _begun(f"✓ A blank page. Erased: {gone}, {forgotten}.", greeting, "Get to know each other again.")


def _begun(done: str, greeting: str, next_step: str) -> Text:
    return Text(done, " ", next_step, *shown.spoken(greeting, _LONGEST_GREETING))
