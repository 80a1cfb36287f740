"""What holds whatever the parse mode: explicit entities, cleaning, trimming, and what Telegram finds by itself."""

from typing import Any

import pytest

from parley_simulator.entities import found_in, parse, with_people
from parley_simulator.refusal import Refused

Short = tuple[object, ...]


def shown(text: str, *entities: dict[str, Any]) -> tuple[str, list[Short]]:
    plain, kept = parse(text, None, list(entities))
    return plain, [tuple(entity.values()) for entity in kept]


def bold(offset: int, length: int) -> dict[str, Any]:
    return {"type": "bold", "offset": offset, "length": length}


def refusal(text: str, *entities: object, parse_mode: str | None = None) -> str:
    with pytest.raises(Refused) as refused:
        parse(text, parse_mode, list(entities))
    return refused.value.description


# --- empty, long, dirty -----------------------------------------------------------------------------------


def test_an_empty_text_is_refused() -> None:
    assert refusal("") == "Bad Request: message text is empty"
    for text in ("  \n ", "\u200b", "\r\t"):
        assert refusal(text) == "Bad Request: text must be non-empty"
    assert refusal("<b> </b>", parse_mode="HTML") == "Bad Request: text must be non-empty"


def test_a_caption_and_a_draft_may_be_empty() -> None:
    assert parse("", may_be_empty=True) == ("", [])
    assert parse(" ", may_be_empty=True) == ("", [])


def test_a_raw_text_over_32_kib_is_refused() -> None:
    assert refusal("ж" * 16_385) == "Bad Request: text is too long"
    assert parse("a" * 32_768)[0] == "a" * 32_768


def test_half_a_surrogate_pair_is_refused() -> None:
    assert refusal("\ud83d") == "Bad Request: strings must be encoded in UTF-8"


def test_control_characters_become_blanks_and_returns_go() -> None:
    assert parse("a\tb\x00c\r\nd\u202ee")[0] == "a b c\nde"
    assert shown("a\r\rb", bold(3, 1)) == ("ab", [("bold", 1, 1)])
    assert shown("a\r\rb", bold(1, 2)) == ("ab", [])


def test_blanks_around_go_but_those_an_entity_holds_at_the_start_stay() -> None:
    assert shown("  \n a \n ") == ("a", [])
    assert shown("  a  ", bold(1, 4)) == (" a", [("bold", 0, 2)])
    assert shown("a  ", bold(1, 2)) == ("a", [])


# --- explicit entities ------------------------------------------------------------------------------------


def test_explicit_entities_are_kept_with_their_fields() -> None:
    given: list[dict[str, Any]] = [
        {"type": "text_link", "offset": 0, "length": 1, "url": "x.org"},
        {"type": "text_mention", "offset": 1, "length": 1, "user": {"id": 7, "first_name": "Ann"}},
        {"type": "pre", "offset": 2, "length": 1, "language": "py"},
        {"type": "custom_emoji", "offset": 3, "length": 2, "custom_emoji_id": "5"},
        {"type": "date_time", "offset": 5, "length": "1", "unix_time": 25, "date_time_format": "r"},
        {"type": "expandable_blockquote", "offset": 6, "length": 1},
    ]
    assert shown("abc👍de", *given) == (
        "abc👍de",
        [
            ("text_link", 0, 1, "http://x.org/"), ("text_mention", 1, 1, {"id": 7, "is_bot": False, "first_name": ""}),
            ("pre", 2, 1, "py"),
            ("custom_emoji", 3, 2, "5"), ("date_time", 5, 1, 25, "r"), ("expandable_blockquote", 6, 1),
        ],
    )  # fmt: skip


def test_mentions_bear_whole_users_and_unknown_people_are_not_mentioned() -> None:
    text = "[a](tg://user?id=7) [b](tg://user?id=8) *c*"
    ann = {"id": 7, "is_bot": False, "first_name": "Ann"}
    _, entities = parse(text, "MarkdownV2")
    assert with_people(entities, {7: ann}.get) == [
        {"type": "text_mention", "offset": 0, "length": 1, "user": ann},
        {"type": "bold", "offset": 4, "length": 1},
    ]


def test_a_parse_mode_makes_explicit_entities_ignored() -> None:
    assert parse("<i>a</i>", "html", [bold(0, 1)]) == ("a", [{"type": "italic", "offset": 0, "length": 1}])


