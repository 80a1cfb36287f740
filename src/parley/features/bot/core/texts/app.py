"""The Mini App."""

from typing import Final

from parley.features.bot.core.texts.words import Phrase

INVITATION: Final[Phrase] = {
    "ru": "В приложении те же персонажи и та же переписка, что и здесь.",
    "en": "In the app you find the same characters and the same conversations as here.",
}
NOT_THERE: Final[Phrase] = {
    "ru": "У этого бота приложение не подключено. Всё, что оно умеет, можно делать прямо здесь: /help",
    "en": "This bot has no app connected. You can do everything right here: /help",
}
