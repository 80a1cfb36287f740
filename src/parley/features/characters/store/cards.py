"""Cards on their way in and out, and the counts of use."""

from dataclasses import dataclass

from parley.features.characters.core.cards import Card
from parley.features.characters.core.catalogue import category_of
from parley.features.characters.core.pictures import Picture
from parley.kernel.ids import CharacterId
from parley.kernel.ports import Tx, Value


@dataclass(frozen=True, slots=True)
class StoredCard:
    """What an export needs."""

    name: str
    original: str
    picture: Picture


async def raise_version(tx: Tx) -> int:
    """The catalogue's next version. Whoever raises it holds all other writers of the catalogue until the commit."""
    row = await tx.one("UPDATE versions SET value = value + 1 WHERE name = 'catalogue' RETURNING value")
    assert row is not None
    return int(row["value"])


async def id_of(tx: Tx, key: str) -> CharacterId | None:
    """The character of a card's key, removed ones included."""
    row = await tx.one("SELECT id FROM characters WHERE card_key = :key", key=key)
    return None if row is None else CharacterId(row["id"])


async def add(tx: Tx, card: Card, digest: str, revision: int, now: int) -> CharacterId:
    """A new character."""
    row = await tx.one(
        "INSERT INTO characters (card_key, name, description_long, greeting, system_prompt, language, access_type,"
        " genre, content_rating, is_active, card, avatar_digest, revision, created_at, updated_at)"
        " VALUES (:card_key, :name, :description_long, :greeting, :system_prompt, :language, :access_type,"
        " :genre, :content_rating, :is_active, :card, :avatar_digest, :revision, :now, :now) RETURNING id",
        card_key=card.key,
        **_columns(card, digest, revision, now),
    )
    assert row is not None
    return CharacterId(row["id"])


async def replace(tx: Tx, character: CharacterId, card: Card, digest: str, revision: int, now: int) -> None:
    """The character as its card now tells it; one that was removed lives again."""
    await tx.run(
        "UPDATE characters SET name = :name, description_long = :description_long, greeting = :greeting,"
        " system_prompt = :system_prompt, language = :language, access_type = :access_type, genre = :genre,"
        " content_rating = :content_rating, is_active = :is_active, removed_at = NULL, card = :card,"
        " avatar_digest = :avatar_digest, revision = :revision, updated_at = :now WHERE id = :id",
        id=character,
        **_columns(card, digest, revision, now),
    )


async def put_avatar(tx: Tx, character: CharacterId, picture: Picture) -> None:
    """The character's picture, in the place of an earlier one."""
    await tx.run(
        "INSERT INTO avatars (character_id, media_type, body) VALUES (:id, :media_type, :body)"
        " ON CONFLICT (character_id) DO UPDATE SET media_type = excluded.media_type, body = excluded.body",
        id=character,
        media_type=picture.media_type,
        body=picture.body,
    )


async def put_tags(tx: Tx, character: CharacterId, names: tuple[str, ...]) -> None:
    """The character's tags in this order, in the place of earlier ones."""
    await tx.run("DELETE FROM character_tags WHERE character_id = :id", id=character)
    for position, name in enumerate(names):
        await tx.run(
            "INSERT INTO tags (name, category) VALUES (:name, :category) ON CONFLICT (name) DO NOTHING",
            name=name,
            category=category_of(name),
        )
        await tx.run(
            "INSERT INTO character_tags (character_id, tag_id, position)"
            " SELECT CAST(:id AS BIGINT), id, CAST(:position AS INTEGER) FROM tags WHERE name = :name",
            id=character,
            position=position,
            name=name,
        )


async def remove(tx: Tx, character: CharacterId, revision: int, now: int) -> bool:
    """Leave a tombstone, so that chats keep their character; whether there was one to remove."""
    touched = await tx.run(
        "UPDATE characters SET is_active = 0, removed_at = :now, revision = :revision, updated_at = :now"
        " WHERE id = :id AND removed_at IS NULL",
        id=character,
        now=now,
        revision=revision,
    )
    return touched == 1


async def stored_card(tx: Tx, character: CharacterId) -> StoredCard | None:
    """The card and picture of a character that was not removed."""
    row = await tx.one(
        "SELECT c.name, c.card, a.media_type, a.body FROM characters c JOIN avatars a ON a.character_id = c.id"
        " WHERE c.id = :id AND c.removed_at IS NULL",
        id=character,
    )
    if row is None:
        return None
    return StoredCard(row["name"], row["card"], Picture(row["media_type"], bytes(row["body"])))


async def count_use(tx: Tx, character: CharacterId, messages: int) -> None:
    """One more answered turn. Counts are no change of the catalogue: its version stays."""
    await tx.run(
        "UPDATE characters SET messages_count = messages_count + :messages, popularity_score = popularity_score + 1"
        " WHERE id = :id",
        id=character,
        messages=messages,
    )


def _columns(card: Card, digest: str, revision: int, now: int) -> dict[str, Value]:
    return {
        "name": card.name,
        "description_long": card.description_long,
        "greeting": card.greeting,
        "system_prompt": card.system_prompt,
        "language": card.language,
        "access_type": card.access_type,
        "genre": card.genre,
        "content_rating": card.content_rating,
        "is_active": int(card.is_active),
        "card": card.original,
        "avatar_digest": digest,
        "revision": revision,
        "now": now,
    }
