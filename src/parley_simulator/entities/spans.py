"""A stretch of text and what it is; inside this package places count characters, outside UTF-16 units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SPLITTABLE: Final = ("bold", "italic", "underline", "strikethrough", "spoiler")
"""These may overlap; they are cut so that each lies wholly inside or outside every other entity."""

QUOTES: Final = ("blockquote", "expandable_blockquote")
RAW: Final = ("pre", "code", "date_time")
"""Nothing is formatted inside these."""

_RANK: Final = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 10,
    "code": 20,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
_RANK_OF_FOUND: Final = 50
_WIDE: Final = 0x10000


@dataclass(frozen=True, slots=True)
class Span:
    """The characters from ``start`` to ``end`` are a ``kind``; ``detail`` holds the kind's own fields."""

    kind: str
    start: int
    end: int
    detail: Mapping[str, Any] = field(default_factory=dict)

    def order(self) -> tuple[int, int, int]:
        """By place; of those that start together the longer first, then as Telegram ranks the kinds."""
        rank = _RANK.get(self.kind, _RANK_OF_FOUND)
        return self.start, -self.end, rank + (self.kind == "pre" and "language" not in self.detail)


def in_order(spans: Iterable[Span]) -> list[Span]:
    """Sorted as Telegram lists them."""
    return sorted(spans, key=Span.order)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) + sum(ord(character) >= _WIDE for character in text)


def as_entities(text: str, spans: Iterable[Span]) -> list[dict[str, Any]]:
    """MessageEntity objects for spans of ``text``."""
    before = [0]
    for character in text:
        before.append(before[-1] + (2 if ord(character) >= _WIDE else 1))
    return [
        {"type": span.kind, "offset": before[span.start], "length": before[span.end] - before[span.start]}
        | dict(span.detail)
        for span in spans
    ]
