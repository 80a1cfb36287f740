"""The settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiogram.utils.formatting import Bold, Code, Text

from parley.features.bot.core import shown
from parley.features.bot.core.texts.words import Phrase
from parley.kernel.sentences import Language

SAVED: Final[Phrase] = {"ru": "✓ Сохранено", "en": "✓ Saved"}

# --- names of the settings, and of what they may be

NAMES: Final[Mapping[str, Phrase]] = {
    "language": {"ru": "Язык", "en": "Language"},
    "gender": {"ru": "Пол", "en": "Gender"},
    "relationship": {"ru": "Отношения", "en": "Relationship"},
    "mood": {"ru": "Настроение", "en": "Mood"},
    "zone": {"ru": "Часовой пояс", "en": "Time zone"},
    "age": {"ru": "18+", "en": "18+"},
}
LANGUAGES: Final[Mapping[str, Phrase]] = {
    "ru": {"ru": "Русский", "en": "Русский"},
    "en": {"ru": "English", "en": "English"},
    "telegram": {"ru": "Как в Telegram", "en": "As in Telegram"},
}
GENDERS: Final[Mapping[str, Phrase]] = {
    "female": {"ru": "Женский", "en": "Female"},
    "male": {"ru": "Мужской", "en": "Male"},
    "other": {"ru": "Другой", "en": "Other"},
    "none": {"ru": "Не указывать", "en": "Do not say"},
}
RELATIONSHIPS: Final[Mapping[str, Phrase]] = {
    "neutral": {"ru": "Нейтральные", "en": "Neutral"},
    "friend": {"ru": "Дружба", "en": "Friends"},
    "partner": {"ru": "Пара", "en": "Partners"},
    "colleague": {"ru": "Коллеги", "en": "Colleagues"},
    "mentor": {"ru": "Наставник", "en": "Mentor"},
}
MOODS: Final[Mapping[str, Phrase]] = {
    "neutral": {"ru": "Обычное", "en": "Neutral"},
    "sweet": {"ru": "Ласковое", "en": "Sweet"},
    "sarcastic": {"ru": "Ироничное", "en": "Sarcastic"},
    "formal": {"ru": "Сдержанное", "en": "Formal"},
    "playful": {"ru": "Игривое", "en": "Playful"},
}
_UNSAID: Final[Phrase] = {"ru": "не указан", "en": "not said"}


# --- the first page


@dataclass(frozen=True, slots=True)
class Session:
    """How the chosen character is to be with the person."""

    name: str
    relationship: str
    mood: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings as they are."""

    language: str
    gender: str | None
    is_adult: bool
    now: datetime
    """In the person's zone."""
    session: Session | None


def overview(chosen: Chosen, language: Language) -> Text:
    """All settings, one a line."""
    gender = _UNSAID[language] if chosen.gender is None else _value(GENDERS, chosen.gender, language)
    lines = [
        _line("language", _value(LANGUAGES, chosen.language, language), language),
        _line("gender", gender, language),
        _line("zone", _zone(chosen.now, language), language),
        _line("age", _adult(language, is_adult=chosen.is_adult), language),
        *_with_character(chosen.session, language),
    ]
    return Text(Bold("Настройки" if language == "ru" else "Settings"), "\n", *lines)


def _with_character(session: Session | None, language: Language) -> Sequence[Text]:
    if session is None:
        later = {
            "ru": "Отношения и настроение настраиваются, когда выбран персонаж: /characters",
            "en": "Relationship and mood can be set once you have chosen a character: /characters",
        }
        return [Text("\n\n", later[language])]
    heading = Text("\n\n", "Собеседник: " if language == "ru" else "With ", Bold(shown.name(session.name)))
    return [
        heading,
        _line("relationship", _value(RELATIONSHIPS, session.relationship, language), language),
        _line("mood", _value(MOODS, session.mood, language), language),
    ]


def _line(name: str, value: str, language: Language) -> Text:
    return Text("\n", NAMES[name][language], ": ", value)


