"""Rules for text that came from outside."""

import unicodedata

from parley.kernel.errors import InvalidInput

_BIDI_AND_INVISIBLE = frozenset(
    map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF])
)
_JOINERS = frozenset("\u200c\u200d")
"""Kept: they hold emoji and several scripts together."""


def storable(text: str) -> bool:
    """Whether both engines can keep the text: no NUL (PostgreSQL), no lone surrogate (UTF-8)."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def bounded(text: str, field: str, *, most: int, least: int = 1) -> str:
    """The text without outer white space, if it is storable and its length is within bounds.

    Lengths are counted in code points after trimming, as contract §2 counts them.
    """
    trimmed = text.strip()
    if not least <= len(trimmed) <= most or not storable(trimmed):
        raise InvalidInput(field)
    return trimmed


def one_line(text: str, most: int) -> str:
    """Untrusted text as one harmless line: for names and facts inside a prompt, and for logs."""
    kept = (
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace()
        or letter in _JOINERS
        or (letter not in _BIDI_AND_INVISIBLE and unicodedata.category(letter) != "Cc")
    )
    return " ".join("".join(kept).split())[:most]
