"""What the bot says when it cannot do what was asked."""

from typing import Final

from parley.features.bot.core.texts.words import Phrase

UNKNOWN_COMMAND: Final[Phrase] = {
    "ru": "Такой команды нет. Все команды: /help",
    "en": "There is no such command. All commands: /help",
}
TEXT_ONLY: Final[Phrase] = {
    "ru": "Пока здесь читают только текст. Расскажите словами, что вы прислали.",
    "en": "Only text is read here so far. Put what you sent into words.",
}
NOTHING_FOR_SALE: Final[Phrase] = {
    "ru": "Здесь пока ничего не продаётся. Оплата отменена, звёзды остались у вас.",
    "en": "Nothing is for sale here yet. The payment is cancelled, your Stars stay with you.",
}
