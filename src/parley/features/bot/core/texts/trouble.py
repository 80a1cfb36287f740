"""What people are told when something goes wrong, and what they can do next."""

from typing import Final

from parley.features.bot.core.texts.words import Phrase
from parley.kernel.errors import (
    AgeConfirmationRequired,
    AppError,
    CharacterNotFound,
    Conflict,
    InvalidInput,
    MemoryNotFound,
    PremiumRequired,
)
from parley.kernel.sentences import Language, sentence

LONGEST_TOAST: Final = 200
"""Characters that Telegram takes in the answer to a tap."""
_OWN: Final[dict[type[AppError], Phrase]] = {
    CharacterNotFound: {
        "ru": "Этого персонажа здесь нет. Выберите другого: /characters",
        "en": "This character is not here. Choose another one: /characters",
    },
    PremiumRequired: {
        "ru": "Этот персонаж доступен по подписке. С другими можно говорить и без неё: /characters",
        "en": "This character needs a subscription. You can talk with the others without one: /characters",
    },
    AgeConfirmationRequired: {
        "ru": "Этот персонаж для взрослых. Подтвердите, что вам есть 18 лет, в /settings",
        "en": "This character is for adults. Confirm that you are 18 or older in /settings",
    },
    MemoryNotFound: {
        "ru": "Этого факта уже нет в памяти. Список целиком: /memory",
        "en": "This fact is no longer remembered. See the whole list: /memory",
    },
    InvalidInput: {
        "ru": "Так не получится. Как пользоваться командами, рассказывает /help",
        "en": "That does not work. /help tells how to use the commands",
    },
    Conflict: {
        "ru": "Сейчас не получилось: в этом чате идёт другое действие. Попробуйте ещё раз",
        "en": "That did not work: something else is going on in this chat. Try again",
    },
}


def explained(error: AppError, language: Language) -> str:
    """One or two sentences, short enough for the answer to a tap."""
    own = _OWN.get(type(error))
    return sentence(error, language) if own is None else own[language]
