"""How a call is refused, in Telegram's words."""


class Refused(Exception):
    """The Bot API answers ``code`` with ``description``; ``retry_after`` are whole seconds, with 429 only."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(reason: str) -> Refused:
    """400 with Telegram's prefix."""
    return Refused(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> Refused:
    """403 with Telegram's prefix."""
    return Refused(403, f"Forbidden: {reason}")


def conflict(reason: str) -> Refused:
    """409 with Telegram's prefix."""
    return Refused(409, f"Conflict: {reason}")


def unauthorized(reason: str = "") -> Refused:
    """401; without a reason the bare word."""
    return Refused(401, f"Unauthorized: {reason}" if reason else "Unauthorized")


def too_many_requests(retry_after: int) -> Refused:
    """429 that says how many seconds to wait."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", retry_after)