def _value(values: Mapping[str, Phrase], value: str, language: Language) -> str:
    known = values.get(value)
    if known is None:
        return value
    return known[language] if values is LANGUAGES else known[language].lower()


def _zone(now: datetime, language: Language) -> str:
    return f"{now.tzinfo}, сейчас {now:%H:%M}" if language == "ru" else f"{now.tzinfo}, now {now:%H:%M}"


def _adult(language: Language, *, is_adult: bool) -> str:
    if language == "ru":
        return "возраст подтверждён" if is_adult else "возраст не подтверждён"
    return "age confirmed" if is_adult else "age not confirmed"


# --- the pages behind it


def question(name: str, language: Language) -> Text:
    """Above the values to choose from."""
    return Text(Bold(NAMES[name][language]), "\n\n", _QUESTIONS[name][language])


_QUESTIONS: Final[Mapping[str, Phrase]] = {
    "language": {
        "ru": "На каком языке говорить с вами? На нём же будут отвечать персонажи.",
        "en": "Which language shall we speak? Characters will answer in it too.",
    },
    "gender": {
        "ru": "Как о вас говорить? Персонажи учтут это в разговоре.",
        "en": "How shall characters speak of you? They will keep to it.",
    },
    "relationship": {
        "ru": "Кем приходится вам этот персонаж?",
        "en": "Who is this character to you?",
    },
    "mood": {
        "ru": "Каким тоном персонаж будет отвечать?",
        "en": "In what tone shall the character answer?",
    },
}


def regions(now: datetime, language: Language) -> Text:
    """Above the parts of the world."""
    heading = Bold(NAMES["zone"][language])
    example = Code("/settings Europe/Moscow")
    if language == "ru":
        return Text(heading, f"\n\n{_zone(now, language)}.\n\nВыберите часть света или напишите: ", example)
    return Text(heading, f"\n\n{_zone(now, language)}.\n\nChoose a part of the world or write: ", example)


def places(region: str, language: Language) -> Text:
    """Above the cities of a region."""
    if language == "ru":
        return Text(Bold(region), "\n\nГде на часах столько же, сколько у вас?")
    return Text(Bold(region), "\n\nWhere do the clocks show the same time as yours?")


def zone_set(now: datetime, language: Language) -> Text:
    """The zone was set by its name."""
    if language == "ru":
        return Text("✓ Часовой пояс: ", Bold(str(now.tzinfo)), f". У вас сейчас {now:%H:%M}.")
    return Text("✓ Time zone: ", Bold(str(now.tzinfo)), f". It is {now:%H:%M} for you now.")


def no_such_zone(told: str, language: Language) -> Text:
    """Nobody knows this zone."""
    quoted, example = shown.line(told, 64), Code("/settings Europe/Moscow")
    if language == "ru":
        return Text(f"Не знаю часового пояса «{quoted}». Выберите из списка или напишите так: ", example)
    return Text(f"There is no time zone “{quoted}”. Choose from the list, or write: ", example)


def age(language: Language, *, is_adult: bool) -> Text:
    """What the confirmation means."""
    heading = Bold(NAMES["age"][language], ": ", _adult(language, is_adult=is_adult))
    return Text(heading, "\n\n", (_IS_ADULT if is_adult else _IS_NOT)[language])


_IS_ADULT: Final[Phrase] = {
    "ru": "Вы сказали, что вам есть 18 лет: персонажи для взрослых открыты, в списке они за кнопкой 18+."
    " Эти слова можно взять назад в любой момент.",
    "en": "You said that you are 18 or older: characters for adults are open to you, behind the 18+ button of the list."
    " You can take your word back at any time.",
}
_IS_NOT: Final[Phrase] = {
    "ru": "Если вам есть 18 лет, подтвердите это: откроются персонажи для взрослых, в списке появится кнопка 18+."
    " Передумать можно в любой момент.",
    "en": "If you are 18 or older, confirm it: characters for adults open up, and the list gets a button 18+."
    " You can change your mind at any time.",
}
WITHDRAW: Final[Phrase] = {"ru": "✕ Закрыть для меня 18+", "en": "✕ Close 18+ for me"}
