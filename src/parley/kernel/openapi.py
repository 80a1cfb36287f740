"""What a route says of itself for the OpenAPI document; `shell/openapi.py` gathers it.

Bodies and queries are read by hand, strictly, so the framework cannot see them: each route tells them here, in
``opt=about(…)``. Tests hold these words against what the server does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from parley.kernel.errors import AppError

Schema = dict[str, Any]
"""A JSON Schema object."""


@dataclass(frozen=True, slots=True)
class Query:
    """One parameter of the query string."""

    name: str
    schema: Schema
    description: str
    required: bool = False
    example: str | int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A route in words."""

    summary: str
    answer: type[msgspec.Struct] | None
    """None: the answer is not JSON, `media` says what it is."""
    body: type[msgspec.Struct] | None = None
    body_required: bool = True
    body_example: Schema | None = None
    query: Sequence[Query] = ()
    errors: Sequence[type[AppError]] = ()
    """Beside those that every route of its kind may give."""
    media: str = "application/json"
    is_public: bool = False
    """Answers without Authorization."""
    streams: bool = False
    """May answer with an event stream."""


def about(summary: str, answer: type[msgspec.Struct] | None, **more: Any) -> dict[str, Any]:
    """The ``opt`` of a route."""
    return {"about": About(summary, answer, **more)}


def whole(least: int, most: int | None = None, default: int | None = None) -> Schema:
    """A whole number within bounds."""
    schema: Schema = {"type": "integer", "minimum": least}
    if most is not None:
        schema["maximum"] = most
    if default is not None:
        schema["default"] = default
    return schema


def one_of(*values: str) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(values)}
