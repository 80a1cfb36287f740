"""How the quota looks in JSON (spec «Limits API»)."""

from typing import Annotated

from msgspec import Struct

from parley.features.limits.core import Usage
from parley.kernel.openapi import Count, Moment, schema
from parley.kernel.wire import timestamp_of

Units = Annotated[int, schema(minimum=-1, examples=[50])]


class MessagesLimit(Struct):
    """The day's messages; -1: without limit."""

    total: Units
    used: Count
    remaining: Units
    resets_at: Moment | None


class SubscriptionAnswer(Struct):
    """The running subscription."""

    status: Annotated[str, schema(enum=["active"], examples=["active"])]
    start_at: Moment
    end_at: Moment


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
