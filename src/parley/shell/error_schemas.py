"""The errors of the API as the OpenAPI document tells them: one shape a kind, with an example."""

from collections.abc import Iterable, Iterator
from typing import Final

from parley.kernel.errors import AppError, DailyLimitExceeded, InvalidInput, LimitState, RateLimited
from parley.kernel.openapi import Schema
from parley.kernel.sentences import sentence
from parley.shell.errors import STATUS, error_headers

_EXAMPLE_LIMITS: Final = LimitState(0, 50, "2025-01-02T00:00:00Z")
_LIMITS: Final[Schema] = {
    "type": "object",
    "description": "The day's quota",
    "required": ["remaining", "total", "resets_at"],
    "properties": {
        "remaining": {"type": "integer", "minimum": 0},
        "total": {"type": "integer", "minimum": 0},
        "resets_at": {"type": "string", "format": "date-time"},
    },
    "additionalProperties": False,
}
_DETAILS: Final[dict[str, Schema]] = {
    "field": {"type": "string", "description": "The member at fault, where there is a single one"},
    "retry_after": {"type": "integer", "minimum": 1, "description": "Seconds to wait"},
    "limits": _LIMITS,
}
_HEADERS: Final[dict[str, Schema]] = {
    "Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds to wait"},
    "WWW-Authenticate": {"schema": {"type": "string", "const": "tma"}},
}


def _example(kind: type[AppError]) -> AppError:
    if issubclass(kind, DailyLimitExceeded):
        return kind(_EXAMPLE_LIMITS)
    if issubclass(kind, RateLimited):
        return kind(45)
    if issubclass(kind, InvalidInput):
        return kind("limit")
    return kind()


def shape_name(kind: type[AppError]) -> str:
    """The name of the error's shape among the components."""
    return "InternalError" if kind is AppError else f"{kind.__name__}Error".replace("ErrorError", "Error")


def shapes() -> Iterator[tuple[str, Schema]]:
    """Every error's shape by its name."""
    for kind in STATUS:
        details = _example(kind).details()
        optional = {"field"}
        yield (
            shape_name(kind),
            {
                "type": "object",
                "description": (kind.__doc__ or "").strip(),
                "required": ["error", "message", *(name for name in details if name not in optional)],
                "properties": {
                    "error": {"type": "string", "const": kind.code, "description": "A stable code"},
                    "message": {
                        "type": "string",
                        "minLength": 1,
                        "description": "One sentence in the person's language",
                    },
                    **{name: _DETAILS[name] for name in details},
                },
                "additionalProperties": False,
            },
        )


def responses(kinds: Iterable[type[AppError]], headers: Schema) -> Schema:
    """The error answers of a route, by status; ``headers``: those that every answer bears."""
    by_status: dict[int, list[type[AppError]]] = {}
    for kind in sorted(set(kinds), key=lambda kind: kind.code):
        by_status.setdefault(STATUS[kind], []).append(kind)
    return {str(status): _response(by_status[status], headers) for status in sorted(by_status)}


def _response(kinds: list[type[AppError]], headers: Schema) -> Schema:
    references = [{"$ref": f"#/components/schemas/{shape_name(kind)}"} for kind in kinds]
    return {
        "description": ", ".join(f"`{kind.code}`" for kind in kinds),
        "headers": {**headers, **_own_headers(kinds)},
        "content": {
            "application/json": {
                "schema": references[0] if len(references) == 1 else {"oneOf": references},
                "examples": {kind.code: {"value": _body(kind)} for kind in kinds},
            }
        },
    }


def _own_headers(kinds: list[type[AppError]]) -> Schema:
    """Headers of these errors; required where all of them bear it."""
    bearers = [set(error_headers(_example(kind))) for kind in kinds]
    return {
        name: {**_HEADERS[name], "required": all(name in each for each in bearers)} for name in set().union(*bearers)
    }


def _body(kind: type[AppError]) -> Schema:
    error = _example(kind)
    return {"error": error.code, "message": sentence(error, "en"), **error.details()}
