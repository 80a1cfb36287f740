"""HTML as bots send it. Texts of refusals and places of errors are Telegram's own, byte for byte."""

import pytest

from parley_simulator.entities import parse
from parley_simulator.refusal import Refused

Short = tuple[object, ...]


def shown(text: str) -> tuple[str, list[Short]]:
    plain, entities = parse(text, "HTML")
    return plain, [tuple(entity.values()) for entity in entities]


def refusal(text: str, parse_mode: str = "HTML") -> str:
    with pytest.raises(Refused) as refused:
        parse(text, parse_mode)
    assert refused.value.code == 400
    return refused.value.description


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("b", "bold"), ("strong", "bold"), ("i", "italic"), ("em", "italic"), ("u", "underline"), ("ins", "underline"),
        ("s", "strikethrough"), ("strike", "strikethrough"), ("del", "strikethrough"), ("tg-spoiler", "spoiler"),
        ("code", "code"), ("pre", "pre"), ("blockquote", "blockquote"),
    ],
)  # fmt: skip
def test_a_tag_becomes_its_entity(tag: str, kind: str) -> None:
    assert shown(f"a<{tag}>текст</{tag}>b") == ("aтекстb", [(kind, 1, 5)])
    assert shown(f"<{tag.upper()} x=1>a</{tag.upper()} >") == ("a", [(kind, 0, 1)])
    assert shown(f"x<{tag}></{tag}>") == ("x", [])


def test_places_count_utf_16_units() -> None:
    assert shown("🏟 <i>🏟&lt</i> <b>ж</b>") == ("🏟 🏟< ж", [("italic", 3, 3), ("bold", 7, 1)])


def test_character_references_are_read_and_unknown_ones_stay() -> None:
    assert shown("&lt;&gt;&amp;&quot;&#65;&#x42;&#x1F600;")[0] == '<>&"AB😀'
    assert shown("&laquo;&Or;&#12345678;&")[0] == "&laquo;&Or;&#12345678;&"
    assert shown("&amp&lt;b&gt;")[0] == "&<b>"


def test_half_of_a_surrogate_pair_is_refused() -> None:
    assert refusal("&#xD83D;").endswith("check for unmatched surrogate code units")


def test_a_link_is_written_as_telegram_writes_it() -> None:
    assert shown('<a href="telegram.org?&lt;">t</a>') == ("t", [("text_link", 0, 1, "http://telegram.org/?<")])
    assert shown("<a>telegram.org</a>") == ("telegram.org", [("text_link", 0, 12, "http://telegram.org/")])
    assert shown("<a href='tg://user?id=7'>t</a>") == (
        "t",
        [("text_mention", 0, 1, {"id": 7, "is_bot": False, "first_name": ""})],
    )


@pytest.mark.parametrize("address", ["asdf", "http://localhost/", "javascript:alert(1)", "http://a.b:99999/", ""])
def test_an_address_telegram_does_not_take_makes_no_link(address: str) -> None:
    assert shown(f'<a href="{address}">текст</a>') == ("текст", [])


def test_code_in_a_block_tells_the_language() -> None:
    block = ("x=1", [("pre", 0, 3, "py")])
    assert shown('<pre><code class="language-py">x=1</code></pre>') == block
    assert shown('<code class="language-py"><pre>x=1</pre></code>') == block
    assert shown('<code class="language-py">x=1</code>') == ("x=1", [("code", 0, 3)])
    assert shown("<pre><code>x=1</code></pre>") == ("x=1", [("pre", 0, 3)])


def test_a_quote_may_be_expandable() -> None:
    assert shown("<blockquote expandable>a</blockquote>") == ("a", [("expandable_blockquote", 0, 1)])
    assert shown("<blockquote cite='x'>a</blockquote>") == ("a", [("blockquote", 0, 1)])


def test_custom_emoji_and_times_bear_their_fields() -> None:
    assert shown('<tg-emoji emoji-id="12345">👍</tg-emoji>') == ("👍", [("custom_emoji", 0, 2, "12345")])
    assert shown('<tg-time unix="25" format="tDw">x</tg-time>') == ("x", [("date_time", 0, 1, 25, "wDt")])
    assert shown('<tg-time unix="25">x</tg-time>') == ("x", [("date_time", 0, 1, 25)])
    assert shown("<tg-time>x</tg-time>") == ("x", [])


def test_styles_are_cut_where_another_begins() -> None:
    assert shown("<b>bold <i>both</i> bold</b>") == (
        "bold both bold",
        [("bold", 0, 5), ("bold", 5, 9), ("italic", 5, 4)],
    )


def test_nothing_is_formatted_inside_code() -> None:
    assert shown("<b>a<code>b</code>c</b>") == ("abc", [("bold", 0, 1), ("code", 1, 1), ("bold", 2, 1)])


def test_equal_neighbours_become_one() -> None:
    assert shown("<b>a</b><strong>b</strong>") == ("ab", [("bold", 0, 2)])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<x>", 'Unsupported start tag "x" at byte offset 0'),
        ("🏟 <ABAC a>", 'Unsupported start tag "abac" at byte offset 5'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("ж<i =a>", 'Empty attribute name in the tag "i" at byte offset 2'),
        ("<i a", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a = ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a = 1,2>", "Unexpected end of name token at byte offset 7"),
        ('<i a = "b>', "Unclosed start tag at byte offset 0"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>ж", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ж</b>", "Unexpected end tag at byte offset 2"),
        ("<i>ж</i  ", "Unclosed end tag at byte offset 5"),
        ("<b>ж</i>", 'Unmatched end tag at byte offset 5, expected "</b>", found "</i>"'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>a</tg-emoji>", "Invalid custom emoji identifier specified"),
        ('<tg-time unix="25" format="rt">a</tg-time>', "Invalid date format used"),
        ("a\0", "Text must not contain null bytes"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_telegrams_words(text: str, reason: str) -> None:
    assert refusal(text) == f"Bad Request: can't parse entities: {reason}"


def test_an_unknown_parse_mode_is_refused() -> None:
    assert refusal("a", "bbcode") == "Bad Request: unsupported parse_mode"
