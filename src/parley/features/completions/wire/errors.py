"""Errors as OpenAI tells them: ``{"error": {"message", "type", "param", "code"}}``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from parley.features.completions import core
from parley.features.completions.core import Refused
from parley.features.completions.core.refusals import Reason
from parley.kernel import errors
from parley.kernel.errors import AppError
from parley.kernel.ports import FailureKind, ModelFailed


class ErrorDetail(msgspec.Struct):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorAnswer(msgspec.Struct):
    """The body of every answer that is an error."""

    error: ErrorDetail


@dataclass(frozen=True, slots=True)
class Told:
    """An error as an HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    type: str
    code: str | None
    message: str = ""
    """Empty: the error brings its own."""


_REFUSED: Final[dict[Reason, _Kind]] = {
    "invalid": _Kind(400, "invalid_request_error", "invalid_value"),
    "too_long": _Kind(400, "invalid_request_error", "context_length_exceeded"),
    "model_not_found": _Kind(404, "invalid_request_error", "model_not_found"),
    "provider_busy": _Kind(429, "requests", "rate_limit_exceeded"),
    "provider_refused": _Kind(502, "server_error", "provider_refused"),
    "provider_failed": _Kind(502, "server_error", "provider_failed"),
    "provider_away": _Kind(503, "server_error", "provider_unavailable"),
}
_TOLD: Final[dict[type[AppError], _Kind]] = {
    errors.Unauthorized: _Kind(
        401,
        "invalid_request_error",
        "invalid_api_key",
        "The API key is missing, wrong or revoked. Send a good one as Authorization: Bearer KEY; the operator makes"
        " them with parley keys create.",
    ),
    errors.RateLimited: _Kind(
        429,
        "requests",
        "rate_limit_exceeded",
        "This API key has reached its requests per minute. Wait as long as Retry-After says.",
    ),
    errors.PayloadTooLarge: _Kind(
        413, "invalid_request_error", "request_too_large", "The request is larger than 4 MiB. Shorten it."
    ),
    errors.NotFound: _Kind(
        404, "invalid_request_error", "not_found", "There is nothing at this address. Check the base URL and the path."
    ),
    errors.MethodNotAllowed: _Kind(
        405, "invalid_request_error", "method_not_allowed", "This address takes other methods: see the header Allow."
    ),
    errors.InvalidInput: _Kind(
        400, "invalid_request_error", "invalid_value", "The request is not valid. Check its form."
    ),
    errors.ServiceUnavailable: _Kind(
        503, "server_error", "service_unavailable", "Parley is away for a moment. Wait as long as Retry-After says."
    ),
}
_FAULT: Final = _Kind(500, "server_error", "internal_error", "Something broke on Parley's side. Try again later.")
_NEVER_MENDS: Final = frozenset({"provider_refused"})
"""What the official clients would otherwise try again, as they do with every status from 500 up."""


def told(error: AppError | Refused) -> Told:
    """The answer to this error."""
    if isinstance(error, Refused):
        kind, message, param, wait = _REFUSED[error.reason], error.message, error.param, error.retry_after
    else:
        kind = _TOLD.get(type(error), _FAULT)
        message, param, wait = kind.message, None, getattr(error, "retry_after", None)
    headers = {"Content-Type": "application/json"}
    if wait is not None:
        headers["Retry-After"] = str(wait)
    if kind.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if kind.code in _NEVER_MENDS:
        headers["X-Should-Retry"] = "false"
    answer = ErrorAnswer(ErrorDetail(message, kind.type, param, kind.code))
    return Told(kind.status, headers, msgspec.json.encode(answer))


def every_error(*, takes_body: bool) -> list[Told]:
    """Each error that a route may give: for the OpenAPI document."""
    common: list[AppError | Refused] = [
        errors.Unauthorized(),
        errors.RateLimited(45),
        errors.ServiceUnavailable(),
        AppError(),
        core.unknown_model("nobody"),
    ]
    if takes_body:
        kinds: tuple[FailureKind, ...] = ("rate", "bad_request", "server", "connect")
        common += [core.failed(ModelFailed(kind)) for kind in kinds]
        common += [errors.PayloadTooLarge(), core.invalid("messages", "messages is missing."), core.too_long()]
    return [told(error) for error in common]
