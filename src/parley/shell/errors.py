"""How errors look over HTTP: the status of each kind and the body of all."""

from typing import Any, Final

import msgspec

from parley.features.completions.core import Refused
from parley.features.completions.wire import errors as openai_errors
from parley.features.completions.wire.errors import Told
from parley.kernel import errors
from parley.kernel.errors import AppError
from parley.kernel.openapi import Door
from parley.kernel.sentences import Channel, Language, sentence

STATUS: Final[dict[type[AppError], int]] = {
    AppError: 500,
    errors.Unauthorized: 401,
    errors.CharacterNotFound: 404,
    errors.MessageNotFound: 404,
    errors.MemoryNotFound: 404,
    errors.UserNotFound: 404,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.PremiumRequired: 403,
    errors.AgeConfirmationRequired: 403,
    errors.DailyLimitExceeded: 429,
    errors.RateLimited: 429,
    errors.InvalidInput: 400,
    errors.PayloadTooLarge: 413,
    errors.Conflict: 409,
    errors.LlmError: 502,
    errors.ServiceUnavailable: 503,
}


def error_body(error: AppError, language: Language, channel: Channel = "rest") -> bytes:
    """``{"error", "message", …}`` of contract §2."""
    body: dict[str, Any] = {"error": error.code, "message": sentence(error, language, channel), **error.details()}
    return msgspec.json.encode(body)


def told(error: AppError | Refused, door: Door | None, language: Language) -> Told:
    """The error as an answer, in the words of the door that was entered by."""
    if door == "openai" or isinstance(error, Refused):
        return openai_errors.told(error)
    headers = {"Content-Type": "application/json", **error_headers(error, door)}
    return Told(STATUS[type(error)], headers, error_body(error, language, "service" if door == "service" else "rest"))


def error_headers(error: AppError, door: Door | None = "app") -> dict[str, str]:
    """What a client's library reads: when to come again, how to prove who one is."""
    match error:
        case errors.RateLimited(retry_after=seconds) | errors.ServiceUnavailable(retry_after=seconds):
            return {"Retry-After": str(seconds)}
        case errors.Unauthorized():
            return {"WWW-Authenticate": "Bearer" if door == "service" else "tma"}
        case _:
            return {}
