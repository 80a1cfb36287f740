"""Parse mode Markdown, the old one: no nesting, and a backslash escapes four characters only."""

from typing import Final

from parley_simulator.entities import links
from parley_simulator.entities.marks import Marked, Unparsable

_MARKS: Final = "_*`["
_KINDS: Final = {"_": "italic", "*": "bold", "`": "code"}
_FENCE: Final = "```"


def parsed(text: str) -> Marked:
    """The text without its marks, and what they said. Raises Unparsable."""
    return _Markdown(text).read()


class _Markdown(Marked):
    def read(self) -> Marked:
        while not self.is_over():
            if self.peek() == "\\" and self.peek(1) in _MARKS:
                self.place += 1
                self.take()
            elif self.peek() in _MARKS:
                self._entity()
            else:
                self.take()
        return self

    def _entity(self) -> None:
        begin, start = self.place, len(self.written)
        if self.sees(_FENCE):
            self.place += len(_FENCE)
            language = self.language()
            self.skip_line_break()
            self._body(_FENCE, begin)
            self.mark("pre", start, {"language": language} if language else None)
        elif self.sees("["):
            self.place += 1
            self._body("]", begin)
            self._link(start)
        else:
            mark = self.peek()
            self.place += 1
            self._body(mark, begin)
            self.mark(_KINDS[mark], start)

    def _body(self, end: str, begin: int) -> None:
        while not self.sees(end):
            if self.is_over():
                raise Unparsable(f"Can't find end of the entity starting at byte offset {self.byte(begin)}")
            self.take()
        self.place += len(end)

    def _link(self, start: int) -> None:
        address = self.since(start)
        if start < len(self.written) and self.sees("("):
            self.place += 1
            address = self.until(")")
            self.place += 1
        if linked := links.meaning(address):
            kind, fields = linked
            self.mark(kind, start, fields)
