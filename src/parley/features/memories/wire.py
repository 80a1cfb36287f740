"""How memories look in JSON (spec «Memory API», contract §2 and §7)."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from parley.features.memories.core import Fact, Memory
from parley.kernel.wire import timestamp_of


class MemoryBody(Struct, forbid_unknown_fields=True):
    """`POST …/memories`."""

    content: str
    memory_type: str
    importance: int = 5

    def fact(self) -> Fact:
        """The complete fact."""
        return Fact(self.content, self.memory_type, self.importance)


class MemoryChangeBody(Struct, forbid_unknown_fields=True):
    """`PATCH …/memories/{id}`: any of the members."""

    content: str | UnsetType = UNSET
    memory_type: str | UnsetType = UNSET
    importance: int | UnsetType = UNSET
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

    id: int
    memory_type: str
    content: str
    importance: Annotated[int, Meta(ge=1, le=10)]
    created_at: str
    updated_at: str
    source: str
    pinned: bool


class MemoriesAnswer(Struct):
    """`GET …/memories`."""

    memories: list[MemoryAnswer]
    total: int


class ForgottenOne(Struct):
    """`DELETE …/memories/{id}`."""

    success: bool
    deleted_id: int


class ForgottenAll(Struct):
    """`DELETE …/memories`."""

    success: bool
    deleted_count: int


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
