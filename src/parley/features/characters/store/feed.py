"""What the search index has yet to read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from parley.features.characters.core.searching import label_of, labels_of
from parley.features.characters.store.listing import tag_names
from parley.kernel.ids import CharacterId
from parley.kernel.ports import Row, Tx
from parley.kernel.search import SearchDocument

_COLUMNS = (
    "SELECT id, name, description_long, genre, content_rating, access_type, is_active, popularity_score, revision"
    " FROM characters"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """A part of what changed, in the order of the changes."""

    documents: tuple[SearchDocument, ...] = ()
    gone: tuple[CharacterId, ...] = ()
    """Characters nobody may find any more."""
    last: tuple[int, CharacterId] | None = None
    """Where to read on: revision and id. None: nothing changed."""


async def version(tx: Tx) -> int:
    """The catalogue's version."""
    row = await tx.one("SELECT value FROM versions WHERE name = 'catalogue'")
    assert row is not None
    return int(row["value"])


async def changed_since(tx: Tx, revision: int, after: CharacterId, limit: int) -> Changes:
    """Characters changed after this place, oldest change first."""
    rows = await tx.all(
        f"{_COLUMNS} WHERE revision > :revision OR (revision = :revision AND id > :after)"
        " ORDER BY revision, id LIMIT :limit",
        revision=revision,
        after=after,
        limit=limit,
    )
    if not rows:
        return Changes()
    gone = tuple(CharacterId(row["id"]) for row in rows if not row["is_active"])
    newest = rows[-1]
    return Changes(
        await _documents(tx, [row for row in rows if row["is_active"]]),
        gone,
        (newest["revision"], CharacterId(newest["id"])),
    )


async def documents(tx: Tx, characters: Collection[CharacterId]) -> tuple[SearchDocument, ...]:
    """The active ones of these characters as they can be found."""
    rows = await tx.all(f"{_COLUMNS} WHERE id IN :characters AND is_active = 1", characters=list(characters))
    return await _documents(tx, rows)


async def popularities(tx: Tx) -> dict[CharacterId, int]:
    """How popular each active character is that anybody ever used."""
    rows = await tx.all("SELECT id, popularity_score FROM characters WHERE is_active = 1 AND popularity_score > 0")
    return {CharacterId(row["id"]): row["popularity_score"] for row in rows}


async def _documents(tx: Tx, rows: Sequence[Row]) -> tuple[SearchDocument, ...]:
    names = await tag_names(tx, [row["id"] for row in rows])
    return tuple(_document(row, names.get(row["id"], ())) for row in rows)


def _document(row: Row, tags: tuple[str, ...]) -> SearchDocument:
    genre = row["genre"]
    return SearchDocument(
        id=CharacterId(row["id"]),
        name=row["name"],
        tags=tags if genre is None or genre in tags else (*tags, genre),
        description=row["description_long"],
        labels=labels_of(genre, row["content_rating"], row["access_type"]) | {label_of("tag", tag) for tag in tags},
        popularity=row["popularity_score"],
    )
