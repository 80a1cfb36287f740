"""Memories in the database. Each is one character's of one person: every question names both."""

from parley.features.memories.core import Fact, Memory
from parley.kernel.ids import CharacterId, MemoryId, UserId
from parley.kernel.ports import Row, Tx

_MEMORY = "id, memory_type, content, importance, source, pinned, created_at, updated_at"
_OWNED = "user_id = :user AND character_id = :character"


async def memories(tx: Tx, user: UserId, character: CharacterId, limit: int) -> list[Memory]:
    """What the character remembers of the person: the most important first, then the newest."""
    rows = await tx.all(
        f"SELECT {_MEMORY} FROM memories WHERE {_OWNED}"  # noqa: S608  constant columns and condition
        " ORDER BY importance DESC, created_at DESC, id DESC LIMIT :limit",
        user=user,
        character=character,
        limit=limit,
    )
    return [_memory(row) for row in rows]


async def memory(tx: Tx, user: UserId, character: CharacterId, wanted: MemoryId) -> Memory | None:
    """One memory."""
    row = await tx.one(
        f"SELECT {_MEMORY} FROM memories WHERE id = :memory AND {_OWNED}",  # noqa: S608  constant columns and condition
        user=user,
        character=character,
        memory=wanted,
    )
    return None if row is None else _memory(row)


async def count(tx: Tx, user: UserId, character: CharacterId) -> int:
    """How many there are."""
    row = await tx.one(
        f"SELECT COUNT(*) AS number FROM memories WHERE {_OWNED}",  # noqa: S608  a constant condition
        user=user,
        character=character,
    )
    return 0 if row is None else int(row["number"])


async def add(tx: Tx, user: UserId, character: CharacterId, fact: Fact, source: str, now: int) -> MemoryId:
    """Remember a complete fact."""
    row = await tx.one(
        "INSERT INTO memories (user_id, character_id, memory_type, content, importance, source, created_at, updated_at)"
        " VALUES (:user, :character, :memory_type, :content, :importance, :source, :now, :now) RETURNING id",
        user=user,
        character=character,
        memory_type=fact.memory_type,
        content=fact.content,
        importance=fact.importance,
        source=source,
        now=now,
    )
    assert row is not None
    return MemoryId(row["id"])


async def change(tx: Tx, user: UserId, character: CharacterId, wanted: MemoryId, fact: Fact, now: int) -> bool:
    """Write the members that the fact names; False if there is no such memory."""
    return await tx.run(
        "UPDATE memories SET content = COALESCE(:content, content), memory_type = COALESCE(:memory_type, memory_type),"  # noqa: S608  a constant condition
        " importance = COALESCE(:importance, importance), pinned = COALESCE(:pinned, pinned), updated_at = :now"
        f" WHERE id = :memory AND {_OWNED}",
        user=user,
        character=character,
        memory=wanted,
        content=fact.content,
        memory_type=fact.memory_type,
        importance=fact.importance,
        pinned=None if fact.pinned is None else int(fact.pinned),
        now=now,
    ) == 1  # fmt: skip


async def forget(tx: Tx, user: UserId, character: CharacterId, wanted: MemoryId) -> bool:
    """Drop one memory; False if there is no such."""
    return await tx.run(
        f"DELETE FROM memories WHERE id = :memory AND {_OWNED}",  # noqa: S608  a constant condition
        user=user,
        character=character,
        memory=wanted,
    ) == 1  # fmt: skip


async def forget_all(tx: Tx, user: UserId, character: CharacterId) -> int:
    """Drop everything the character remembers of the person; how many there were."""
    return await tx.run(
        f"DELETE FROM memories WHERE {_OWNED}",  # noqa: S608  a constant condition
        user=user,
        character=character,
    )


def _memory(row: Row) -> Memory:
    return Memory(
        MemoryId(row["id"]),
        row["memory_type"],
        row["content"],
        row["importance"],
        row["source"],
        bool(row["pinned"]),
        row["created_at"],
        row["updated_at"],
    )
