"""The catalogue, a character's card, and the beginning of a conversation."""

from collections.abc import Sequence
from typing import Final

from aiogram.utils.formatting import Bold, Italic, Text

from parley.features.bot.core import shown
from parley.features.bot.core.shelf import LONGEST_QUERY, Order
from parley.features.bot.core.texts import words
from parley.features.bot.core.texts.words import Phrase
from parley.features.characters.core import Entry
from parley.kernel.sentences import Language

ORDERS: Final[dict[Order, Phrase]] = {
    "p": {"ru": "Популярные", "en": "Popular"},
    "n": {"ru": "Новые", "en": "New"},
    "r": {"ru": "Для вас", "en": "For you"},
}
ALL: Final[Phrase] = {"ru": "Все персонажи", "en": "All characters"}
TAGS: Final[Phrase] = {"ru": "Теги", "en": "Tags"}
ANY_TAG: Final[Phrase] = {"ru": "✕ Без тега", "en": "✕ No tag"}
SEARCH: Final[Phrase] = {"ru": "Поиск", "en": "Search"}
TALK: Final[Phrase] = {"ru": "Начать разговор", "en": "Start talking"}
TO_LIST: Final[Phrase] = {"ru": "‹ К списку", "en": "‹ To the list"}
TO_FOUND: Final[Phrase] = {"ru": "‹ К найденному", "en": "‹ To the results"}
LEAVE: Final[Phrase] = {"ru": "✕ Закончить разговор", "en": "✕ End the conversation"}
QUESTION: Final[Phrase] = {
    "ru": "Кого ищем? Ответьте именем, чертой характера или темой.",
    "en": "Whom are you looking for? Reply with a name, a trait or a topic.",
}
PLACEHOLDER: Final[Phrase] = {"ru": "Например: космос", "en": "For example: space"}
LEFT: Final[Phrase] = {
    "ru": "Разговор закончен. Всё сказанное сохранилось: вернуться или выбрать другого можно в /characters",
    "en": "The conversation is over. Everything said is kept: come back or choose another one in /characters",
}
ALREADY_LEFT: Final[Phrase] = {
    "ru": "Сейчас вы ни с кем не говорите. Выбрать собеседника: /characters",
    "en": "You are not talking with anyone now. Choose someone: /characters",
}

_KNOWN_TAGS: Final[dict[str, Phrase]] = {
    "anime": {"ru": "аниме", "en": "anime"},
    "fantasy": {"ru": "фэнтези", "en": "fantasy"},
    "mentor": {"ru": "наставник", "en": "mentor"},
    "romance": {"ru": "романтика", "en": "romance"},
}
_CHARACTERS: Final[Phrase] = {"ru": "Персонажи", "en": "Characters"}
_SEARCHED: Final[Phrase] = {"ru": "Поиск: ", "en": "Search: "}
_NOBODY_YET: Final[Phrase] = {
    "ru": "Здесь пока никого нет. Загляните позже.",
    "en": "Nobody is here yet. Come back later.",
}
_NOBODY_HERE: Final[Phrase] = {
    "ru": "Здесь никого нет. Выберите другой тег или посмотрите всех.",
    "en": "Nobody is here. Choose another tag or look at all of them.",
}
_NOBODY_FOUND: Final[Phrase] = {
    "ru": "Никого не нашлось. Попробуйте другое слово.",
    "en": "Nobody was found. Try another word.",
}
_LONGEST_TAG: Final = 32
_LONGEST_LINE: Final = 90
_LONGEST_DESCRIPTION: Final = 1400
_LONGEST_GREETING: Final = 1400
_MOST_TAGS: Final = 10


def tag(name: str, language: Language) -> str:
    """A tag's name; those of the catalogue's genres in the reader's language."""
    known = _KNOWN_TAGS.get(name)
    return shown.name(name, _LONGEST_TAG) if known is None else known[language]


def label(entry: Entry) -> str:
    """A character on a button."""
    return " ".join([shown.name(entry.name), *_signs(entry)])


def _signs(entry: Entry) -> list[str]:
    premium = [words.PREMIUM] if entry.access_type == "premium" else []
    return premium + ([words.ADULTS_ONLY] if entry.content_rating == "nsfw" else [])


