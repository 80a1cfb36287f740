"""Why a request of the OpenAI-compatible API is not answered, in words for the developer who reads them.

No provider's text, key or address is ever in them.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from parley.kernel.ports import FailureKind, ModelFailed, ModelTraits

Reason = Literal[
    "invalid", "too_long", "model_not_found", "provider_busy", "provider_refused", "provider_failed", "provider_away"
]
_REASONS: Final[dict[FailureKind, Reason]] = {
    "rate": "provider_busy",
    "auth": "provider_refused",
    "not_found": "provider_refused",
    "bad_request": "provider_refused",
    "connect": "provider_away",
    "breaker": "provider_away",
}
"""All other kinds: it failed."""
_WORDS: Final[dict[Reason, str]] = {
    "too_long": "The messages are longer than this model's context. Shorten them and try again.",
    "provider_busy": "The model's provider takes no more requests right now. Wait as long as Retry-After says.",
    "provider_refused": "The model's provider refused the request. If a plain one fails too, the operator should check"
    " the provider's settings; else leave out the options this model may not know.",
    "provider_failed": "The model's provider failed to answer. Try again.",
    "provider_away": "The model's provider cannot be reached right now. Wait as long as Retry-After says.",
}
_WAIT: Final = 5.0
"""Seconds to wait where nobody knows better."""


@dataclass(eq=False)
class Refused(Exception):
    """A request that gets an error instead of its answer."""

    reason: Reason
    message: str
    param: str | None = None
    """The member at fault, such as ``messages[0].role``."""
    retry_after: int | None = None
    """Whole seconds, at least 1."""


def invalid(param: str | None, message: str) -> Refused:
    """The request does not say what it must."""
    return Refused("invalid", message, param)


def check_choices(wanted: int, traits: ModelTraits) -> None:
    """Raises Refused for more answers than the model gives to one request."""
    if wanted > traits.most_choices:
        raise invalid("n", f"This model gives at most {traits.most_choices} to one request: leave n out, or ask again.")


def too_long() -> Refused:
    """The messages do not fit."""
    return Refused("too_long", _WORDS["too_long"], "messages")


def unknown_model(model: str) -> Refused:
    """No model of this name is there for this key. The name is the caller's own, shortened."""
    return Refused(
        "model_not_found", f"There is no model {model[:80]!r}. GET /v1/models lists those there are.", "model"
    )


def no_planner() -> Refused:
    """The planner is a model of later versions."""
    return Refused("model_not_found", "The planner is not installed in this version of Parley.", "model")


def failed(failure: ModelFailed) -> Refused:
    """What a provider's failure means to who asked."""
    if failure.is_too_long:
        return too_long()
    is_busy = failure.kind == "breaker" and failure.status == 429
    reason = "provider_busy" if is_busy else _REASONS.get(failure.kind, "provider_failed")
    waits = reason in {"provider_busy", "provider_away"}
    return Refused(reason, _WORDS[reason], retry_after=_whole(failure.retry_after) if waits else None)


def _whole(seconds: float | None) -> int:
    return max(1, math.ceil(_WAIT if seconds is None else seconds))
