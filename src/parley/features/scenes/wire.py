"""How new beginnings look in JSON (spec «Новая сцена», «Полный сброс чата», «Забыть недавние сообщения»)."""

from msgspec import Struct


class NewSceneBody(Struct, forbid_unknown_fields=True):
    """`POST …/new-scene`; no body keeps nothing."""

    messages_to_keep: int = 0


class NewSceneAnswer(Struct):
    """`POST …/new-scene`."""

    success: bool
    deleted_messages_count: int
    memories_preserved: int


class NoBody(Struct, forbid_unknown_fields=True):
    """A POST that needs no body; an empty object is the same."""


class ResetAnswer(Struct):
    """`POST …/reset`."""

    success: bool
    deleted_messages_count: int
    deleted_memories_count: int


class ForgetRecentBody(Struct, forbid_unknown_fields=True):
    """`POST …/forget-recent`: 1 to 1000."""

    count: int


class ForgetRecentAnswer(Struct):
    """`POST …/forget-recent`."""

    success: bool
    deleted_messages_count: int
