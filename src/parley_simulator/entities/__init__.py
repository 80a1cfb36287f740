"""Text and its entities: what a bot writes in a parse mode, and what a person then sees."""

from collections.abc import Callable
from typing import Any, Final

from parley_simulator.entities import explicit, fixing, html, markdown, markdown_v2
from parley_simulator.entities.auto import found
from parley_simulator.entities.marks import Unparsable
from parley_simulator.entities.spans import Span, as_entities, units
from parley_simulator.refusal import bad_request

__all__ = ["found_in", "parse", "units", "with_people"]

_PARSERS: Final = {"html": html.parsed, "markdown": markdown.parsed, "markdownv2": markdown_v2.parsed}
_LONGEST_RAW: Final = 1 << 15


def parse(
    text: str, parse_mode: str | None = None, entities: list[Any] | None = None, *, may_be_empty: bool = False
) -> tuple[str, list[dict[str, Any]]]:
    """The text that is sent and its MessageEntity objects, offsets in UTF-16 units.

    ``may_be_empty`` is for captions and drafts. A ``text_mention`` knows the user's id alone: see `with_people`.
    Raises Refused.
    """
    _check_raw(text, may_be_empty=may_be_empty)
    plain, spans = fixing.cleaned(*_marked(text, parse_mode, entities))
    plain, spans = fixing.trimmed(plain, fixing.limited(fixing.nested(spans)))
    if fixing.is_invisible(plain):
        if may_be_empty:
            return "", []
        raise bad_request("text must be non-empty")
    return plain, as_entities(plain, fixing.with_found(spans, found(plain)))


def with_people(entities: list[dict[str, Any]], user_of: Callable[[int], Any | None]) -> list[dict[str, Any]]:
    """Mentions bear the whole User that ``user_of`` answers; people nobody knows are not mentioned, as in Telegram."""
    known = ((each, user_of(each["user"]["id"]) if "user" in each else None) for each in entities)
    return [each | {"user": user} if user else each for each, user in known if user or "user" not in each]


def found_in(text: str) -> list[dict[str, Any]]:
    """The entities Telegram finds in what a person wrote: mentions, hashtags, commands, addresses."""
    return as_entities(text, found(text))


def _check_raw(text: str, *, may_be_empty: bool) -> None:
    if not text and not may_be_empty:
        raise bad_request("message text is empty")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    if size > _LONGEST_RAW:
        raise bad_request("text is too long")


def _marked(text: str, parse_mode: str | None, entities: list[Any] | None) -> tuple[str, list[Span]]:
    mode = (parse_mode or "").lower()
    if text and mode and mode != "none":
        if (parser := _PARSERS.get(mode)) is None:
            raise bad_request("unsupported parse_mode")
        try:
            marked = parser(text)
        except Unparsable as wrong:
            raise bad_request(f"can't parse entities: {wrong}") from None
        return marked.since(0), marked.spans
    return text, explicit.spans(text, entities) if isinstance(entities, list) else []
