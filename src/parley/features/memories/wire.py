"""How memories look in JSON (spec «Memory API», contract §2 and §7)."""

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from parley.features.memories.core import LONGEST, TYPES, Fact, Memory
from parley.kernel.openapi import WORDS, Count, Id, Moment, schema
from parley.kernel.wire import timestamp_of

Content = Annotated[str, schema(minLength=1, maxLength=LONGEST, pattern=WORDS, examples=["Увлекается аниме и мангой"])]
Kind = Annotated[str, schema(enum=list(TYPES), examples=["preference"])]
Importance = Annotated[int, schema(minimum=1, maximum=10, examples=[7])]


class MemoryBody(Struct, forbid_unknown_fields=True):
    """`POST …/memories`."""

    content: Content
    memory_type: Kind
    importance: Importance = 5

    def fact(self) -> Fact:
        """The complete fact."""
        return Fact(self.content, self.memory_type, self.importance)


class MemoryChangeBody(Struct, forbid_unknown_fields=True):
    """`PATCH …/memories/{id}`: any of the members."""

    content: Content | UnsetType = UNSET
    memory_type: Kind | UnsetType = UNSET
    importance: Importance | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET

    def fact(self) -> Fact:
        """The named members."""
        return Fact(
            None if self.content is UNSET else self.content,
            None if self.memory_type is UNSET else self.memory_type,
            None if self.importance is UNSET else self.importance,
            None if self.pinned is UNSET else self.pinned,
        )


class MemoryAnswer(Struct):
    """One remembered fact."""

    id: Id
    memory_type: Kind
    content: Content
    importance: Importance
    created_at: Moment
    updated_at: Moment
    source: Annotated[str, schema(enum=["user", "extracted"], examples=["user"])]
    pinned: bool


class MemoriesAnswer(Struct):
    """`GET …/memories`."""

    memories: list[MemoryAnswer]
    total: Count


class ForgottenOne(Struct):
    """`DELETE …/memories/{id}`."""

    success: bool
    deleted_id: Id


class ForgottenAll(Struct):
    """`DELETE …/memories`."""

    success: bool
    deleted_count: Count


def memory_answer(memory: Memory) -> MemoryAnswer:
    """The memory as the API tells it."""
    return MemoryAnswer(
        memory.id,
        memory.memory_type,
        memory.content,
        memory.importance,
        timestamp_of(memory.created_at),
        timestamp_of(memory.updated_at),
        memory.source,
        memory.pinned,
    )
