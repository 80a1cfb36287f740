"""The question for the person's age."""

from typing import Final

from aiogram.utils.formatting import Bold, Text

from parley.features.bot.core.texts.words import Phrase
from parley.kernel.sentences import Language

YES: Final[Phrase] = {"ru": "✓ Мне есть 18 лет", "en": "✓ I am 18 or older"}
NO: Final[Phrase] = {"ru": "✕ Нет", "en": "✕ No"}
DECLINED: Final[Phrase] = {
    "ru": "Хорошо. Персонажи, с которыми может говорить каждый: /characters",
    "en": "All right. Characters that everyone can talk with: /characters",
}


def question(language: Language) -> Text:
    """Asked before a character for adults."""
    if language == "ru":
        return Text(
            Bold("Этот персонаж для взрослых"),
            "\n\nВам уже есть 18 лет? Ответ сохранится, изменить его можно в /settings",
        )
    return Text(
        Bold("This character is for adults"),
        "\n\nAre you 18 or older? Your answer is kept, you can change it in /settings",
    )
