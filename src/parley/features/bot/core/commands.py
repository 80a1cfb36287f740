"""The commands there are: the menu, the help and what is unknown all follow this table."""

from dataclasses import dataclass
from typing import Final

from parley.features.bot.core.texts.words import Phrase


@dataclass(frozen=True, slots=True)
class Told:
    """A command and what it does, in a few words."""

    name: str
    about: Phrase


COMMANDS: Final[tuple[Told, ...]] = (
    Told("start", {"ru": "С чего начать", "en": "Where to begin"}),
    Told("characters", {"ru": "Выбрать персонажа", "en": "Choose a character"}),
    Told("app", {"ru": "Открыть приложение", "en": "Open the app"}),
    Told("new", {"ru": "Новая сцена, память останется", "en": "New scene, memories stay"}),
    Told("reset", {"ru": "Начать всё с чистого листа", "en": "Start over from a blank page"}),
    Told("memory", {"ru": "Что персонаж о вас помнит", "en": "What the character remembers of you"}),
    Told("settings", {"ru": "Язык, отношения, настроение, время", "en": "Language, relationship, mood, time"}),
    Told("limits", {"ru": "Сколько сообщений осталось", "en": "How many messages are left"}),
    Told("privacy", {"ru": "Что хранится о вас", "en": "What is stored about you"}),
    Told("export", {"ru": "Скачать свои данные", "en": "Download your data"}),
    Told("forget_me", {"ru": "Удалить всё о себе", "en": "Delete everything about you"}),
    Told("help", {"ru": "Все команды", "en": "All commands"}),
)
