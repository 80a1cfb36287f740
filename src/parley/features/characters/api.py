"""`/api/characters`, `/api/tags` and the characters' pictures.

Dependencies by name: `characters` (the service) and `viewer` (the authenticated person).
"""

import re
from typing import Any, Final, get_args

from litestar import Controller, HttpMethod, Request, Response, get, route
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency as Needs
from litestar.params import FromPath

from parley.features.characters import wire
from parley.features.characters.core.catalogue import AccessType, ContentRating, Genre, Sort, Viewer
from parley.features.characters.core.pictures import EXTENSIONS
from parley.features.characters.service import Characters
from parley.features.characters.wire import CharacterAnswer, CharactersAnswer, TagsAnswer
from parley.kernel.errors import AgeConfirmationRequired, CharacterNotFound, InvalidInput, NotFound
from parley.kernel.ids import MAX_ID, CharacterId
from parley.kernel.openapi import WORDS, Query, about, one_of, whole
from parley.kernel.wire import path_id

# What the shell keeps in a request's user, auth and state is not looked at here.
Call = Request[Any, Any, Any]

_FILTERS: Final = (
    Query("genre", one_of(*get_args(Genre)), "Characters of this genre alone"),
    Query("rating", one_of(*get_args(ContentRating)) | {"default": "sfw"}, "`nsfw` needs a confirmed age"),
    Query("access_type", one_of(*get_args(AccessType)), "Characters with this kind of access alone"),
    Query(
        "tags",
        {"type": "string", "pattern": r"^[^\u0000]*$"},
        f"Up to {wire.MAX_TAGS} tags parted by commas; a character bears all of them",
        example="anime,friendly",
    ),
)
_SORT: Final = Query(
    "sort",
    one_of(*get_args(Sort)) | {"default": "popular"},
    "`popular`: most used first; `new`: newest first; `recommended`: by the tags of the person's own chats",
)
_WINDOW: Final = (
    Query("limit", whole(1, wire.MAX_LIMIT, 50), "Characters a page"),
    Query("offset", whole(0, MAX_ID, 0), "Characters to pass over"),
)
_WORDS: Final = Query(
    "q",
    {"type": "string", "minLength": 1, "maxLength": wire.MAX_WORDS, "pattern": WORDS},
    "Words of the name, the tags or the description, in Russian or English; typos are forgiven",
    required=True,
    example="аниме девушка",
)

_AVATAR: Final = re.compile(r"([1-9][0-9]{0,18})-([0-9a-f]{12})\.([a-z]{3,4})")
_YEAR: Final = 365 * 24 * 60 * 60
_AVATAR_HEADERS: Final = {
    "Cache-Control": CacheControlHeader(public=True, max_age=_YEAR, immutable=True).to_header(),
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""A picture came with somebody's card: a browser that opens it alone must not run anything in it."""


class CharactersApi(Controller):
    """The catalogue."""

    path = "/api/characters"
    tags = ("Characters",)

    @get(
        "/",
        opt=about(
            "The catalogue, filtered and in order",
            CharactersAnswer,
            query=(*_FILTERS, _SORT, *_WINDOW),
            errors=(InvalidInput, AgeConfirmationRequired),
        ),
    )
    async def listing(self, request: Call, characters: Needs[Characters], viewer: Needs[Viewer]) -> CharactersAnswer:
        query = request.query_params.dict()
        filters, sort, window = wire.filters_from(query), wire.sort_from(query), wire.window_from(query)
        return wire.characters_answer(await characters.page(viewer, filters, sort, window), viewer)

    @get(
        "/search",
        opt=about(
            "Characters by words, best first",
            CharactersAnswer,
            query=(_WORDS, *_FILTERS, *_WINDOW),
            errors=(InvalidInput, AgeConfirmationRequired),
        ),
    )
    async def search(self, request: Call, characters: Needs[Characters], viewer: Needs[Viewer]) -> CharactersAnswer:
        query = request.query_params.dict()
        words, filters, window = wire.words_from(query), wire.filters_from(query), wire.window_from(query)
        return wire.characters_answer(await characters.search(viewer, words, filters, window), viewer)

    @get(
        "/{character_id:str}",
        opt=about("One character", CharacterAnswer, errors=(CharacterNotFound, AgeConfirmationRequired)),
    )
    async def one(
        self, character_id: FromPath[str], characters: Needs[Characters], viewer: Needs[Viewer]
    ) -> CharacterAnswer:
        wanted = CharacterId(path_id(character_id, CharacterNotFound()))
        return wire.character_answer(await characters.entry(viewer, wanted), viewer)


class TagsApi(Controller):
    """The tags of the catalogue. Public, as the spec shows them."""

    path = "/api/tags"
    tags = ("Characters",)

    @get("/", opt=about("Tags in use, the most used first", TagsAnswer, is_public=True))
    async def listing(self, characters: Needs[Characters]) -> TagsAnswer:
        return wire.tags_answer(await characters.tags())

    @get("/{category:str}", opt=about("Tags of a category", TagsAnswer, is_public=True, errors=(NotFound,)))
    async def of_category(self, category: FromPath[str], characters: Needs[Characters]) -> TagsAnswer:
        return wire.tags_answer(await characters.tags(wire.category_from(category)))


class AvatarsApi(Controller):
    """The characters' pictures. A picture never changes at its address, a new one has a new address."""

    path = "/characters"
    tags = ("Characters",)

    @route(
        "/{avatar:str}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        opt=about("A character's picture", None, media="image/*", is_public=True, errors=(NotFound,)),
    )
    async def show(self, avatar: FromPath[str], characters: Needs[Characters]) -> Response[bytes]:
        parts = _AVATAR.fullmatch(avatar)
        if parts is None:
            raise NotFound
        picture = await characters.avatar(CharacterId(path_id(parts[1], NotFound())), parts[2])
        if EXTENSIONS[picture.media_type] != parts[3]:
            raise NotFound
        return Response(picture.body, media_type=picture.media_type, headers=_AVATAR_HEADERS)
