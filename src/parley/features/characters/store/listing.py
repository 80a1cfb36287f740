"""What the catalogue shows: pages of characters, tags, avatars."""

from collections.abc import Collection, Sequence

from parley.features.characters.core.catalogue import Character, Entry, Filters, Listed, Sort, Tag, Window
from parley.features.characters.core.pictures import Picture
from parley.kernel.ids import CharacterId, UserId
from parley.kernel.ports import Row, Tx, Value
from parley.kernel.wire import moment_of

_ENTRY = (
    "SELECT c.id, c.name, c.description_long, c.avatar_digest, a.media_type, c.access_type, c.genre, c.content_rating,"
    " c.popularity_score, c.messages_count, c.is_active, c.greeting, c.language, c.created_at"
    " FROM characters c JOIN avatars a ON a.character_id = c.id"
)
_ORDER: dict[Sort, str] = {
    "popular": " ORDER BY c.popularity_score DESC, c.id",
    "new": " ORDER BY c.created_at DESC, c.id DESC",
    "recommended": " ORDER BY COALESCE(liked.affinity, 0) DESC, c.popularity_score DESC, c.id",
}
_LIKED = (
    " LEFT JOIN (SELECT borne.character_id, SUM(mine.weight) AS affinity"
    " FROM character_tags borne JOIN ("
    "SELECT tagged.tag_id, SUM(chats.messages_count) AS weight"
    " FROM chats JOIN character_tags tagged ON tagged.character_id = chats.character_id"
    " WHERE chats.user_id = :user AND chats.messages_count > 0 GROUP BY tagged.tag_id"
    ") mine ON mine.tag_id = borne.tag_id GROUP BY borne.character_id) liked ON liked.character_id = c.id"
)


async def page(tx: Tx, user: UserId, filters: Filters, sort: Sort, window: Window) -> tuple[Entry, ...]:
    """Active characters that fit, in order. ``recommended`` weighs tags by how much this user wrote under them."""
    where, values = _where(filters)
    liked = _LIKED if sort == "recommended" else ""
    if liked:
        values["user"] = user
    # The order is settled on ids alone, mostly within an index: what is passed over need not be read.
    rows = await tx.all(
        f"SELECT c.id FROM characters c{liked}{where}{_ORDER[sort]} LIMIT :limit OFFSET :offset",  # noqa: S608  constant fragments
        **values,
        limit=window.limit,
        offset=window.offset,
    )
    found = {entry.id: entry for entry in await entries(tx, [CharacterId(row["id"]) for row in rows])}
    return tuple(found[row["id"]] for row in rows)


async def count(tx: Tx, filters: Filters) -> int:
    """How many active characters fit."""
    where, values = _where(filters)
    row = await tx.one(f"SELECT COUNT(*) AS total FROM characters c{where}", **values)  # noqa: S608  constant fragments
    assert row is not None
    return int(row["total"])


async def entries(tx: Tx, characters: Collection[CharacterId]) -> tuple[Entry, ...]:
    """These characters as the catalogue shows them, active or not."""
    rows = await tx.all(f"{_ENTRY} WHERE c.id IN :characters", characters=list(characters))
    return await _entries(tx, rows)


async def character_of(tx: Tx, character: CharacterId) -> tuple[Character, int] | None:
    """An active character without its system prompt, and the revision it is of."""
    row = await tx.one(
        "SELECT id, name, greeting, language, access_type, content_rating, genre, revision"
        " FROM characters WHERE id = :id AND is_active = 1",
        id=character,
    )
    return None if row is None else (_character(row), row["revision"])


async def system_prompt(tx: Tx, character: CharacterId) -> str:
    """The system prompt of a character that exists."""
    row = await tx.one("SELECT system_prompt FROM characters WHERE id = :id", id=character)
    assert row is not None
    prompt: str = row["system_prompt"]
    return prompt


