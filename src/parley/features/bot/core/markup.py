"""A model's Markdown as Telegram shows it: plain text, and marks over it in UTF-16 units.

The Markdown is foreign data. It may ask for italics and lists; it gets no mention, no address but the web's, and never
more time than a reply is worth. What asks for more, or cannot be read, is shown as it was written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiogram.types import MessageEntity
from pyromark.event import Range
from telegramify_markdown.config import RenderConfig
from telegramify_markdown.converter import EventWalker
from telegramify_markdown.entity import MessageEntity as Mark

from parley.features.bot.core.links import is_web
from parley.features.bot.core.prose import Event, TooMuch, as_meant, events_of

MOST_SOURCE: Final = 64 * 1024
"""Characters that are read as Markdown; a reply is a tenth of it."""
_DEEPEST: Final = 32
_MOST_GROWTH: Final = 4
"""Tables are padded with spaces; one that multiplies the text beyond this was made to do so."""


def convert(markdown: str) -> tuple[str, list[Mark]]:
    """The text and the marks over it: sorted, nested, and of no kind that could do more than adorn."""
    source = _clean(markdown)
    try:
        text, marks = _read(source)
    # The parser is foreign code at work on foreign data: whatever it stumbles on, the reply is shown.
    except Exception:  # noqa: BLE001  see above
        return source, []
    return text, list(_nested(marks))


def entity(mark: Mark) -> MessageEntity:
    """The mark as Telegram takes it."""
    language = mark.language if mark.language and _LANGUAGE.fullmatch(mark.language) else None
    return MessageEntity(type=mark.type, offset=mark.offset, length=mark.length, url=mark.url, language=language)


def _clean(text: str) -> str:
    """With line ends of one kind, and without what UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")


def _read(source: str) -> tuple[str, list[Mark]]:
    if len(source) > MOST_SOURCE:
        raise TooMuch
    source = as_meant(source)
    events = tuple(_Rewriting(source).events(events_of(source)))
    text, marks, _ = EventWalker(_LOOK, source).walk(events)
    if len(text) > _MOST_GROWTH * len(source) + 4096:
        raise TooMuch
    return text, marks


def _look() -> RenderConfig:
    look = RenderConfig.isolated()
    look.cite_expandable = False
    symbols = look.markdown_symbol
    symbols.heading_level_3 = ""
    symbols.unordered_list_item = "•"
    symbols.task_completed, symbols.task_uncompleted = "☑", "☐"
    symbols.horizontal_rule = "———"
    return look


_LOOK: Final = _look()

# --- from what the parser tells to what is wanted -------------------------------------------------------

_TAGS: Final[Mapping[str, Event]] = {
    "<b>": {"Start": "Strong"},
    "<strong>": {"Start": "Strong"},
    "</b>": {"End": "Strong"},
    "</strong>": {"End": "Strong"},
    "<i>": {"Start": "Emphasis"},
    "<em>": {"Start": "Emphasis"},
    "</i>": {"End": "Emphasis"},
    "</em>": {"End": "Emphasis"},
    "<br>": "SoftBreak",
    "<br/>": "SoftBreak",
    "<br />": "SoftBreak",
}
"""HTML that models write now and then. All other is text: who speaks of `List<String>` wants it whole."""


def _without_empty_code(parsed: Iterator[tuple[Event, Range]]) -> Iterator[tuple[Event, Range]]:
    """The rest leaves traces of a code block that has nothing in it, and thousands of them would cost seconds."""
    held: tuple[Event, Range] | None = None
    for told in parsed:
        match told[0]:
            case {"Start": {"CodeBlock": _}}:
                held = told
                continue
            case {"End": "CodeBlock"} if held is not None:
                held = None
                continue
            case _:
                pass
        if held is not None:
            yield held
            held = None
        yield told


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that has begun."""

    end: Sequence[Event] | None = None
    """What stands for its end; None: its own."""
    address: str = ""
    """What is shown of a link that has no words."""
    said: int = 0
    """How many pieces of text there were before it."""


class _Rewriting:
    """One reply's events on their way from the parser to what makes text of them."""

    def __init__(self, source: str) -> None:
        self._source = source.encode()
        self._open: list[_Open] = []
        self._said = 0

    def events(self, parsed: Iterator[tuple[Event, Range]]) -> Iterator[tuple[Event, Range]]:
        """The events that are wanted; raises TooMuch."""
        for event, place in _without_empty_code(parsed):
            if len(self._open) > _DEEPEST:
                raise TooMuch
            for wanted in self._rewritten(event, place):
                yield wanted, place

    def _rewritten(self, event: Event, place: Range) -> Sequence[Event]:
        match event:
            case {"Start": tag}:
                return self._begun(event, tag, place)
            case {"End": _}:
                return self._ended(event)
            case {"InlineHtml": tag}:
                return (_TAGS.get(tag.lower(), {"Text": tag}),)
            case {"Html": text}:
                return ({"Text": text},)
            case _:
                self._said += 1
                return (event,)

    def _begun(self, event: Event, tag: Event, place: Range) -> Sequence[Event]:
        """What stands for the beginning of an element."""
        beginning: Sequence[Event] = (event,)
        opened = _Open()
        match tag:
            case {"Heading": heading}:
                # The level that is bold and nothing else.
                beginning = ({"Start": {"Heading": {**heading, "level": "H3"}}},)
            case {"Link": {"dest_url": address}} | {"Image": {"dest_url": address}}:
                beginning, opened = self._link(address)
            case "Strikethrough" if self._source[place["start"] : place["start"] + 2] != b"~~":
                beginning, opened = ({"Text": "~"},), _Open(({"Text": "~"},))
            case "HtmlBlock":
                beginning, opened = ({"Start": "Paragraph"},), _Open(({"End": "Paragraph"},))
            case _:
                pass
        self._open.append(opened)
        return beginning

    def _link(self, address: str) -> tuple[Sequence[Event], _Open]:
        """A picture is a link too. One that does not lead into the web keeps its words alone."""
        if not is_web(address):
            return (), _Open(())
        return ({"Start": {"Link": {"dest_url": address}}},), _Open(({"End": "Link"},), address, self._said)

    def _ended(self, event: Event) -> Sequence[Event]:
        opened = self._open.pop()
        end = (event,) if opened.end is None else opened.end
        return ({"Text": opened.address}, *end) if opened.address and opened.said == self._said else end


# --- from marks to Telegram's entities ------------------------------------------------------------------

_ALONE: Final = frozenset({"code", "pre"})
"""They hold no other mark."""
_ALLOWED: Final = frozenset({"bold", "italic", "strikethrough", "blockquote", "text_link"}) | _ALONE
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9+#._-]{1,32}")


def _nested(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Marks by their place, the outer before the inner, none across another's end, none within its like."""
    around: list[Mark] = []
    for mark in sorted(marks, key=lambda each: (each.offset, -each.length)):
        while around and around[-1].offset + around[-1].length <= mark.offset:
            around.pop()
        if mark.type not in _ALLOWED or any(each.type == mark.type or each.type in _ALONE for each in around):
            continue
        end = min([mark.offset + mark.length, *(each.offset + each.length for each in around[-1:])])
        kept = mark.copy_with(length=end - mark.offset)
        around.append(kept)
        yield kept
