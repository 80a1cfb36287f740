"""Laws of the formatting: nothing crashes, entities lie in the text and nest, what is escaped comes back."""

import html
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parley_simulator.entities import found_in, parse, units
from parley_simulator.refusal import Refused

MODES = st.sampled_from(["HTML", "MarkdownV2", "Markdown", None])
MARKDOWN = [
    "*",
    "_",
    "__",
    "~",
    "||",
    "`",
    "```",
    "[",
    "]",
    "(",
    ")",
    "!",
    ">",
    "\n",
    "\r",
    "\\",
    "tg://user?id=1",
    "x.org",
]
HTML = [
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "</>",
    "<a href=",
    "<pre>",
    "</pre>",
    "<code class='language-a'>",
    "</code>",
    "<s",
]
MORE = [
    "<blockquote expandable>",
    "</blockquote>",
    "<tg-time unix=1",
    "&lt;",
    "&#x1F600;",
    "&",
    "tg://time?unix=1&format=",
]
PLAIN = ["😀", "ж", " ", "a", "@durov", "#b", "/c", "\0", "\u200b", "$", ".com", "@", '"']
SOUP = st.lists(st.sampled_from([*MARKDOWN, *HTML, *MORE, *PLAIN]), max_size=14).map("".join)
NUMBERS = st.integers(-2, 30) | st.integers()
ENTITIES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["bold", "italic", "code", "pre", "blockquote", "text_link", "url", "x"])},
        optional={"offset": NUMBERS, "length": NUMBERS, "url": st.sampled_from(["x.org", "y"]), "language": st.text()},
    ),
    max_size=6,
)


def parsed(text: str, mode: str | None, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]] | None:
    try:
        return parse(text, mode, entities)
    except Refused:
        return None


@settings(max_examples=400)
@given(st.text(max_size=40) | SOUP, MODES, ENTITIES)
def test_whatever_is_sent_the_entities_lie_in_the_text_and_nest(
    text: str, mode: str | None, entities: list[dict[str, Any]]
) -> None:
    if (got := parsed(text, mode, entities)) is None:
        return
    plain, kept = got
    assert plain.strip()
    ends: list[int] = []
    for entity in kept:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        assert 0 <= start < end <= units(plain)
        while ends and ends[-1] <= start:
            ends.pop()
        assert not ends or end <= ends[-1]
        ends.append(end)


@given(st.text(max_size=40) | SOUP, MODES)
def test_what_was_parsed_parses_to_itself(text: str, mode: str | None) -> None:
    if (got := parsed(text, mode, [])) is not None:
        again = parsed(got[0], None, got[1])
        assert again == got


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Mn"]), min_size=1, max_size=40))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    plain = parsed(text, None, [])
    assert parsed(html.escape(text, quote=False), "HTML", []) == plain
    assert parsed(re.sub(r"([_*\[\]()~`>#+\-=|{}.!\\])", r"\\\1", text), "MarkdownV2", []) == plain


@given(st.text(max_size=60))
def test_the_finder_never_crashes(text: str) -> None:
    found_in(text)