# --- lists


def shelf(
    entries: Sequence[Entry], total: int, order: Order, chosen_tag: str | None, language: Language, *, is_adult: bool
) -> Text:
    """A page of the catalogue."""
    title = ORDERS.get(order, ALL)[language]
    about = [] if chosen_tag is None else [tag(chosen_tag, language)]
    about += [words.ADULTS_ONLY] if is_adult else []
    heading = Text(Bold(_CHARACTERS[language]), ": ", " · ".join([title.lower(), *about]))
    return _page(heading, entries, total, language, (_NOBODY_HERE if about else _NOBODY_YET)[language])


def found(query: str, entries: Sequence[Entry], total: int, language: Language) -> Text:
    """A page of what a search found."""
    return _page(_searched(query, language), entries, total, language, _NOBODY_FOUND[language])


def _searched(query: str, language: Language) -> Text:
    """The first marked words are the query: its further pages are found again by them."""
    return Text(_SEARCHED[language], Bold(shown.line(query, LONGEST_QUERY)))


def _page(heading: Text, entries: Sequence[Entry], total: int, language: Language, nobody: str) -> Text:
    if not entries:
        return Text(heading, "\n\n", nobody)
    listed = [Text("\n\n", Bold(label(entry)), *_described(entry)) for entry in entries]
    return Text(heading, *listed, "\n\n", Italic(_hint(total, language)))


def _described(entry: Entry) -> list[str]:
    about = shown.line(entry.description_long, _LONGEST_LINE)
    return [f"\n{about}"] if about else []


def _hint(total: int, language: Language) -> str:
    count = words.characters(total, language)
    if language == "ru":
        return f"Всего {count}. Нажмите на имя, чтобы познакомиться."
    return f"{count} in all. Tap a name to get to know them."


def tags_heading(language: Language) -> Text:
    """Above the tags to choose from."""
    if language == "ru":
        return Text(Bold("Теги"), "\n\nВыберите тему — покажу персонажей с ней.")
    return Text(Bold("Tags"), "\n\nChoose a topic to see the characters that have it.")


def no_tags(language: Language) -> Text:
    """There is nothing to choose from."""
    return Text("Тегов пока нет." if language == "ru" else "There are no tags yet.")


# --- one character


def card(entry: Entry, greeting: str, language: Language, query: str | None) -> Text:
    """A character to get to know; with the query it was found by."""
    found_by = [] if query is None else [_searched(query, language), "\n\n"]
    return Text(*found_by, *_introduced(entry, language), *shown.spoken(greeting, _LONGEST_GREETING))


def _introduced(entry: Entry, language: Language) -> list[Text | str]:
    parts: list[Text | str] = [Bold(shown.name(entry.name))]
    parts += [f"\n{each}" for each in _conditions(entry, language)]
    about = shown.passage(entry.description_long, _LONGEST_DESCRIPTION)
    parts += [f"\n\n{about}"] if about else []
    tags = " · ".join(tag(name, language) for name in entry.tags[:_MOST_TAGS])
    return [*parts, "\n\n", Italic(tags)] if tags else parts


def _conditions(entry: Entry, language: Language) -> list[str]:
    premium = {"ru": f"{words.PREMIUM} По подписке", "en": f"{words.PREMIUM} By subscription"}[language]
    adult = {"ru": f"{words.ADULTS_ONLY} Для взрослых", "en": f"{words.ADULTS_ONLY} For adults"}[language]
    told = [premium] if entry.access_type == "premium" else []
    return told + ([adult] if entry.content_rating == "nsfw" else [])


def met(entry: Entry, greeting: str, language: Language, *, is_introduced: bool) -> Text:
    """The conversation may begin; to those who came by a link the character is introduced first."""
    heading = _introduced(entry, language) if is_introduced else [Bold(shown.name(entry.name))]
    return Text(*heading, *shown.spoken(greeting, _LONGEST_GREETING), "\n\n", Italic(_how_to_talk(language)))


def _how_to_talk(language: Language) -> str:
    if language == "ru":
        return "Напишите сообщение — вам ответят. Сменить собеседника: /characters, начать заново: /new"
    return "Write a message and you will get a reply. Someone else: /characters, a fresh start: /new"
