"""What a provider's status, error body and headers mean, in the words of `ModelFailed`."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from parley.adapters.llm.wire import ProviderError
from parley.kernel.ports import FailureKind

_KINDS: Final[dict[int, FailureKind]] = {
    401: "auth",
    402: "auth",
    403: "auth",
    404: "not_found",
    405: "not_found",
    408: "timeout",
    409: "server",
    410: "not_found",
    425: "server",
    429: "rate",
}

_KINDS_BY_WORD: Final[dict[str, FailureKind]] = {
    "rate_limit_exceeded": "rate",
    "rate_limit_error": "rate",
    "insufficient_quota": "auth",
    "invalid_api_key": "auth",
    "authentication_error": "auth",
    "model_not_found": "not_found",
    "context_length_exceeded": "bad_request",
    "invalid_request_error": "bad_request",
}

_TOO_LONG: Final = ("context_length_exceeded", "exceed_context_size", "maximum context length", "prompt is too long")


def kind_of_status(status: int) -> FailureKind:
    """The kind of an answer that is not 200."""
    if status >= 500:
        return "server"
    return _KINDS.get(status, "bad_request" if status >= 400 else "protocol")


def kind_of_error(error: ProviderError | str) -> FailureKind:
    """The kind of an error told inside a 200 answer."""
    if isinstance(error, str) or (error.code is None and error.type is None):
        return "server"
    if isinstance(error.code, int) or str(error.code).isdecimal():
        status = int(str(error.code)[:9])
        return kind_of_status(status) if 400 <= status <= 599 else "server"
    return _KINDS_BY_WORD.get(str(error.code)) or _KINDS_BY_WORD.get(str(error.type)) or "server"


def tells_too_long(refusal: str) -> bool:
    """Whether a provider refuses a prompt for its length: OpenAI's code, llama.cpp's, and words many use."""
    return any(words in refusal for words in _TOO_LONG)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the provider asks us to wait: ``retry-after-ms``, else ``Retry-After`` as seconds or HTTP date."""
    in_milliseconds = _number(headers.get("retry-after-ms", ""))
    if in_milliseconds is not None:
        return in_milliseconds / 1000
    told = headers.get("Retry-After", "")
    seconds = _number(told)
    return seconds if seconds is not None else _seconds_until(told, now)


def _number(told: str) -> float | None:
    try:
        number = float(told)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(date) - now) / timedelta(seconds=1))
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None
