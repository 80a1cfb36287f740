"""What people are told, in Russian and English.

The Russian sentences are the spec's where it has them; §3 of the contract gives the WebSocket its own.
"""

from typing import Final, Literal

from parley.kernel.errors import AppError, DailyLimitExceeded

Language = Literal["ru", "en"]
Channel = Literal["rest", "websocket", "service"]

SENTENCES: Final[dict[str, dict[Language, str]]] = {
    "unauthorized": {
        "ru": "Не удалось подтвердить вход. Откройте приложение заново из Telegram",
        "en": "Could not verify who you are. Reopen the app from Telegram",
    },
    "character_not_found": {"ru": "Персонаж не найден", "en": "Character not found"},
    "message_not_found": {"ru": "Сообщение не найдено", "en": "Message not found"},
    "memory_not_found": {"ru": "Воспоминание не найдено", "en": "Memory not found"},
    "user_not_found": {"ru": "Пользователь не найден", "en": "User not found"},
    "not_found": {"ru": "Здесь ничего нет", "en": "There is nothing here"},
    "method_not_allowed": {
        "ru": "Этот метод здесь не поддерживается",
        "en": "This method is not supported here",
    },
    "premium_required": {
        "ru": "Для доступа к этому персонажу нужна подписка",
        "en": "A subscription is needed for this character",
    },
    "age_confirmation_required": {
        "ru": "Этот персонаж доступен после подтверждения возраста 18+",
        "en": "Confirm that you are 18 or older to see this character",
    },
    "daily_limit_exceeded": {
        "ru": "Дневной лимит {total} сообщений исчерпан",
        "en": "The daily limit of {total} messages is used up",
    },
    "rate_limit": {
        "ru": "Слишком много запросов, подождите",
        "en": "Too many requests, please wait",
    },
    "invalid_input": {
        "ru": "Запрос заполнен неверно, проверьте данные",
        "en": "The request is not valid, check its data",
    },
    "payload_too_large": {
        "ru": "Запрос слишком большой, сократите его",
        "en": "The request is too large, shorten it",
    },
    "conflict": {
        "ru": "Запрос пересёкся с другим действием в этом чате, попробуйте ещё раз",
        "en": "The request met another action in this chat, try again",
    },
    "llm_error": {
        "ru": "Персонаж сейчас не может ответить, попробуйте ещё раз",
        "en": "The character cannot answer right now, try again",
    },
    "internal_error": {
        "ru": "Что-то сломалось на нашей стороне, попробуйте позже",
        "en": "Something broke on our side, try again later",
    },
    "service_unavailable": {
        "ru": "Сервис временно недоступен, попробуйте через несколько секунд",
        "en": "The service is away for a moment, try again in a few seconds",
    },
}

WEBSOCKET_SENTENCES: Final[dict[str, dict[Language, str]]] = {
    "daily_limit_exceeded": {"ru": "Дневной лимит исчерпан", "en": "The daily limit is used up"},
}

SERVICE_SENTENCES: Final[dict[str, dict[Language, str]]] = {
    "unauthorized": {
        "ru": "Ключ не указан, неверен или отозван. Передайте действующий в заголовке Authorization: Bearer КЛЮЧ",
        "en": "The key is missing, wrong or revoked. Send a good one as Authorization: Bearer KEY",
    },
}
_OWN: Final[dict[Channel, dict[str, dict[Language, str]]]] = {
    "rest": {},
    "websocket": WEBSOCKET_SENTENCES,
    "service": SERVICE_SENTENCES,
}


def language_of(tag: str | None) -> Language:
    """English for ``en*``, Russian for all else (contract §7)."""
    return "en" if tag is not None and tag.lower().startswith("en") else "ru"


def sentence(error: AppError, language: Language, channel: Channel = "rest") -> str:
    """The one sentence a person reads for this error."""
    text = _OWN[channel].get(error.code, SENTENCES[error.code])[language]
    if isinstance(error, DailyLimitExceeded):
        return text.format(total=error.limits.total)
    return text
