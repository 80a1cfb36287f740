"""Rules for text that came from outside."""

import unicodedata

from parley.kernel.errors import InvalidInput

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
"""Categories of Unicode that show nothing but can turn text around, hide in it or break its encoding: control and
format characters (bidirectional marks, zero-width spaces, tags) and lone surrogates."""
_HIDING = frozenset(map(chr, range(0xE0100, 0xE01F0)))
"""Variation selectors beyond the sixteen common ones: unseen too, and known as a place to hide orders in."""
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
    if not text.isprintable() or not _HIDING.isdisjoint(text):
        text = "".join(" " if letter.isspace() else letter for letter in text if letter.isspace() or _is_seen(letter))
    return " ".join(text.split())[:most]


def _is_seen(letter: str) -> bool:
    if letter in _JOINERS:
        return True
    return unicodedata.category(letter) not in _UNSEEN and letter not in _HIDING
