from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.testing import AsyncTestClient

from parley.adapters.db import OpenDatabase
from parley.features.characters.api import AvatarsApi, CharactersApi, TagsApi
from parley.kernel.errors import AppError
from support.catalogue import ADULT, MINOR, Catalogue, catalogue_on

KEYS = {
    *("id", "name", "description_long", "avatar_url", "access_type", "genre", "content_rating", "tags"),
    *("popularity_score", "messages_count", "is_active", "greeting", "language", "created_at"),
}


def told(_: Request[Any, Any, Any], error: AppError) -> Response[dict[str, object]]:
    return Response({"error": error.code, **error.details()}, status_code=400)


@pytest.fixture
def catalogue(sqlite_db: OpenDatabase) -> Catalogue:
    return catalogue_on(sqlite_db)


@pytest.fixture
async def client(catalogue: Catalogue) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """The routes with a person who says by a header that they are an adult."""

    async def viewer(request: Request[Any, Any, Any]) -> object:
        return ADULT if "adult" in request.headers else MINOR

    async def characters() -> object:
        return catalogue.characters

    app = Litestar(
        [CharactersApi, TagsApi, AvatarsApi],
        dependencies={"viewer": Provide(viewer), "characters": Provide(characters)},
        exception_handlers={AppError: told},
        openapi_config=None,
        logging_config=None,
    )
    async with AsyncTestClient(app) as client:
        yield client


async def test_the_list_has_the_specs_shape(catalogue: Catalogue, client: AsyncTestClient[Litestar]) -> None:
    await catalogue.add("Кира", tags=["anime"], first_mes="Привет, {{user}}!", parley={"language": "ru"})
    answer = (await client.get("/api/characters", params={"genre": "anime"})).json()
    assert {key: answer[key] for key in ("total", "limit", "offset")} == {"total": 1, "limit": 50, "offset": 0}
    (character,) = answer["characters"]
    assert character.keys() == KEYS
    assert (character["greeting"], character["created_at"]) == ("Привет, Ann!", "2026-01-05T12:00:01Z")
    assert (await client.get(f"/api/characters/{character['id']}")).json() == character


async def test_the_search_of_the_spec_finds(catalogue: Catalogue, client: AsyncTestClient[Litestar]) -> None:
    await catalogue.add("Кира", tags=["anime"], creator_notes="Милая девушка из аниме")
    await catalogue.add("Павел", tags=["mentor"])
    answer = (await client.get("/api/characters/search?q=аниме+девушка")).json()
    assert ([each["name"] for each in answer["characters"]], answer["total"]) == (["Кира"], 1)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/api/characters?limit=0", {"error": "invalid_input", "field": "limit"}),
        ("/api/characters?sort=x", {"error": "invalid_input", "field": "sort"}),
        ("/api/characters/search", {"error": "invalid_input", "field": "q"}),
        ("/api/characters/search?q=+", {"error": "invalid_input", "field": "q"}),
        ("/api/characters?rating=nsfw", {"error": "age_confirmation_required"}),
        ("/api/characters/search?q=a&rating=nsfw", {"error": "age_confirmation_required"}),
        ("/api/characters/0", {"error": "character_not_found"}),
        ("/api/characters/abc", {"error": "character_not_found"}),
        ("/api/characters/7", {"error": "character_not_found"}),
        ("/api/characters/9223372036854775808", {"error": "character_not_found"}),
        ("/api/tags/colour", {"error": "not_found"}),
        ("/characters/kira.jpg", {"error": "not_found"}),
        ("/characters/1-0123456789ab.svg", {"error": "not_found"}),
        ("/characters/9999999999999999999-0123456789ab.svg", {"error": "not_found"}),
    ],
)
async def test_what_cannot_be_answered_is_told(
    client: AsyncTestClient[Litestar], path: str, error: dict[str, str]
) -> None:
    assert (await client.get(path)).json() == error


async def test_an_adult_meets_nsfw_by_asking(catalogue: Catalogue, client: AsyncTestClient[Litestar]) -> None:
    lord = await catalogue.add("Lord", tags=["nsfw"])
    asked = await client.get("/api/characters", params={"rating": "nsfw"}, headers={"adult": "1"})
    assert asked.json()["total"] == 1
    assert (await client.get(f"/api/characters/{lord}", headers={"adult": "1"})).json()["id"] == lord
    assert (await client.get(f"/api/characters/{lord}")).json() == {"error": "age_confirmation_required"}


async def test_tags_are_listed_whole_and_by_category(catalogue: Catalogue, client: AsyncTestClient[Litestar]) -> None:
    await catalogue.add("Кира", tags=["anime", "romance"])
    anime, romance = (await client.get("/api/tags")).json()["tags"]
    assert (anime.pop("id"), romance.pop("id")) > (0, 0)
    assert anime == {"name": "anime", "category": "genre", "usage_count": 1}
    assert romance == {"name": "romance", "category": "theme", "usage_count": 1}
    assert [tag["name"] for tag in (await client.get("/api/tags/theme")).json()["tags"]] == ["romance"]
    assert (await client.get("/api/tags/other")).json() == {"tags": []}


async def test_an_avatar_is_served_for_ever_and_harmless(
    catalogue: Catalogue, client: AsyncTestClient[Litestar]
) -> None:
    await catalogue.add("Кира")
    url = (await client.get("/api/characters")).json()["characters"][0]["avatar_url"]
    got, head = await client.get(url), await client.head(url)
    assert got.content.startswith(b"<svg")
    assert (head.status_code, head.content, head.headers) == (200, b"", got.headers)
    assert got.headers["content-type"] == "image/svg+xml"
    assert "immutable" in got.headers["cache-control"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"].startswith("default-src 'none'")
    assert (await client.get(url.replace(".svg", ".png"))).json() == {"error": "not_found"}
