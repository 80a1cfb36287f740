"""A cursor over marked-up text: what is read, what has been written so far, what is open."""

from collections.abc import Mapping
from typing import Any, Final

from parley_simulator.entities.spans import Span

SPACES: Final = " \t\r\n\v\0"
"""Space as Telegram's parsers know it; the zero is also what stands behind the last character."""

END: Final = "\0"


class Unparsable(Exception):
    """The text's marks make no sense; the message is Telegram's, without its prefix."""


class Marked:
    """The text being read. Places of errors are told in bytes of UTF-8, as Telegram tells them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.written: list[str] = []
        self.spans: list[Span] = []

    def peek(self, ahead: int = 0) -> str:
        """The character so far from the place, or `END` behind the last."""
        place = self.place + ahead
        return self.text[place] if place < len(self.text) else END

    def is_over(self) -> bool:
        """Whether everything was read."""
        return self.place >= len(self.text)

    def sees(self, mark: str) -> bool:
        """Whether the mark stands at the place."""
        return self.text.startswith(mark, self.place)

    def byte(self, place: int) -> int:
        """The byte at which the character at ``place`` begins."""
        return len(self.text[:place].encode())

    def take(self) -> None:
        """Copy one character."""
        self.written.append(self.text[self.place])
        self.place += 1

    def skip(self, characters: str) -> str:
        """Pass over any of these characters."""
        start = self.place
        while not self.is_over() and self.text[self.place] in characters:
            self.place += 1
        return self.text[start : self.place]

    def until(self, characters: str) -> str:
        """Pass over everything before any of these characters or the end."""
        start = self.place
        while not self.is_over() and self.text[self.place] not in characters:
            self.place += 1
        return self.text[start : self.place]

    def mark(self, kind: str, start: int, detail: Mapping[str, Any] | None = None) -> None:
        """What was written since ``start`` is a ``kind``; nothing at all is no entity."""
        if start < len(self.written):
            self.spans.append(Span(kind, start, len(self.written), detail or {}))

    def since(self, start: int) -> str:
        """What was written since ``start``."""
        return "".join(self.written[start:])

    def skip_line_break(self) -> None:
        """Pass over one line break, `\\r\\n` and `\\n\\r` being one."""
        if self.peek() not in "\r\n":
            return
        both = self.peek(1) in "\r\n" and self.peek(1) != self.peek()
        self.place += 2 if both else 1

    def language(self) -> str:
        """The language behind three backticks: a word that white space ends, not a backtick."""
        start = self.place
        word = self.until(SPACES + "`")
        if word and self.peek() != "`" and not self.is_over():
            return word
        self.place = start
        return ""
