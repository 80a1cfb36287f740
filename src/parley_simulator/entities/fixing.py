"""Text as Telegram keeps it: cleaned, trimmed, and its entities made to nest."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from parley_simulator.entities.spans import QUOTES, RAW, SPLITTABLE, Span, in_order

MOST: Final = 100
"""Entities in one message; Telegram drops the rest."""

_DROPPED: Final = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_BLANKED: Final = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_BLANK: Final = " \n"
_INVISIBLE: Final = re.compile(r"[\s\u180e\u200b-\u200f\u2060-\u2064\u2800\u3164\ufe00-\ufe0f\ufeff]*")


def cleaned(text: str, spans: Iterable[Span]) -> tuple[str, list[Span]]:
    """Without control characters, line tricks and carriage returns; the spans follow their text."""
    kept = [0]
    for character in text:
        kept.append(kept[-1] + (_DROPPED.match(character) is None))
    moved = [replace(span, start=kept[span.start], end=kept[span.end]) for span in spans]
    return _BLANKED.sub(" ", _DROPPED.sub("", text)), [span for span in moved if span.start < span.end]


def trimmed(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Without blanks at the end, and without those at the start that no entity holds."""
    end = len(text.rstrip(_BLANK))
    first = min((span.start for span in spans), default=end)
    start = min(first, len(text) - len(text.lstrip(_BLANK)))
    inside = [replace(span, start=span.start - start, end=min(span.end, end) - start) for span in spans]
    return text[start:end], in_order(span for span in inside if span.start < span.end)


def is_invisible(text: str) -> bool:
    """Whether nothing of it can be seen."""
    return _INVISIBLE.fullmatch(text) is not None


def nested(spans: Iterable[Span]) -> list[Span]:
    """Without intersections: of two that cannot nest the earlier stays, and styles are cut at every border."""
    spans = in_order(spans)
    quotes = _apart(span for span in spans if span.kind in QUOTES)
    firm = _apart(span for span in spans if span.kind not in SPLITTABLE and span.kind not in QUOTES)
    firm = in_order([*quotes, *(span for span in firm if _fits(span, quotes))])
    return in_order([*firm, *_cut(spans, firm)])


def with_found(spans: list[Span], found: Iterable[Span]) -> list[Span]:
    """With what was found in the text, where nothing that stands already forbids it."""
    firm = [span for span in spans if span.kind not in SPLITTABLE and span.kind not in QUOTES]
    quotes = [span for span in spans if span.kind in QUOTES]
    return nested([*spans, *(span for span in found if _fits(span, quotes) and not _touching(span, firm))])


def limited(spans: list[Span]) -> list[Span]:
    """As many as a message may have; styles go first."""
    firm = [span for span in spans if span.kind not in SPLITTABLE]
    styles = [span for span in spans if span.kind in SPLITTABLE]
    return in_order([*firm, *styles][:MOST])


def _apart(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _touching(span: Span, others: list[Span]) -> list[Span]:
    """Those of ``others``, which are sorted and apart, that share text with the span."""
    first = bisect_right(others, span.start, key=lambda other: other.end)
    behind = bisect_left(others, span.end, key=lambda other: other.start)
    return others[first:behind]


def _fits(span: Span, quotes: list[Span]) -> bool:
    """Whether it lies wholly inside or outside each quote."""
    return all(quote.start <= span.start and span.end <= quote.end for quote in _touching(span, quotes))


def _cut(spans: list[Span], firm: list[Span]) -> list[Span]:
    """The styles: those of a kind that meet are one, cut wherever another entity or style begins or a firm one ends."""
    styles = [each for kind in SPLITTABLE for each in _joined(span for span in spans if span.kind == kind)]
    borders = sorted({*(span.start for span in [*styles, *firm]), *(span.end for span in firm)})
    raw = [span for span in firm if span.kind in RAW]
    pieces = [
        replace(style, start=start, end=end) for style in styles for start, end in pairwise(_steps(style, borders))
    ]
    return [piece for piece in pieces if not _touching(piece, raw)]


def _steps(style: Span, borders: list[int]) -> list[int]:
    inside = borders[bisect_right(borders, style.start) : bisect_left(borders, style.end)]
    return [style.start, *inside, style.end]


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans of one kind, sorted, those that overlap or meet made one."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
