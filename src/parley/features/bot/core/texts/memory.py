"""What a character remembers of the person."""

from collections.abc import Sequence
from typing import Final

from aiogram.utils.formatting import BlockQuote, Bold, Code, Italic, Text

from parley.features.bot.core import shown
from parley.features.bot.core.texts import words
from parley.features.bot.core.texts.words import Phrase
from parley.features.memories.core import LONGEST, MOST_KEPT, Memory
from parley.kernel.sentences import Language

PIN: Final = "📌"
FORGET: Final = "✕"
REALLY_FORGET: Final[Phrase] = {"ru": "✓ Забыть", "en": "✓ Forget"}
KEEP: Final[Phrase] = {"ru": "✕ Оставить", "en": "✕ Keep"}
SHOW_ALL: Final[Phrase] = {"ru": "Вся память", "en": "All memories"}
PINNED: Final[Phrase] = {
    "ru": "📌 Закреплено: об этом будут помнить всегда",
    "en": "📌 Pinned: this is always remembered",
}
UNPINNED: Final[Phrase] = {"ru": "Откреплено", "en": "Unpinned"}
FORGOTTEN: Final[Phrase] = {"ru": "✓ Забыто", "en": "✓ Forgotten"}
TOO_LONG: Final[Phrase] = {
    "ru": f"Факт должен быть не длиннее {LONGEST} знаков. Расскажите покороче или по частям.",
    "en": f"A fact may have up to {LONGEST} characters. Tell it shorter, or in parts.",
}
TOO_MANY: Final[Phrase] = {
    "ru": f"В памяти уже {MOST_KEPT} фактов, больше не поместится. Удалите лишние: /memory",
    "en": f"There are {MOST_KEPT} facts already, and no room for more. Delete some: /memory",
}
_LONGEST_SHOWN: Final = 300
_EXAMPLE: Final[Phrase] = {"ru": "/memory Люблю зелёный чай", "en": "/memory I love green tea"}


def unpin(number: int, language: Language) -> str:
    """The button that takes the pin away."""
    return f"{number} открепить" if language == "ru" else f"{number} unpin"


def nothing(name: str, language: Language) -> Text:
    """Nothing is remembered, and how that changes."""
    who, example = Bold(shown.name(name)), Code(_EXAMPLE[language])
    if language == "ru":
        return Text(who, " пока ничего о вас не помнит.\n\nРасскажите что-нибудь важное: ", example)
    return Text(who, " does not remember anything of you yet.\n\nTell something that matters: ", example)


def remembered(name: str, facts: Sequence[Memory], first: int, total: int, language: Language) -> Text:
    """A page of facts, numbered from ``first``."""
    count = words.facts(total, language)
    heading = {"ru": ("Помнит о вас: ", f" ({count})"), "en": ("Remembers of you: ", f" ({count})")}[language]
    listed = [Text("\n\n", f"{number}. ", *_fact(fact, language)) for number, fact in enumerate(facts, first)]
    return Text(heading[0], Bold(shown.name(name)), heading[1], *listed, "\n\n", *_hint(language))


def _fact(fact: Memory, language: Language) -> list[Text | str]:
    importance = f"важность {fact.importance}" if language == "ru" else f"importance {fact.importance}"
    pin = f"{PIN} " if fact.pinned else ""
    return [f"{pin}{shown.line(fact.content, _LONGEST_SHOWN)} ", Italic(f"({importance})")]


def _hint(language: Language) -> list[Text | str]:
    example = Code(_EXAMPLE[language])
    if language == "ru":
        return [f"{PIN} — не забывать никогда, {FORGET} — забыть. Добавить: ", example]
    return [f"{PIN} never forget, {FORGET} forget. Add one: ", example]


def ask_forget(fact: Memory, language: Language) -> Text:
    """Before a fact goes."""
    quoted = BlockQuote(shown.passage(fact.content, 2 * LONGEST))
    return Text("Забыть это навсегда?\n\n" if language == "ru" else "Forget this for good?\n\n", quoted)


def noted(name: str, fact: str, language: Language) -> Text:
    """A fact was added."""
    who, quoted = Bold(shown.name(name)), BlockQuote(shown.passage(fact, 2 * LONGEST))
    if language == "ru":
        return Text("✓ ", who, " будет помнить:\n\n", quoted)
    return Text("✓ ", who, " will remember:\n\n", quoted)
