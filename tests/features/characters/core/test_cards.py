import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.characters.core.cards import MAX_GREETING, MAX_JSON_BYTES, Card, parse_card
from parley.features.characters.core.rejection import CardRejected
from support.cards import a_card, card_data, card_json


def read(card: Any) -> Card:
    return parse_card(json.dumps(card, ensure_ascii=False).encode())[0]


def test_a_v2_card_is_read() -> None:
    card = a_card("Kira", creator="ann", tags=["Anime", " Slice  of Life "], personality="kind")
    assert (card.name, card.key) == ("Kira", "kira\nann")
    assert card.greeting == "Hello, {{user}}!"
    assert card.tags == ("anime", "slice of life")
    assert "Kira is somebody." in card.system_prompt
    assert (card.access_type, card.genre, card.content_rating) == ("free", "anime", "sfw")
    assert (card.language, card.is_active) == (None, True)


def test_a_flat_v1_card_is_read() -> None:
    assert read({"name": "Old", "personality": "grumpy", "first_mes": "Hm."}).greeting == "Hm."


def test_the_names_before_v1_are_read() -> None:
    card = read({"char_name": "Older", "char_persona": "sage", "char_greeting": "Well met."})
    assert (card.name, card.greeting) == ("Older", "Well met.")
    assert "sage" in card.system_prompt


def test_a_v3_card_speaks_of_itself_by_its_nickname() -> None:
    card = a_card("Kira Long-Name", nickname="Kira", description="{{char}} draws.", first_mes="{{char}} here.")
    assert card.name == "Kira Long-Name"
    assert "Kira draws." in card.system_prompt
    assert card.greeting == "Kira here."


def test_parleys_own_fields_are_taken() -> None:
    own = {
        "access_type": "premium",
        "genre": "mentor",
        "content_rating": "nsfw",
        "language": "ru-RU",
        "description_long": " Long. ",
        "is_active": False,
    }
    card = a_card(tags=["anime"], parley=own)
    assert (card.access_type, card.genre, card.content_rating) == ("premium", "mentor", "nsfw")
    assert (card.language, card.description_long, card.is_active) == ("ru-RU", "Long.", False)


def test_a_genre_may_be_denied() -> None:
    assert a_card(tags=["anime"], parley={"genre": None}).genre is None


def test_a_tag_tells_the_rating_where_nothing_else_does() -> None:
    assert a_card(tags=["NSFW"]).content_rating == "nsfw"
    assert a_card(tags=["NSFW"], parley={"content_rating": "sfw"}).content_rating == "sfw"


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ({"access_type": "gold"}, "access_type is 'gold', not one of free, premium"),
        ({"genre": "horror"}, "genre"),
        ({"content_rating": ["sfw"]}, "content_rating"),
        ({"language": "по-русски"}, "language"),
        ({"language": "x" * 40}, "language"),
        ({"language": 7}, "language"),
        ({"is_active": "yes"}, "is_active"),
        ({"description_long": "x" * 2001}, "description_long"),
        ({"description_long": 7}, "description_long"),
        ("text", "not an object"),
    ],
)
def test_a_field_of_ours_with_an_unknown_value_is_refused_by_its_name(own: Any, reason: str) -> None:
    with pytest.raises(CardRejected, match=reason):
        a_card(parley=own)


DIRT: list[Any] = [
    {"spec": "chara_card_v2", "data": card_data("New"), "name": "Stale", "description": "stale"},
    {"data": card_data("New", character_book=None, alternate_greetings="one")},
    {"spec": "chara_card_v2", "data": card_data("New", character_version=3, tags=None, extensions=None)},
    {"spec": "chara_card_v3", "spec_version": 3.1, "data": card_data("New", extensions={"fav": True})},
    {"data": card_data("New"), "character_book": {"entries": []}, "avatar": "none", "chat": "x", "create_date": 1},
    {"data": card_data(""), "name": "New"},
    {"data": card_data("", nickname="New")},
    {"data": card_data("New", creator_notes=["a", "b", 3], personality=12.5, scenario=True)},
    {"data": card_data("  New\u200b\n ")},
]


@pytest.mark.parametrize("card", DIRT)
def test_the_dirt_of_real_cards_is_taken(card: Any) -> None:
    assert read(card).name == "New"


def test_a_byte_order_mark_and_bare_line_breaks_are_taken() -> None:
    assert parse_card(b"\xef\xbb\xbf" + card_json("New"))[0].name == "New"
    assert parse_card(card_json("New").replace(b"is somebody", b"is\nsomebody"))[0].name == "New"


def test_a_card_without_any_name_takes_its_files() -> None:
    assert parse_card(card_json(""), "from\udcff file")[0].name == "from file"


def test_texts_no_database_can_store_are_mended() -> None:
    card = parse_card(b'{"name": "A\\u0000b", "description": "x\\ud800y"}')[0]
    assert card.name == "Ab"
    assert "xy" in card.system_prompt


def test_tags_as_one_text_are_parted_bounded_and_unique() -> None:
    assert a_card(tags="anime, Romance ,anime,, " + "x" * 33).tags == ("anime", "romance")
    assert len(a_card(tags=[f"t{number}" for number in range(50)]).tags) == 32
    assert a_card(tags=[1, None, "a,b"]).tags == ("a", "b")


def test_a_card_without_a_text_for_the_catalogue_gets_a_short_one() -> None:
    assert a_card(creator_notes="<b>Made</b> with &lt;3 by {{char}} for {{user}}").description_long == (
        "Made with <3 by Кира for …"
    )
    long = a_card(description="word " * 500).description_long
    assert len(long) <= 400
    assert long.endswith("word…")


def test_a_very_long_greeting_is_cut() -> None:
    assert len(a_card(first_mes="x" * (MAX_GREETING + 5)).greeting) == MAX_GREETING


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "valid JSON"),
        (b"[]", "not an object"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"name": "A\x00"}', "NUL"),
        (b"rcc||payload", "RisuAI"),
        (b"[" * 100_000, "valid JSON"),
        (b'{"name": "x", "description": "y", "deep": ' + b"[" * 70 + b"]" * 70 + b"}", "nested"),
        (b"1" * 5000, "valid JSON"),
        (b" " * (MAX_JSON_BYTES + 1), "bytes of JSON"),
        (b'{"name": "package", "version": "1"}', "nothing in it describes"),
        (b'{"spec": "lorebook_v3", "data": {"entries": []}}', "lorebook"),
        (b'{"data": {"description": "x"}}', "no name"),
        (b'{"data": {"name": "\\u200b", "description": "x"}}', "no name"),
        (json.dumps({"name": "x" * 65, "description": "y"}).encode(), "longer than 64"),
        (json.dumps({"name": "x", "description": "y" * 70_000}).encode(), "64,000"),
    ],
)
def test_what_is_no_card_is_refused_with_the_reason(text: bytes, reason: str) -> None:
    with pytest.raises(CardRejected, match=reason):
        parse_card(text)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
FIELDS = ["name", "description", "first_mes", "tags", "creator", "nickname", "extensions", "data", "spec", "assets"]


@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_any_object_is_a_card_within_bounds_or_refused(root: dict[str, Any]) -> None:
    try:
        card = read(root)
    except CardRejected:
        return
    assert 1 <= len(card.name) <= 64
    assert len(card.tags) <= 32
    assert all(1 <= len(tag) <= 32 for tag in card.tags)
    assert len(card.description_long) <= 2000
    assert json.loads(card.original) == root
