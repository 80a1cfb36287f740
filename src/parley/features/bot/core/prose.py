"""Markdown as it is meant by those who write prose in it, where CommonMark would make code of it or hide words."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import pyromark
from pyromark.event import Range

from parley.features.bot.core.links import is_web

Event = Any
"""What the parser tells: `{"Start": tag}`, `{"Text": text}`, `"SoftBreak"`…; its place counts UTF-8 bytes."""

_OPTIONS: Final = (
    pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TASKLISTS
)
"""Not mathematics: in a chat, a dollar is money."""
_MOST_EVENTS: Final = 6000
"""Of one reply. A page of prose has some two hundred; this many take 12 ms."""
_MOST_ROUNDS: Final = 8


class TooMuch(Exception):
    """The Markdown asks for more than a reply is worth."""


def events_of(source: str) -> Iterator[tuple[Event, Range]]:
    """What the parser tells of the source, and where each piece stands; raises TooMuch."""
    for number, told in enumerate(pyromark.events_with_range(source, options=_OPTIONS)):
        if number >= _MOST_EVENTS:
            raise TooMuch
        yield told


def as_meant(source: str) -> str:
    """The source with paragraphs for what is indented, and every word shown; raises TooMuch."""
    return _with_definitions_shown(_with_indents_shown(source))


_INDENTED: Final = re.compile(r"^(?: {4}| {0,3}\t)", re.MULTILINE)
_INDENT: Final = re.compile(rb"^[ \t]+", re.MULTILINE)
_INDENTED_CODE: Final = {"Start": {"CodeBlock": "Indented"}}
_FIXED_SPACE: Final = "\N{NO-BREAK SPACE}".encode()


def _with_indents_shown(source: str) -> str:
    """Four spaces make code of a paragraph; here they are what they look like. Code has fences."""
    if _INDENTED.search(source) is None:
        return source
    raw = source.encode()
    blocks = [place for event, place in events_of(source) if event == _INDENTED_CODE]
    pieces, cursor = [], 0
    for block in blocks:
        first_line = raw.rfind(b"\n", 0, block["start"]) + 1
        pieces += [raw[cursor:first_line], _INDENT.sub(_fixed, raw[first_line : block["end"]])]
        cursor = block["end"]
    return b"".join([*pieces, raw[cursor:]]).decode()


def _fixed(indent: re.Match[bytes]) -> bytes:
    return _FIXED_SPACE * len(indent[0].expandtabs(4))


def _with_definitions_shown(source: str) -> str:
    """`[Кира]: привет` defines a link and would vanish. What leads nowhere is meant to be read."""
    for _ in range(_MOST_ROUNDS):
        found = pyromark.reference_definitions(source, options=_OPTIONS) if "]:" in source else {}
        starts = sorted(each["span"]["start"] for each in found.values() if not is_web(each["dest"]))
        if not starts:
            return source
        raw = source.encode()
        source = b"\\".join(raw[start:end] for start, end in pairwise([0, *starts, len(raw)])).decode()
    raise TooMuch
