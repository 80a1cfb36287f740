"""Foreign text as it may be shown: bounded, and unable to turn the words around it."""

import unicodedata
from typing import Final

from aiogram.utils.formatting import BlockQuote, Text

from parley.features.bot.core.markup import convert, entity
from parley.kernel.text import one_line

LONGEST_NAME: Final = 64
_FROM_THE_RIGHT: Final = frozenset({"R", "AL"})
_ISOLATE: Final = "\u2068"
_END_OF_ISOLATE: Final = "\u2069"


def name(text: str, most: int = LONGEST_NAME) -> str:
    """A name as one line. One that is written from the right stays a unit within our words."""
    line = clipped(one_line(text, most), most) or "…"
    if any(unicodedata.bidirectional(letter) in _FROM_THE_RIGHT for letter in line):
        return f"{_ISOLATE}{line}{_END_OF_ISOLATE}"
    return line


def line(text: str, most: int) -> str:
    """The beginning of a text as one line of at most ``most`` units."""
    return clipped(one_line(text, len(text)), most)


def passage(text: str, most: int) -> str:
    """A text with its paragraphs, of at most ``most`` units."""
    lines = (one_line(each, len(each)) for each in text.splitlines())
    return clipped("\n".join(lines).strip(), most)


def spoken(text: str, most: int) -> list[Text | str]:
    """A character's own words as a quotation, with the italics and bold of their Markdown; nothing if they say none."""
    plain, marks = convert(passage(text, most))
    if not plain:
        return []
    adorned = [entity(mark) for mark in marks if mark.type in {"italic", "bold"}]
    return ["\n\n", BlockQuote(Text.from_entities(plain, adorned))]


def clipped(text: str, most: int) -> str:
    """The text if it has at most ``most`` units of UTF-16, as Telegram counts, else its beginning and an ellipsis."""
    units = 0
    for place, letter in enumerate(text):
        units += 1 + (letter > "\uffff")
        if units > most:
            return text[: max(place - 1, 0)].rstrip() + "…"
    return text
