"""What Telegram shows of the bot before the first word."""

from typing import Final

from parley.features.bot.core.texts.words import Phrase

DESCRIPTION: Final[Phrase] = {
    "ru": "Персонажи, с которыми можно говорить о чём угодно. Они помнят, что вы им рассказали.\n\n"
    "Нажмите «Начать», выберите собеседника и просто напишите ему.",
    "en": "Characters to talk with about anything. They remember what you tell them.\n\n"
    "Tap Start, choose one and just write.",
}
"""Shown in the empty chat; up to 512 characters."""
SHORT_DESCRIPTION: Final[Phrase] = {
    "ru": "Разговоры с персонажами, которые вас помнят",
    "en": "Talk with characters who remember you",
}
"""Shown in the profile; up to 120 characters."""
MENU: Final[Phrase] = {"ru": "Приложение", "en": "App"}
