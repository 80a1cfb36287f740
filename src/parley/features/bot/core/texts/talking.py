"""What the bot itself says while a person talks with a character."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from parley.features.bot.core.texts.words import Phrase
from parley.features.chats.core import LONGEST_MESSAGE
from parley.kernel.errors import LimitState
from parley.kernel.sentences import Language

# --- buttons and lines over the chat

ANOTHER: Final = "🔄"
"""Another reply; the sign is known from every chat with a model."""
EARLIER: Final = "‹"
LATER: Final = "›"
TRY_AGAIN: Final[Phrase] = {"ru": "🔄 Попробовать ещё раз", "en": "🔄 Try again"}
STOP: Final[Phrase] = {"ru": "✕ Остановить", "en": "✕ Stop"}
OUT_OF_DATE: Final[Phrase] = {
    "ru": "Это уже не последний ответ: кнопка работает только под ним",
    "en": "This is no longer the latest reply: the button works under that one only",
}
STILL_ANSWERING: Final[Phrase] = {
    "ru": "Ответ ещё пишется — подождите немного",
    "en": "The reply is still being written — wait a moment",
}
STOPPING: Final[Phrase] = {"ru": "Останавливаю", "en": "Stopping"}
NOTHING_TO_STOP: Final[Phrase] = {"ru": "Ответ уже готов", "en": "The reply is finished already"}

# --- messages

STOPPED: Final[Phrase] = {
    "ru": "Остановлено. Напишите что-нибудь ещё или попросите ответить снова.",
    "en": "Stopped. Write something else, or ask for the reply again.",
}
NO_ANSWER: Final[Phrase] = {
    "ru": "Персонаж сейчас не может ответить. Ваше сообщение сохранено, и лимит на него не потрачен.",
    "en": "The character cannot answer right now. Your message is kept, and it was not counted.",
}
TOO_LONG: Final[Phrase] = {
    "ru": f"Сообщение должно быть не длиннее {LONGEST_MESSAGE} знаков. Разделите его и отправьте по частям.",
    "en": f"A message may have up to {LONGEST_MESSAGE} characters. Split it and send the parts.",
}
NOTHING_SAID: Final[Phrase] = {
    "ru": "В этом сообщении нечего прочитать. Напишите словами.",
    "en": "There is nothing to read in this message. Put it in words.",
}
TOO_MANY_WAIT: Final[Phrase] = {
    "ru": "Слишком много сообщений ждут ответа. Дождитесь его и отправьте это ещё раз.",
    "en": "Too many messages wait for a reply. Wait for it, then send this one again.",
}


def which_variant(number: int, count: int, language: Language) -> str:
    """Which of the replies is shown."""
    return f"Вариант {number} из {count}" if language == "ru" else f"Version {number} of {count}"


def used_up(limits: LimitState, language: Language, zone: ZoneInfo) -> str:
    """The day's messages are used up, and when there are new ones by the person's own clock."""
    fresh = datetime.fromisoformat(limits.resets_at).astimezone(zone) if limits.resets_at else None
    if language == "ru":
        when = "завтра" if fresh is None else f"в {fresh:%H:%M} ({zone.key})"
        return f"Сообщения на сегодня закончились: их было {limits.total}. Новые появятся {when}. Подробнее: /limits"
    when = "tomorrow" if fresh is None else f"at {fresh:%H:%M} ({zone.key})"
    return f"You have used all {limits.total} messages of today. There will be new ones {when}. More: /limits"
