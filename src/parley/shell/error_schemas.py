"""The errors of the API as the OpenAPI document tells them: one shape a kind, with an example."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from parley.features.completions.wire import errors as openai_errors
from parley.features.completions.wire.errors import ErrorAnswer, Told
from parley.kernel.errors import AppError, DailyLimitExceeded, InvalidInput, LimitState, RateLimited
from parley.kernel.openapi import Door, Schema
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
_WAIT: Final[Schema] = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds to wait"}
_OPENAI_SHAPE: Final = "OpenaiError"


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
    yield _OPENAI_SHAPE, _openai_shape()
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


def responses(kinds: Iterable[type[AppError]], headers: Schema, door: Door = "app") -> Schema:
    """The error answers of a route, by status; ``headers``: those that every answer bears."""
    by_status: dict[int, list[type[AppError]]] = {}
    for kind in sorted(set(kinds), key=lambda kind: kind.code):
        by_status.setdefault(STATUS[kind], []).append(kind)
    return {str(status): _response(by_status[status], headers, door) for status in sorted(by_status)}


def _response(kinds: list[type[AppError]], headers: Schema, door: Door) -> Schema:
    references = [{"$ref": f"#/components/schemas/{shape_name(kind)}"} for kind in kinds]
    return {
        "description": ", ".join(f"`{kind.code}`" for kind in kinds),
        "headers": {**headers, **_own_headers(kinds, door)},
        "content": {
            "application/json": {
                "schema": references[0] if len(references) == 1 else {"oneOf": references},
                "examples": {kind.code: {"value": _body(kind)} for kind in kinds},
            }
        },
    }


def _own_headers(kinds: list[type[AppError]], door: Door) -> Schema:
    """Headers of these errors; required where all of them bear it."""
    given = [error_headers(_example(kind), door) for kind in kinds]
    return {name: _header(name, [each.get(name) for each in given]) for name in sorted(set().union(*given))}


def _header(name: str, values: Sequence[str | None]) -> Schema:
    fixed = {"schema": {"type": "string", "const": next(filter(None, values))}}
    return {**(_WAIT if name == "Retry-After" else fixed), "required": None not in values}


def _body(kind: type[AppError]) -> Schema:
    error = _example(kind)
    return {"error": error.code, "message": sentence(error, "en"), **error.details()}


# --- as OpenAI tells them --------------------------------------------------------------------------


def _openai_shape() -> Schema:
    _, components = msgspec.json.schema_components([ErrorAnswer], ref_template="{name}")
    detail = {**components["ErrorDetail"], "additionalProperties": False}
    answer: Schema = {**components["ErrorAnswer"], "additionalProperties": False, "properties": {"error": detail}}
    return answer


def openai_responses(headers: Schema, *, takes_body: bool) -> Schema:
    """The error answers of a route in OpenAI's words, by status."""
    by_status: dict[int, list[Told]] = {}
    for error in openai_errors.every_error(takes_body=takes_body):
        by_status.setdefault(error.status, []).append(error)
    return {str(status): _openai_response(by_status[status], headers) for status in sorted(by_status)}


def _openai_response(errors: list[Told], headers: Schema) -> Schema:
    bodies = [msgspec.json.decode(each.body) for each in errors]
    names = sorted({name for each in errors for name in each.headers} - {"Content-Type"})
    return {
        "description": ", ".join(dict.fromkeys(f"`{body['error']['code']}`" for body in bodies)),
        "headers": {**headers, **{name: _header(name, [each.headers.get(name) for each in errors]) for name in names}},
        "content": {
            "application/json": {
                "schema": {"$ref": f"#/components/schemas/{_OPENAI_SHAPE}"},
                "examples": {body["error"]["code"]: {"value": body} for body in bodies},
            }
        },
    }
