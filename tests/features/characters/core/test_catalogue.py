import dataclasses
from datetime import UTC, datetime

import pytest

from parley.features.characters.core.catalogue import (
    Entry,
    Viewer,
    category_of,
    check_visible,
    folded,
    greeting_to,
    rating_for,
)
from parley.kernel.errors import AgeConfirmationRequired, CharacterNotFound
from parley.kernel.ids import CharacterId, UserId

ADULT = Viewer(UserId(1), is_adult=True, display_name="Ann")
MINOR = Viewer(UserId(2), is_adult=False)
ENTRY = Entry(
    id=CharacterId(3),
    name="Kira",
    description_long="",
    avatar_digest="0123456789ab",
    avatar_media_type="image/svg+xml",
    access_type="free",
    genre=None,
    content_rating="sfw",
    tags=(),
    popularity_score=0,
    messages_count=0,
    is_active=True,
    greeting="Hi, {{user}}, I am {{char}}",
    language="en",
    created_at=datetime(2025, 1, 1, tzinfo=UTC),
)


def test_only_sfw_is_listed_unless_an_adult_asks() -> None:
    assert rating_for(None, ADULT) == "sfw"
    assert rating_for("nsfw", ADULT) == "nsfw"
    assert rating_for("sfw", MINOR) == "sfw"
    with pytest.raises(AgeConfirmationRequired):
        rating_for("nsfw", MINOR)


def test_an_nsfw_character_is_met_by_adults_alone() -> None:
    check_visible("nsfw", ADULT)
    check_visible("sfw", MINOR)
    with pytest.raises(AgeConfirmationRequired):
        check_visible("nsfw", MINOR)
    with pytest.raises(CharacterNotFound):
        check_visible(None, ADULT)


@pytest.mark.parametrize(
    ("tag", "category"),
    [("anime", "genre"), ("fantasy", "genre"), ("mentor", "genre"), ("romance", "theme"), ("friendly", "other")],
)
def test_tags_have_the_contracts_categories(tag: str, category: str) -> None:
    assert category_of(tag) == category


def test_names_and_tags_are_compared_without_case_and_width() -> None:
    assert folded("  ＫＩＲＡ  the\tGreat ") == "kira the great"


def test_a_greeting_names_the_reader_or_a_friend() -> None:
    assert greeting_to(ENTRY, ADULT) == "Hi, Ann, I am Kira"
    assert greeting_to(ENTRY, MINOR) == "Hi, you, I am Kira"
    assert greeting_to(dataclasses.replace(ENTRY, language=None), MINOR) == "Hi, друг, I am Kira"


def test_an_avatar_is_served_by_us() -> None:
    assert ENTRY.avatar_url == "/characters/3-0123456789ab.svg"