def test_kinds_that_telegram_finds_itself_are_left_to_it() -> None:
    assert shown("abc", {"type": "url", "offset": 0, "length": 3}) == ("abc", [])


def test_overlapping_styles_are_cut_and_others_lose_to_the_earlier() -> None:
    italic = {"type": "italic", "offset": 2, "length": 4}
    assert shown("abcdef", bold(0, 4), italic) == (
        "abcdef",
        [("bold", 0, 2), ("italic", 2, 4), ("bold", 2, 2)],
    )
    code = {"type": "code", "offset": 0, "length": 3}
    link = {"type": "text_link", "offset": 2, "length": 3, "url": "x.org"}
    assert shown("abcdef", link, code) == ("abcdef", [("code", 0, 3)])


def test_a_message_has_at_most_a_hundred_entities() -> None:
    _, entities = parse("a " * 300, None, [bold(place, 1) for place in range(0, 600, 2)])
    assert len(entities) == 100


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        (bold(-1, 1), "receive an entity with incorrect offset -1"),
        (bold(0, -1), "receive an entity with incorrect length -1"),
        (bold(5, 1), "entity begins after the end of the text at UTF-16 offset 5"),
        (bold(3, 3), "entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 6"),
        (bold(1, 1), "entity begins in a middle of a UTF-16 symbol at byte offset 4"),
        (bold(0, 1), "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 4"),
        ({"type": "bold", "offset": 0}, "can't parse MessageEntity: Can't find field \"length\""),
        ({"offset": 0, "length": 2}, "can't parse MessageEntity: Can't find field \"type\""),
        ({"type": "loud", "offset": 0, "length": 2}, "can't parse MessageEntity: Unsupported type specified"),
        (7, "can't parse MessageEntity: expected an Object"),
        (
            {"type": "text_link", "offset": 0, "length": 2, "url": "localhost"},
            "entity URL 'localhost' is invalid: Wrong HTTP URL",
        ),
    ],
)
def test_a_wrong_entity_is_refused(entity: object, reason: str) -> None:
    assert refusal("🏟abc", entity) == f"Bad Request: {reason}"


# --- what Telegram finds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("hi @durov!", "mention", "@durov"),
        ("@gif", "mention", "@gif"),
        ("so #тег_1, yes", "hashtag", "#тег_1"),
        ("#tag@channel", "hashtag", "#tag@channel"),
        ("for $USD!", "cashtag", "$USD"),
        ("/start now", "bot_command", "/start"),
        ("say /help@some_bot.", "bot_command", "/help@some_bot"),
        ("see https://telegram.org/a_(b)).", "url", "https://telegram.org/a_(b)"),
        ("at telegram.org:80?x=1, or", "url", "telegram.org:80?x=1"),
        ("http://127.0.0.1:8080/app!", "url", "http://127.0.0.1:8080/app"),
        ("кириллица.рф.", "url", "кириллица.рф"),
        ("read file.py", "url", "file.py"),
        ("tg://resolve?domain=x;", "url", "tg://resolve?domain=x"),
        ("https://ann:secret@example.com/a", "url", "https://ann:secret@example.com/a"),
        ("john.me@mail.com", "email", "john.me@mail.com"),
        ("write to a.b+c@mail.example.com.", "email", "a.b+c@mail.example.com"),
        ("call +1-212-555-0123 now", "phone_number", "+1-212-555-0123"),
    ],
)
def test_telegram_finds_it(text: str, kind: str, part: str) -> None:
    start = text.index(part)
    assert found_in(text) == [{"type": kind, "offset": start, "length": len(part)}]


@pytest.mark.parametrize(
    "text",
    [
        "mail@x", "@ab", "a@durov", "#123", "a#b", "#a#b", "$usd", "US$D", "a/b", "</b>", "/", "1.5", "a.b.",
        "http://localhost:80/", "x.unknowntld", "...", "-.com", "1.2.3", "+12", "a_b.c_d", "ftp://",
    ],
)  # fmt: skip
def test_telegram_finds_nothing(text: str) -> None:
    assert found_in(text) == []


def test_nothing_is_found_where_another_entity_forbids_it() -> None:
    assert parse("<code>@durov</code> @durov", "HTML")[1] == [
        {"type": "code", "offset": 0, "length": 6},
        {"type": "mention", "offset": 7, "length": 6},
    ]
    assert [entity["type"] for entity in parse("<b>@durov</b>", "HTML")[1]] == ["mention", "bold"]
