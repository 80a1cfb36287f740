"""Words that several screens share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from parley.kernel.sentences import Language

Phrase = Mapping[Language, str]
"""The same in every language people read here."""

CHOOSE: Final[Phrase] = {"ru": "Выбрать персонажа", "en": "Choose a character"}
CHOOSE_ANOTHER: Final[Phrase] = {"ru": "Другой персонаж", "en": "Another character"}
OPEN_APP: Final[Phrase] = {"ru": "Открыть приложение", "en": "Open the app"}
HELP: Final[Phrase] = {"ru": "Справка", "en": "Help"}
BACK: Final[Phrase] = {"ru": "‹ Назад", "en": "‹ Back"}
CANCEL: Final[Phrase] = {"ru": "✕ Отмена", "en": "✕ Cancel"}
CANCELLED: Final[Phrase] = {"ru": "✕ Отменено, всё осталось как было.", "en": "✕ Cancelled, everything is as it was."}
CHOOSE_FIRST: Final[Phrase] = {
    "ru": "Сначала выберите, с кем вы говорите.",
    "en": "Choose whom you talk with first.",
}
OUT_OF_DATE: Final[Phrase] = {
    "ru": "Эта кнопка устарела. Откройте раздел заново командой из меню",
    "en": "This button is out of date. Open the screen again from the menu",
}
ADULTS_ONLY: Final = "18+"
PREMIUM: Final = "⭐"

_MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


def chosen(label: str, *, is_it: bool) -> str:
    """A choice on a button, with the sign of the one that holds."""
    return f"✓ {label}" if is_it else label


def messages(count: int, language: Language) -> str:
    """So many messages."""
    return counted(count, language, ("сообщение", "сообщения", "сообщений"), ("message", "messages"))


def facts(count: int, language: Language) -> str:
    """So many remembered facts."""
    return counted(count, language, ("факт", "факта", "фактов"), ("fact", "facts"))


def characters(count: int, language: Language) -> str:
    """So many characters."""
    return counted(count, language, ("персонаж", "персонажа", "персонажей"), ("character", "characters"))


def counted(count: int, language: Language, russian: tuple[str, str, str], english: tuple[str, str]) -> str:
    """The number with its noun: the Russian one for 1, 2 and 5, the English one for 1 and 2."""
    noun = russian[_russian_form(count)] if language == "ru" else english[count != 1]
    return f"{count} {noun}"


def _russian_form(count: int) -> int:
    if count % 10 == 1 and count % 100 != 11:
        return 0
    return 1 if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14} else 2


def date(moment: datetime, language: Language) -> str:
    """A date by the clock of the moment's own zone."""
    return f"{moment.day} {_MONTHS[language][moment.month - 1]} {moment.year}"