async def avatar(tx: Tx, character: CharacterId, digest: str) -> Picture | None:
    """The character's picture, if it still is the one with this digest."""
    row = await tx.one(
        "SELECT a.media_type, a.body FROM avatars a JOIN characters c ON c.id = a.character_id"
        " WHERE c.id = :id AND c.avatar_digest = :digest",
        id=character,
        digest=digest,
    )
    return None if row is None else Picture(row["media_type"], bytes(row["body"]))


async def tags(tx: Tx) -> tuple[Tag, ...]:
    """Tags that active characters bear, the most used first."""
    rows = await tx.all(
        "SELECT t.id, t.name, t.category, COUNT(*) AS usage_count FROM tags t"
        " JOIN character_tags ct ON ct.tag_id = t.id JOIN characters c ON c.id = ct.character_id"
        " WHERE c.is_active = 1 GROUP BY t.id, t.name, t.category ORDER BY usage_count DESC, t.name"
    )
    return tuple(Tag(row["id"], row["name"], row["category"], row["usage_count"]) for row in rows)


async def listing(tx: Tx) -> tuple[Listed, ...]:
    """Every character that was not removed, active or not, by id."""
    rows = await tx.all(
        "SELECT id, name, access_type, genre, content_rating, is_active FROM characters"
        " WHERE removed_at IS NULL ORDER BY id"
    )
    return tuple(_listed(row) for row in rows)


def _where(filters: Filters) -> tuple[str, dict[str, Value]]:
    """The condition in constant pieces, and the values it takes."""
    asked = {"genre": filters.genre, "content_rating": filters.rating, "access_type": filters.access_type}
    values: dict[str, Value] = {column: value for column, value in asked.items() if value is not None}
    where = " WHERE c.is_active = 1" + "".join(f" AND c.{column} = :{column}" for column in values)
    if filters.tags:
        values |= {"tags": list(filters.tags), "tag_count": len(filters.tags)}
        where += (
            " AND c.id IN (SELECT ct.character_id FROM character_tags ct JOIN tags t ON t.id = ct.tag_id"
            " WHERE t.name IN :tags GROUP BY ct.character_id HAVING COUNT(*) = :tag_count)"
        )
    return where, values


async def _entries(tx: Tx, rows: Sequence[Row]) -> tuple[Entry, ...]:
    tags_of = await tag_names(tx, [row["id"] for row in rows])
    return tuple(_entry(row, tags_of.get(row["id"], ())) for row in rows)


async def tag_names(tx: Tx, characters: list[CharacterId]) -> dict[CharacterId, tuple[str, ...]]:
    """The tags of these characters in their cards' order."""
    rows = await tx.all(
        "SELECT ct.character_id, t.name FROM character_tags ct JOIN tags t ON t.id = ct.tag_id"
        " WHERE ct.character_id IN :characters ORDER BY ct.character_id, ct.position",
        characters=characters,
    )
    names: dict[CharacterId, tuple[str, ...]] = {}
    for row in rows:
        names[row["character_id"]] = (*names.get(row["character_id"], ()), row["name"])
    return names


def _entry(row: Row, names: tuple[str, ...]) -> Entry:
    return Entry(
        id=CharacterId(row["id"]),
        name=row["name"],
        description_long=row["description_long"],
        avatar_digest=row["avatar_digest"],
        avatar_media_type=row["media_type"],
        access_type=row["access_type"],
        genre=row["genre"],
        content_rating=row["content_rating"],
        tags=names,
        popularity_score=row["popularity_score"],
        messages_count=row["messages_count"],
        is_active=bool(row["is_active"]),
        greeting=row["greeting"],
        language=row["language"],
        created_at=moment_of(row["created_at"]),
    )


def _character(row: Row) -> Character:
    return Character(
        id=CharacterId(row["id"]),
        name=row["name"],
        system_prompt="",
        greeting=row["greeting"],
        language=row["language"],
        access_type=row["access_type"],
        content_rating=row["content_rating"],
        genre=row["genre"],
    )


def _listed(row: Row) -> Listed:
    return Listed(
        id=CharacterId(row["id"]),
        name=row["name"],
        access_type=row["access_type"],
        genre=row["genre"],
        content_rating=row["content_rating"],
        is_active=bool(row["is_active"]),
    )
