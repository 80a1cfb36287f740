"""What can go wrong, in the words of the contract (§2 Errors). No HTTP in here.

Every error has a stable ``code``; what it looks like to a person is `sentences`, which status or
close code it gets is the edge's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


class AppError(Exception):
    """Something the caller can be told about."""

    code: ClassVar[str] = "internal_error"

    def details(self) -> Mapping[str, object]:
        """Members of the error's body beside ``error`` and ``message``."""
        return {}


class Unauthorized(AppError):
    """The caller did not prove who they are."""

    code = "unauthorized"


class CharacterNotFound(AppError):
    """No such character, or it is inactive."""

    code = "character_not_found"


class MessageNotFound(AppError):
    """No such message in this chat of this user."""

    code = "message_not_found"


class MemoryNotFound(AppError):
    """No such memory in this chat of this user."""

    code = "memory_not_found"


class UserNotFound(AppError):
    """No such person."""

    code = "user_not_found"


class NotFound(AppError):
    """Nothing lives at this address."""

    code = "not_found"


class MethodNotAllowed(AppError):
    """The address exists, but not for this HTTP method."""

    code = "method_not_allowed"


class PremiumRequired(AppError):
    """The character is for subscribers."""

    code = "premium_required"


class AgeConfirmationRequired(AppError):
    """The character is for adults who said that they are."""

    code = "age_confirmation_required"


@dataclass(frozen=True)
class LimitState:
    """The daily quota as a turn's answer shows it; -1 means without limit."""

    remaining: int
    total: int
    resets_at: str | None

    def body(self) -> dict[str, object]:
        """The `limits` object of the spec."""
        return {"remaining": self.remaining, "total": self.total, "resets_at": self.resets_at}


class DailyLimitExceeded(AppError):
    """All units of the day are used."""

    code = "daily_limit_exceeded"

    def __init__(self, limits: LimitState) -> None:
        super().__init__()
        self.limits = limits

    def details(self) -> Mapping[str, object]:
        return {"limits": self.limits.body()}


class RateLimited(AppError):
    """Too many requests in the window."""

    code = "rate_limit"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after
        """Whole seconds, at least 1."""

    def details(self) -> Mapping[str, object]:
        return {"retry_after": self.retry_after}


class InvalidInput(AppError):
    """The request does not say what it must; ``field`` names the culprit where there is one."""

    code = "invalid_input"

    def __init__(self, field: str | None = None) -> None:
        super().__init__()
        self.field = field

    def details(self) -> Mapping[str, object]:
        return {} if self.field is None else {"field": self.field}


class PayloadTooLarge(AppError):
    """The body is over its bound."""

    code = "payload_too_large"


class Conflict(AppError):
    """The request meets a state it cannot go with: a running twin, an interrupted turn."""

    code = "conflict"


class LlmError(AppError):
    """No provider gave an answer."""

    code = "llm_error"


class ServiceUnavailable(AppError):
    """Something Parley needs is away; later may do."""

    code = "service_unavailable"

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__()
        self.retry_after = retry_after
