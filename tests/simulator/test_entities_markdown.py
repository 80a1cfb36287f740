"""MarkdownV2 and the old Markdown. Texts of refusals and places of errors are Telegram's own, byte for byte."""

import pytest

from parley_simulator.entities import parse
from parley_simulator.refusal import Refused

Short = tuple[object, ...]
RESERVED = "_*[]()~`>#+-=|{}.!\\"


def shown(text: str, parse_mode: str = "MarkdownV2") -> tuple[str, list[Short]]:
    plain, entities = parse(text, parse_mode)
    return plain, [tuple(entity.values()) for entity in entities]


def refusal(text: str, parse_mode: str = "MarkdownV2") -> str:
    with pytest.raises(Refused) as refused:
        parse(text, parse_mode)
    return refused.value.description


@pytest.mark.parametrize(
    ("mark", "kind"),
    [("*", "bold"), ("_", "italic"), ("__", "underline"), ("~", "strikethrough"), ("||", "spoiler"), ("`", "code")],
)
def test_a_mark_becomes_its_entity(mark: str, kind: str) -> None:
    assert shown(f"🏟{mark}текст{mark} b") == ("🏟текст b", [(kind, 2, 5)])
    assert shown(f"x{mark}a{mark}") == ("xa", [(kind, 1, 1)])


@pytest.mark.parametrize("text", ["x**", "x____", "x~~", "x||||", "x``", "x``````"])
def test_marks_around_nothing_are_no_entity(text: str) -> None:
    assert shown(text) == ("x", [])


@pytest.mark.parametrize("character", RESERVED)
def test_an_escaped_character_stands_for_itself(character: str) -> None:
    assert shown(f"a\\{character}b") == (f"a{character}b", [])


@pytest.mark.parametrize("character", "]()>#+-=|{}.!")
def test_a_reserved_character_must_be_escaped(character: str) -> None:
    assert refusal(f"a{character}") == (
        "Bad Request: can't parse entities: "
        f"Character '{character}' is reserved and must be escaped with the preceding '\\'"
    )


def test_everything_nests() -> None:
    assert shown("*a _b __c ~d ||e||~___*") == (
        "a b c d e",
        [
            ("bold", 0, 2), ("bold", 2, 2), ("italic", 2, 2), ("bold", 4, 2), ("italic", 4, 2), ("underline", 4, 2),
            ("bold", 6, 2), ("italic", 6, 2), ("underline", 6, 2), ("strikethrough", 6, 2), ("bold", 8, 1),
            ("italic", 8, 1), ("underline", 8, 1), ("strikethrough", 8, 1), ("spoiler", 8, 1),
        ],
    )  # fmt: skip


def test_three_underscores_close_the_inner_of_italic_and_underline() -> None:
    assert shown("_a __b___ c") == ("a b c", [("italic", 0, 2), ("italic", 2, 1), ("underline", 2, 1)])
    assert refusal("__a _b___").endswith("Can't find end of Italic entity at byte offset 8")


def test_code_keeps_everything_but_backslashes_and_backticks() -> None:
    assert shown("`*_[.!` \\`") == ("*_[.! `", [("code", 0, 5)])
    assert shown("`\\\\\\`a`") == ("\\`a", [("code", 0, 3)])


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\n\r"])
def test_a_block_of_code_tells_its_language(line_break: str) -> None:
    assert shown(f"```py{line_break}x = 1```") == ("x = 1", [("pre", 0, 5, "py")])
    assert shown(f"```{line_break}x = 1```") == ("x = 1", [("pre", 0, 5)])
    assert shown("```x```") == ("x", [("pre", 0, 1)])


def test_links_mentions_emoji_and_times() -> None:
    assert shown("[a](telegram.org)") == ("a", [("text_link", 0, 1, "http://telegram.org/")])
    assert shown("[a](https://x.org/\\)\\\\_)") == ("a", [("text_link", 0, 1, "https://x.org/)\\_")])
    assert shown("[telegram\\.org]") == ("telegram.org", [("text_link", 0, 12, "http://telegram.org/")])
    assert shown("[a](tg://user?id=7)") == ("a", [("text_mention", 0, 1, {"id": 7, "is_bot": False, "first_name": ""})])
    assert shown("![👍](tg://emoji?id=5)") == ("👍", [("custom_emoji", 0, 2, "5")])
    assert shown("![22:45](tg://time?unix=25&format=wDT)") == ("22:45", [("date_time", 0, 5, 25, "wDT")])
    assert shown("[a](asdf)") == ("a", [])


def test_quotes_go_line_by_line() -> None:
    assert shown("a\n>b\n>c\nd") == ("a\nb\nc\nd", [("blockquote", 2, 4)])
    assert shown(">a\n**>b") == ("a\nb", [("blockquote", 0, 2), ("blockquote", 2, 1)])
    assert shown(">*a*") == ("a", [("blockquote", 0, 1), ("bold", 0, 1)])
    assert shown("*a\n>b\nc*") == ("a\nb\nc", [("bold", 0, 2), ("blockquote", 2, 2), ("bold", 2, 2), ("bold", 4, 1)])


@pytest.mark.parametrize("tail", ["", "\nc", "\r\nc"])
def test_two_bars_at_the_end_make_a_quote_expandable(tail: str) -> None:
    plain, entities = shown(f">a\n>b||{tail}")
    assert plain.startswith("a\nb")
    assert [entity[:2] for entity in entities] == [("expandable_blockquote", 0)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("жж*a", "Can't find end of Bold entity at byte offset 4"),
        ("a _b", "Can't find end of Italic entity at byte offset 2"),
        ("__a", "Can't find end of Underline entity at byte offset 0"),
        ("~a", "Can't find end of Strikethrough entity at byte offset 0"),
        ("||a\\|", "Can't find end of Spoiler entity at byte offset 0"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("```a", "Can't find end of Pre entity at byte offset 0"),
        ("```a ", "Can't find end of PreCode entity at byte offset 0"),
        ("[a", "Can't find end of TextUrl entity at byte offset 0"),
        ("![a", "Can't find end of CustomEmoji entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 4"),
        ("![a]", "The entity must contain a tg://emoji or tg://time URL"),
        ("![a](tg://emoji?id=05)", "Invalid tg://emoji or tg://time URL specified"),
        ("![a](tg://time?unix=0)", "Invalid tg://emoji or tg://time URL specified"),
        (">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
        (">a||b\nc", "Can't find end of Spoiler entity at byte offset 2"),
        (">a__||\nb", "Can't find end of Underline entity at byte offset 2"),
    ],
)
def test_a_mistake_is_told_in_telegrams_words(text: str, reason: str) -> None:
    assert refusal(text) == f"Bad Request: can't parse entities: {reason}"


def test_the_old_markdown_does_not_nest() -> None:
    text = "*a _b*_c_ `d` [e](http://x.org) ```py\nf``` \\* . !"
    assert shown(text, "markdown") == (
        "a _bc d e f * . !",
        [
            ("bold", 0, 4), ("italic", 4, 1), ("code", 6, 1), ("text_link", 8, 1, "http://x.org/"),
            ("pre", 10, 1, "py"),
        ],
    )  # fmt: skip


def test_the_old_markdown_says_where_an_entity_begins() -> None:
    for text in ("жa_b", "жa*b", "жa`b", "жa[b", "жa```b`"):
        assert refusal(text, "Markdown").endswith("Can't find end of the entity starting at byte offset 3")
