"""Parse mode HTML."""

import re
from dataclasses import dataclass, replace
from typing import Final

from parley_simulator.entities import links
from parley_simulator.entities.marks import END, SPACES, Marked, Unparsable

_KINDS: Final = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
}
_OTHERS: Final = {"a", "code", "pre", "blockquote", "tg-emoji", "tg-time"}
_REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_LAST_CODE: Final = 0x10FFFF
_LONGEST_REFERENCE: Final = 10
_SURROGATES: Final = range(0xD800, 0xE000)
_TOKEN: Final = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(slots=True)
class _Tag:
    name: str
    start: int
    place: int
    argument: str = ""
    moment: int = 0


def parsed(text: str) -> Marked:
    """The text without its tags, and what they said. Raises Unparsable."""
    if END in text:
        raise Unparsable("Text must not contain null bytes")
    return _Html(text).read()


class _Html(Marked):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._open: list[_Tag] = []

    def read(self) -> Marked:
        while not self.is_over():
            if self.sees("</"):
                self._end_tag()
            elif self.sees("<"):
                self._start_tag()
            else:
                self._character()
        if self._open:
            raise Unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        self.spans = [replace(span, detail={}) if span.kind == "code" else span for span in self.spans]
        return self

    def _character(self) -> None:
        if (decoded := self._reference()) is None:
            self.take()
        else:
            self.written.append(decoded)

    def _reference(self) -> str | None:
        """The character a reference stands for; anything unknown stays as it is written."""
        found = _REFERENCE.match(self.text, self.place)
        if found is None:
            return None
        if found[3]:
            decoded = _NAMED.get(found[3])
        else:
            decoded = self._numbered(found[0].removesuffix(";"), int(found[1], 16) if found[1] else int(found[2]))
        if decoded is not None:
            self.place = found.end()
        return decoded

    def _numbered(self, written: str, code: int) -> str | None:
        if code in _SURROGATES:
            raise Unparsable(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return chr(code) if 0 < code < _LAST_CODE and len(written) < _LONGEST_REFERENCE else None

    # --- start tags ---------------------------------------------------------------------------------------

    def _start_tag(self) -> None:
        begin = self.place
        self.place += 1
        name = _lower(self.until(SPACES + ">"))
        if self.is_over():
            raise Unparsable(f"Unclosed start tag at byte offset {self.byte(begin)}")
        if name not in _KINDS and name not in _OTHERS:
            raise Unparsable(f'Unsupported start tag "{name}" at byte offset {self.byte(begin)}')
        tag = _Tag(name, len(self.written), begin)
        while not self.sees(">"):
            self.skip(SPACES)
            if not self.sees(">"):
                self._attribute(tag)
        self.place += 1
        if name == "span" and tag.argument != "spoiler":
            raise Unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {self.byte(begin)}')
        self._open.append(tag)

    def _attribute(self, tag: _Tag) -> None:
        name = self.until(SPACES + "=>/\"'")
        if not name:
            raise Unparsable(f'Empty attribute name in the tag "{tag.name}" at byte offset {self.byte(tag.place)}')
        self.skip(SPACES)
        self._check_open(tag)
        if not self.sees("="):
            _keep(tag, name, "")
            return
        self.place += 1
        self.skip(SPACES)
        self._check_open(tag)
        value = self._quoted() if self.peek() in "'\"" else self._token()
        if self.is_over():
            raise Unparsable(f"Unclosed start tag at byte offset {self.byte(tag.place)}")
        _keep(tag, name, value)

    def _check_open(self, tag: _Tag) -> None:
        if self.is_over():
            raise Unparsable(f'Unclosed start tag "{tag.name}" at byte offset {self.byte(tag.place)}')

    def _token(self) -> str:
        begin = self.place
        found = _TOKEN.match(self.text, self.place)
        value = found[0] if found else ""
        self.place += len(value)
        if self.peek() not in SPACES + ">":
            raise Unparsable(f"Unexpected end of name token at byte offset {self.byte(begin)}")
        return value.lower()

    def _quoted(self) -> str:
        quote = self.peek()
        self.place += 1
        value: list[str] = []
        while not self.is_over() and not self.sees(quote):
            if (decoded := self._reference()) is None:
                decoded = self.text[self.place]
                self.place += 1
            value.append(decoded)
        self.place += 1
        return "".join(value)

    # --- end tags -----------------------------------------------------------------------------------------

    def _end_tag(self) -> None:
        begin = self.place
        if not self._open:
            raise Unparsable(f"Unexpected end tag at byte offset {self.byte(begin)}")
        self.place += 2
        name = _lower(self.until(SPACES + ">"))
        self.skip(SPACES)
        if not self.sees(">"):
            raise Unparsable(f"Unclosed end tag at byte offset {self.byte(begin)}")
        self.place += 1
        tag = self._open.pop()
        if name and name != tag.name:
            raise Unparsable(
                f'Unmatched end tag at byte offset {self.byte(begin)}, expected "</{tag.name}>", found "</{name}>"'
            )
        if tag.start < len(self.written):
            self._close(tag)

    def _close(self, tag: _Tag) -> None:
        match tag.name:
            case "a":
                self._link(tag)
            case "pre" | "code":
                self._code(tag)
            case "blockquote":
                self.mark("expandable_blockquote" if tag.argument else "blockquote", tag.start)
            case "tg-emoji":
                self._emoji(tag)
            case "tg-time":
                self._time(tag)
            case name:
                self.mark(_KINDS[name], tag.start)

    def _link(self, tag: _Tag) -> None:
        if linked := links.meaning(tag.argument or self.since(tag.start)):
            kind, fields = linked
            self.mark(kind, tag.start, fields)

    def _code(self, tag: _Tag) -> None:
        """`pre` and `code` around the same text are one block, in the language that `code` names."""
        around = {"pre": "code", "code": "pre"}[tag.name]
        last = self.spans[-1] if self.spans else None
        same = last and (last.kind, last.start, last.end) == (around, tag.start, len(self.written))
        language = last.detail.get("language", "") if last and tag.name == "pre" else tag.argument
        if same and language:
            self.spans.pop()
            self.mark("pre", tag.start, {"language": language})
        else:
            self.mark(tag.name, tag.start, {"language": tag.argument} if tag.argument else None)

    def _emoji(self, tag: _Tag) -> None:
        if (number := links.emoji_number(tag.argument)) is None:
            raise Unparsable("Invalid custom emoji identifier specified")
        self.mark("custom_emoji", tag.start, {"custom_emoji_id": str(number)})

    def _time(self, tag: _Tag) -> None:
        try:
            fields = links.time_fields(tag.moment, tag.argument)
        except ValueError as wrong:
            raise Unparsable(str(wrong)) from None
        if tag.moment > 0:
            self.mark("date_time", tag.start, fields)


def _keep(tag: _Tag, name: str, value: str) -> None:
    match tag.name, name:
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format"):
            tag.argument = value
        case ("code", "class") if value.startswith("language-"):
            tag.argument = value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            tag.argument = value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            tag.argument = "1"
        case ("tg-time", "unix") if re.fullmatch(r"[0-9]{1,10}", value):
            tag.moment = min(int(value), 2**31 - 1)
        case _:
            pass


def _lower(name: str) -> str:
    """ASCII letters alone."""
    return name.encode().lower().decode()
