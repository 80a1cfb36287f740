"""How new beginnings look in JSON (spec «Новая сцена», «Полный сброс чата», «Забыть недавние сообщения»)."""

from typing import Annotated

from msgspec import Struct

from parley.features.chats.core import MOST_FORGOTTEN
from parley.kernel.ids import MAX_ID
from parley.kernel.openapi import Count, schema


class NewSceneBody(Struct, forbid_unknown_fields=True):
    """`POST …/new-scene`; no body keeps nothing."""

    messages_to_keep: Annotated[int, schema(minimum=0, maximum=MAX_ID, examples=[0])] = 0


class NewSceneAnswer(Struct):
    """`POST …/new-scene`."""

    success: bool
    deleted_messages_count: Count
    memories_preserved: Count


class ResetAnswer(Struct):
    """`POST …/reset`."""

    success: bool
    deleted_messages_count: Count
    deleted_memories_count: Count


class ForgetRecentBody(Struct, forbid_unknown_fields=True):
    """`POST …/forget-recent`: 1 to 1000."""

    count: Annotated[int, schema(minimum=1, maximum=MOST_FORGOTTEN, examples=[10])]


class ForgetRecentAnswer(Struct):
    """`POST …/forget-recent`."""

    success: bool
    deleted_messages_count: Count
