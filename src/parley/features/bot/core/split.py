"""Replies in parts that Telegram takes: at most 4096 UTF-16 units each, cut where a reader would pause."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final
from unicodedata import category

from aiogram.types import MessageEntity
from telegramify_markdown.entity import MessageEntity as Mark

from parley.features.bot.core import markup
from parley.features.bot.core.unfinished import closed

LONGEST: Final = 4096
"""UTF-16 units of one message, after its entities are parsed."""
MOST_ENTITIES: Final = 100
"""More of them in one message Telegram leaves out."""
NOTHING: Final = "…"
"""What stands for a text that shows nothing: Telegram takes no empty message."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one Telegram message shows."""

    text: str
    entities: list[MessageEntity] = field(default_factory=list)


def parts(markdown: str) -> list[Part]:
    """A reply as the messages that show it, at least one. Only white space between two parts is left out."""
    text, marks = markup.convert(markdown)
    ruler = _Ruler(text)
    return [_part(ruler, marks, start, stop) for start, stop in _pieces(ruler)] or [Part(NOTHING)]


def preview(markdown: str) -> Part:
    """A reply that is still being written: what was begun is shown as if it were closed, a long one by its end."""
    whole, signs = closed(markdown)
    text, marks = markup.convert(whole)
    if signs and text.endswith(signs):
        # They closed nothing, so they would be read.
        text, marks = markup.convert(markdown)
    ruler = _Ruler(text)
    start, stop = _first_seen(text, 0), len(text.rstrip())
    if ruler.units(start, stop) > LONGEST:
        start = _end_begins(ruler, stop)
    return _part(ruler, marks, start, stop) if _shows(text[start:stop]) else Part(NOTHING)


class _Ruler:
    """Places in a text, counted in code points, and their distances in the UTF-16 units that Telegram counts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._units: Sequence[int] = range(len(text) + 1)
        if text and max(text) > "\uffff":
            self._units = list(accumulate((1 + (letter > "\uffff") for letter in text), initial=0))

    def units(self, start: int, stop: int) -> int:
        """How long the text between two places is."""
        return self._units[stop] - self._units[start]

    def before(self, start: int, units: int) -> int:
        """The last place at most so many units after ``start``."""
        return bisect_right(self._units, self._units[start] + units) - 1


def _part(ruler: _Ruler, marks: Sequence[Mark], start: int, stop: int) -> Part:
    """What stands between two places, with the marks cut to it."""
    first, last = ruler.units(0, start), ruler.units(0, stop)
    within = [
        mark.copy_with(offset=max(mark.offset, first) - first, length=min(end, last) - max(mark.offset, first))
        for mark in marks
        if mark.offset < last and (end := mark.offset + mark.length) > first
    ]
    return Part(ruler.text[start:stop], [markup.entity(mark) for mark in within[:MOST_ENTITIES]])


def _pieces(ruler: _Ruler) -> Iterator[tuple[int, int]]:
    """Where each part starts and stops."""
    text = ruler.text
    start, stop = _first_seen(text, 0), len(text.rstrip())
    while start < stop:
        furthest = ruler.before(start, LONGEST)
        cut = stop if furthest >= stop else _border(text, start, furthest)
        end = start + len(text[start:cut].rstrip())
        if _shows(text[start:end]):
            yield start, end
        start = _first_seen(text, cut)


def _first_seen(text: str, place: int) -> int:
    """The next place where something is to be seen; a line keeps its indentation."""
    seen = place + len(text[place:]) - len(text[place:].lstrip())
    line = text.rfind("\n", place, seen) + 1
    return line or (seen if place else 0)


def _shows(text: str) -> bool:
    """Whether there is anything to be seen."""
    return any(letter.isprintable() and not letter.isspace() for letter in text)


# --- where to cut ---------------------------------------------------------------------------------------

_SENTENCE_ENDS: Final = re.compile(r"[.!?…][»”\"')\]]*(?=\s)")
_WORD_ENDS: Final = re.compile(r"(?<=\S)(?=\s)")
_WORD_BEGINS: Final = re.compile(r"(?<=\s)(?=\S)")
_LONGEST_GRAPHEME: Final = 64
"""Letters piled up beyond this are torn."""


def _border(text: str, start: int, furthest: int) -> int:
    """The best place to cut: after a paragraph, else a line, a sentence, a word, a letter with all its marks.

    None of them is worth a part less than half full.
    """
    least = start + (furthest - start) // 2
    for border in ("\n\n", "\n"):
        found = text.rfind(border, least, furthest + len(border))
        if found > start:
            return found
    for pattern in (_SENTENCE_ENDS, _WORD_ENDS):
        ends = [found.end() for found in pattern.finditer(text, least, furthest + 1)]
        if ends:
            return ends[-1]
    for place in range(furthest, max(furthest - _LONGEST_GRAPHEME, start), -1):
        if not _is_inside_letter(text, place):
            return place
    return furthest


def _end_begins(ruler: _Ruler, stop: int) -> int:
    """Where the end of a text begins that still fits: at the next word, if one is near."""
    start = ruler.before(0, ruler.units(0, stop) - LONGEST - 1) + 1
    word = _WORD_BEGINS.search(ruler.text, start, start + _LONGEST_GRAPHEME)
    if word is not None:
        return word.end()
    while start < stop and _is_inside_letter(ruler.text, start):
        start += 1
    return start


_JOINER: Final = "\u200d"


def _is_inside_letter(text: str, place: int) -> bool:
    """Whether what follows belongs to the letter or emoji before (UAX 29, as far as chats go)."""
    before, after = text[place - 1], text[place]
    if _JOINER in (before, after) or category(after)[0] == "M" or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    return _is_flag_letter(before) and _is_flag_letter(after) and _flag_letters(text, place) % 2 == 1


def _is_flag_letter(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _flag_letters(text: str, place: int) -> int:
    """How many letters of flags stand right before; two make a flag."""
    start = place
    while start and _is_flag_letter(text[start - 1]):
        start -= 1
    return place - start
