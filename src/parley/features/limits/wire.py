"""How the quota looks in JSON (spec «Limits API»)."""

from msgspec import Struct

from parley.features.limits.core import Usage
from parley.kernel.wire import timestamp_of


class MessagesLimit(Struct):
    """The day's messages; -1: without limit."""

    total: int
    used: int
    remaining: int
    resets_at: str | None


class SubscriptionAnswer(Struct):
    """The running subscription."""

    status: str
    start_at: str
    end_at: str


class LimitsAnswer(Struct):
    """`GET /api/users/limits`."""

    has_subscription: bool
    messages_limit: MessagesLimit
    subscription: SubscriptionAnswer | None


def limits_answer(usage: Usage) -> LimitsAnswer:
    """Where the person stands, as the API tells it."""
    state, subscription = usage.state, usage.subscription
    return LimitsAnswer(
        subscription is not None,
        MessagesLimit(state.total, usage.used, state.remaining, state.resets_at),
        None
        if subscription is None
        else SubscriptionAnswer(
            subscription.status, timestamp_of(subscription.start_at), timestamp_of(subscription.end_at)
        ),
    )
