"""Parse mode MarkdownV2: everything nests, and every reserved character must be escaped."""

from dataclasses import dataclass
from typing import Any, Final

from parley_simulator.entities import links
from parley_simulator.entities.marks import END, Marked, Unparsable

_RESERVED: Final = "_*[]()~`>#+-=|{}.!\n"
_LAST_ESCAPABLE: Final = "~"
_FENCE: Final = "```"
_MARKS: Final = {"Bold": "*", "Underline": "__", "Italic": "_", "Strikethrough": "~", "Spoiler": "||"}
_KINDS: Final = {name: name.lower() for name in (*_MARKS, "Code", "Pre")} | {"PreCode": "pre"}
_ENDS: Final = _MARKS | {"Code": "`", "Pre": _FENCE, "PreCode": _FENCE, "TextUrl": "]", "CustomEmoji": "]"}
_RAW: Final = {"Code", "Pre", "PreCode"}


@dataclass(frozen=True, slots=True)
class _Opened:
    name: str
    start: int
    place: int
    language: str = ""


def parsed(text: str) -> Marked:
    """The text without its marks, and what they said. Raises Unparsable."""
    return _MarkdownV2(text).read()


class _MarkdownV2(Marked):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._open: list[_Opened] = []
        self._in_quote = False
        self._at_line_start = True

    def read(self) -> Marked:
        while not self.is_over():
            if self.peek() == "\\" and END < self.peek(1) <= _LAST_ESCAPABLE:
                self.place += 1
                self._copy()
            elif self.peek() not in ("`" if self._innermost() in _RAW else _RESERVED):
                self._copy()
            elif self._at_end_of_quote():
                self._end_quote()
            elif self._at_end_of_entity():
                self._end_entity()
            else:
                self._begin()
        self._end_quote_with_text()
        if self._open:
            raise self._endless(self._open[-1])
        return self

    def _copy(self) -> None:
        if self.peek() != "\r":
            self._at_line_start = self.peek() == "\n"
        self.take()

    def _innermost(self) -> str:
        return self._open[-1].name if self._open else ""

    def _endless(self, opened: _Opened) -> Unparsable:
        return Unparsable(f"Can't find end of {opened.name} entity at byte offset {self.byte(opened.place)}")

    def _unescaped(self) -> Unparsable:
        return Unparsable(f"Character '{self.peek()}' is reserved and must be escaped with the preceding '\\'")

    # --- beginnings ---------------------------------------------------------------------------------------

    def _begin(self) -> None:
        match self.peek():
            case "\n":
                self._copy()
            case ">":
                self._begin_line_of_quote()
            case "`":
                self._begin_code()
            case "[":
                self._opens("TextUrl", 1)
            case "!" if self.peek(1) == "[":
                self._opens("CustomEmoji", 2)
            case _:
                self._begin_style()

    def _begin_style(self) -> None:
        name = next((name for name, mark in _MARKS.items() if self.sees(mark)), None)
        if name is None:
            raise self._unescaped()
        self._opens(name, len(_MARKS[name]))

    def _begin_line_of_quote(self) -> None:
        if not self._at_line_start:
            raise self._unescaped()
        if self._in_quote:
            self.place += 1
        else:
            self._in_quote = True
            self._opens("BlockQuote", 1)

    def _begin_code(self) -> None:
        if not self.sees(_FENCE):
            self._opens("Code", 1)
            return
        begin = self.place
        self.place += len(_FENCE)
        language = self.language()
        self.skip_line_break()
        self._open.append(_Opened("PreCode" if language else "Pre", len(self.written), begin, language))

    def _opens(self, name: str, length: int) -> None:
        self._open.append(_Opened(name, len(self.written), self.place))
        self.place += length

    # --- ends ---------------------------------------------------------------------------------------------

    def _at_end_of_entity(self) -> bool:
        end = _ENDS.get(self._innermost())
        if end == "_":
            return self.sees("_") and self.peek(1) != "_"
        return end is not None and self.sees(end)

    def _end_entity(self) -> None:
        opened = self._open.pop()
        self.place += len(_ENDS[opened.name])
        match opened.name:
            case "TextUrl":
                self._end_link(opened)
            case "CustomEmoji":
                self._end_emoji(opened)
            case name:
                self.mark(_KINDS[name], opened.start, {"language": opened.language} if opened.language else None)

    def _end_link(self, opened: _Opened) -> None:
        address = self._address() if self.sees("(") else self.since(opened.start)
        if linked := links.meaning(address):
            kind, fields = linked
            self.mark(kind, opened.start, fields)

    def _end_emoji(self, opened: _Opened) -> None:
        if not self.sees("("):
            raise Unparsable("The entity must contain a tg://emoji or tg://time URL")
        address = self._address()
        if (emoji := links.emoji_of(address)) is not None:
            self.mark("custom_emoji", opened.start, {"custom_emoji_id": emoji})
        else:
            self.mark("date_time", opened.start, _time(address))

    def _address(self) -> str:
        self.place += 1
        begin = self.place
        address: list[str] = []
        while not self.sees(")"):
            if self.is_over():
                raise Unparsable(f"Can't find end of a URL at byte offset {self.byte(begin)}")
            if self.peek() == "\\" and END < self.peek(1) <= _LAST_ESCAPABLE:
                self.place += 1
            address.append(self.peek())
            self.place += 1
        self.place += 1
        return "".join(address)

    # --- quotes: they end with their last line, expandable ones after a lone `||` ---------------------------

    def _at_end_of_quote(self) -> bool:
        return self._in_quote and self.sees("\n") and self.peek(1) != ">"

    def _end_quote(self) -> None:
        opened, kind = self._quote_that_ends()
        if opened is None:
            raise self._endless(self._open[-1])
        self._copy()
        self.mark(kind, opened.start)

    def _end_quote_with_text(self) -> None:
        opened, kind = self._quote_that_ends() if self._in_quote else (None, "")
        if opened is not None:
            self.mark(kind, opened.start)

    def _quote_that_ends(self) -> tuple[_Opened | None, str]:
        """The open quote; a spoiler that begins right before its end says that it is expandable."""
        kind = "blockquote"
        if self._innermost() == "Spoiler" and self._is_just_opened(self._open[-1]):
            self._open.pop()
            kind = "expandable_blockquote"
        if self._innermost() != "BlockQuote":
            return None, kind
        self._in_quote = False
        return self._open.pop(), kind

    def _is_just_opened(self, opened: _Opened) -> bool:
        return self.text[opened.place : self.place] in {"||", "||\r"}


def _time(address: str) -> dict[str, Any]:
    try:
        fields = links.time_of(address)
    except ValueError as wrong:
        raise Unparsable(str(wrong)) from None
    if fields is None:
        raise Unparsable("Invalid tg://emoji or tg://time URL specified")
    return fields
