"""The catalogue as JSON, and query strings as values (the spec's Characters API)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, TypeVar, get_args

import msgspec

from parley.features.characters.core.catalogue import (
    AccessType,
    CataloguePage,
    ContentRating,
    Entry,
    Filters,
    Genre,
    Sort,
    Tag,
    TagCategory,
    Viewer,
    Window,
    folded,
    greeting_to,
)
from parley.kernel.errors import InvalidInput, NotFound
from parley.kernel.ids import MAX_ID
from parley.kernel.openapi import Count, Id, Moment, schema
from parley.kernel.text import bounded, storable
from parley.kernel.wire import timestamp

Query = Mapping[str, Sequence[str]]
"""Every value of every parameter; parameters that mean nothing here are ignored."""

MAX_LIMIT: Final = 100
MAX_WORDS: Final = 200
MAX_TAGS: Final = 32

_NUMBER: Final = re.compile(r"[0-9]{1,19}")
Word = TypeVar("Word", bound=str)


class CharacterAnswer(msgspec.Struct, frozen=True):
    """A character of the catalogue."""

    id: Id
    name: Annotated[str, schema(examples=["Кира"])]
    description_long: Annotated[str, schema(examples=["Милая девушка из аниме…"])]
    avatar_url: Annotated[str, schema(format="uri-reference", examples=["/characters/1-0123456789ab.svg"])]
    access_type: AccessType
    genre: Genre | None
    content_rating: ContentRating
    tags: Annotated[list[str], schema(examples=[["anime", "romance", "friendly"]])]
    popularity_score: Count
    messages_count: Count
    is_active: bool
    greeting: Annotated[str, schema(examples=["Привет! Я тебя ждала."])]
    language: str | None
    created_at: Moment


class CharactersAnswer(msgspec.Struct, frozen=True):
    """A part of the catalogue; `total` counts all that fit."""

    characters: list[CharacterAnswer]
    total: Count
    limit: Annotated[int, schema(minimum=1, maximum=MAX_LIMIT, examples=[50])]
    offset: Annotated[int, schema(minimum=0, maximum=MAX_ID, examples=[0])]


class TagAnswer(msgspec.Struct, frozen=True):
    """A tag and how many active characters bear it."""

    id: Id
    name: Annotated[str, schema(examples=["anime"])]
    category: TagCategory
    usage_count: Count


class TagsAnswer(msgspec.Struct, frozen=True):
    """Tags, the most used first."""

    tags: list[TagAnswer]


def character_answer(entry: Entry, viewer: Viewer) -> CharacterAnswer:
    """A character as this viewer sees it."""
    return CharacterAnswer(
        id=entry.id,
        name=entry.name,
        description_long=entry.description_long,
        avatar_url=entry.avatar_url,
        access_type=entry.access_type,
        genre=entry.genre,
        content_rating=entry.content_rating,
        tags=list(entry.tags),
        popularity_score=entry.popularity_score,
        messages_count=entry.messages_count,
        is_active=entry.is_active,
        greeting=greeting_to(entry, viewer),
        language=entry.language,
        created_at=timestamp(entry.created_at),
    )


def characters_answer(page: CataloguePage, viewer: Viewer) -> CharactersAnswer:
    """A page as this viewer sees it."""
    return CharactersAnswer(
        characters=[character_answer(entry, viewer) for entry in page.entries],
        total=page.total,
        limit=page.window.limit,
        offset=page.window.offset,
    )


def tags_answer(tags: Iterable[Tag]) -> TagsAnswer:
    """The list of tags."""
    return TagsAnswer([TagAnswer(tag.id, tag.name, tag.category, tag.usage_count) for tag in tags])


def filters_from(query: Query) -> Filters:
    """What the query asks for. Raises InvalidInput with the parameter's name."""
    return Filters(
        genre=_word(query, "genre", get_args(Genre)),
        rating=_word(query, "rating", get_args(ContentRating)),
        access_type=_word(query, "access_type", get_args(AccessType)),
        tags=_tags(query),
    )


def sort_from(query: Query) -> Sort:
    """The order asked for; popular if none is."""
    sort: Sort | None = _word(query, "sort", get_args(Sort))
    return sort or "popular"


def window_from(query: Query) -> Window:
    """Which part is asked for: 50 from the first unless said otherwise."""
    usual = Window()
    return Window(
        limit=_number(query, "limit", usual.limit, least=1, most=MAX_LIMIT),
        offset=_number(query, "offset", usual.offset, least=0, most=MAX_ID),
    )


def words_from(query: Query) -> str:
    """What to search for: `q`, 1 to 200 characters after trimming."""
    return bounded(_single(query, "q") or "", "q", most=MAX_WORDS)


def category_from(text: str) -> TagCategory:
    """The category of a path. Raises NotFound."""
    category: TagCategory | None = _known(text, get_args(TagCategory))
    if category is None:
        raise NotFound
    return category


def _single(query: Query, name: str) -> str | None:
    """The parameter's one value; two would contradict each other."""
    values = query.get(name, ())
    if len(values) > 1:
        raise InvalidInput(name)
    return values[0] if values else None


def _word(query: Query, name: str, known: tuple[Word, ...]) -> Word | None:
    text = _single(query, name)
    if text is None:
        return None
    word = _known(text, known)
    if word is None:
        raise InvalidInput(name)
    return word


def _known(text: str, known: tuple[Word, ...]) -> Word | None:
    return next((word for word in known if word == text), None)


def _number(query: Query, name: str, usual: int, *, least: int, most: int) -> int:
    text = _single(query, name)
    if text is None:
        return usual
    if _NUMBER.fullmatch(text) is None or not least <= int(text) <= most:
        raise InvalidInput(name)
    return int(text)


def _tags(query: Query) -> tuple[str, ...]:
    """Tags parted by commas; a repeated parameter adds to them."""
    names = (folded(name) for value in query.get("tags", ()) for name in value.split(","))
    tags = tuple(dict.fromkeys(name for name in names if name))
    if len(tags) > MAX_TAGS or not all(map(storable, tags)):
        raise InvalidInput("tags")
    return tags
