"""The words of the catalogue, and who may see what (contract §2 Characters)."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from parley.features.characters.core.macros import named
from parley.features.characters.core.pictures import MediaType, avatar_path
from parley.kernel.errors import AgeConfirmationRequired, CharacterNotFound
from parley.kernel.ids import CharacterId, UserId

Genre = Literal["romance", "anime", "fantasy", "mentor"]
AccessType = Literal["free", "premium"]
ContentRating = Literal["sfw", "nsfw"]
Sort = Literal["popular", "new", "recommended"]
TagCategory = Literal["genre", "theme", "other"]

GENRES: Final[tuple[Genre, ...]] = get_args(Genre)
_CATEGORIES: Final[dict[str, TagCategory]] = {
    "anime": "genre",
    "fantasy": "genre",
    "mentor": "genre",
    "romance": "theme",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the catalogue."""

    user: UserId
    is_adult: bool
    display_name: str = ""
    """Stands for `{{user}}` in a greeting."""


@dataclass(frozen=True, slots=True)
class Character:
    """What a conversation needs to know of a character."""

    id: CharacterId
    name: str
    system_prompt: str
    """With `{{user}}` still in it."""
    greeting: str
    """With `{{user}}` still in it."""
    language: str | None
    access_type: AccessType
    content_rating: ContentRating
    genre: Genre | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A character as the catalogue shows it."""

    id: CharacterId
    name: str
    description_long: str
    avatar_digest: str
    avatar_media_type: MediaType
    access_type: AccessType
    genre: Genre | None
    content_rating: ContentRating
    tags: tuple[str, ...]
    popularity_score: int
    messages_count: int
    is_active: bool
    greeting: str
    """With `{{user}}` still in it."""
    language: str | None
    created_at: datetime

    @property
    def avatar_url(self) -> str:
        """Where Parley serves the picture."""
        return avatar_path(self.id, self.avatar_digest, self.avatar_media_type)


@dataclass(frozen=True, slots=True)
class Listed:
    """A character as the operator's list shows it."""

    id: CharacterId
    name: str
    access_type: AccessType
    genre: Genre | None
    content_rating: ContentRating
    is_active: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and how many active characters bear it."""

    id: int
    name: str
    category: TagCategory
    usage_count: int


@dataclass(frozen=True, slots=True)
class Filters:
    """Which characters are asked for. A character bears all the tags that are named."""

    genre: Genre | None = None
    rating: ContentRating | None = None
    access_type: AccessType | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a long answer is asked for."""

    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """A part of the characters that fit, and how many fit in all."""

    entries: tuple[Entry, ...]
    total: int
    window: Window


def folded(text: str) -> str:
    """The text as names and tags are compared: composed, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def greeting_to(entry: Entry, viewer: Viewer) -> str:
    """The greeting as the viewer reads it."""
    unnamed = "you" if entry.language is not None and entry.language.lower().startswith("en") else "друг"
    return named(entry.greeting, entry.name, viewer.display_name or unnamed)


def category_of(tag: str) -> TagCategory:
    """Contract §7 Tags."""
    return _CATEGORIES.get(tag, "other")


def rating_for(asked: ContentRating | None, viewer: Viewer) -> ContentRating:
    """The rating to list: nsfw only when an adult asks for it. Raises AgeConfirmationRequired."""
    if asked == "nsfw" and not viewer.is_adult:
        raise AgeConfirmationRequired
    return asked or "sfw"


def check_visible(content_rating: ContentRating | None, viewer: Viewer) -> None:
    """Whether this viewer may meet the character; None stands for one that is absent or inactive."""
    if content_rating is None:
        raise CharacterNotFound
    if content_rating == "nsfw" and not viewer.is_adult:
        raise AgeConfirmationRequired
