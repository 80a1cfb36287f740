"""Which language to answer in."""

import re
from collections.abc import Iterable
from typing import Final

UNDETERMINED: Final = "und"
"""BCP 47's tag for a language that is there but not known."""
_CYRILLIC: Final = re.compile(r"[\u0400-\u052f]")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_IN_CYRILLIC: Final = frozenset({"ru", "uk", "be", "bg", "sr", "kk", "mk", "ky", "mn", "tg", "tt"})
_FEWEST_LETTERS: Final = 3
_TELLING_SHARE: Final = 0.3
"""Who writes Cyrillic names things in Latin letters all the time, but not the other way round: so much of it tells."""


def primary(tag: str) -> str:
    """The language of a BCP 47 tag, without script and region."""
    return tag.lower().partition("-")[0]


def reply_language(said: Iterable[str], profile: str) -> str:
    """The language to answer in: told by the script of what was said, newest first, else the profile's.

    A text of under three letters (a number, an emoji, "ok") tells nothing, so the one before it is asked. A script
    that suits the profile's language means that language. Cyrillic beside another profile means Russian, Latin beside
    a Cyrillic one English; any other script leaves it to the model, which can read.
    """
    for text in said:
        told = _told_by(text, profile)
        if told is not None:
            return told
    return profile


def _told_by(text: str, profile: str) -> str | None:
    letters = len(_LETTER.findall(text))
    if letters < _FEWEST_LETTERS:
        return None
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    is_cyrillic_profile = primary(profile) in _IN_CYRILLIC
    if cyrillic >= letters * _TELLING_SHARE:
        return profile if is_cyrillic_profile else "ru"
    if latin * 2 >= letters:
        return "en" if is_cyrillic_profile else profile
    return UNDETERMINED
