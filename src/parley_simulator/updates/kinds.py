"""The kinds of updates, which of them a bot gets unasked, and how long each is kept."""

from collections.abc import Iterable
from typing import Final

KINDS: Final = frozenset(
    {
        "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
        "business_message", "edited_business_message", "deleted_business_messages", "guest_message",
        "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query",
        "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member",
        "chat_member", "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot", "subscription",
        "stopped_message_generation",
    }
)  # fmt: skip
UNASKED: Final = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}

_DAY: Final = 86_400.0
_LIFE: Final = {
    "callback_query": 150.0,
    "shipping_query": 150.0,
    "pre_checkout_query": 150.0,
    "inline_query": 30.0,
    "chosen_inline_result": 600.0,
}


def life(kind: str) -> float:
    """Seconds an update of this kind waits to be taken."""
    return _LIFE.get(kind, _DAY)


def allowed(asked: Iterable[object]) -> list[str] | None:
    """What `allowed_updates` asks for; None is the default: nothing known was named."""
    known = list(dict.fromkeys(kind for kind in asked if isinstance(kind, str) and kind in KINDS))
    return known if known and set(known) != UNASKED else None
