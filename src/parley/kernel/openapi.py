"""What a route says of itself for the OpenAPI document; `shell/openapi.py` gathers it.

Bodies and queries are read by hand, strictly, so the framework cannot see them: each route tells them here, in
``opt=about(…)``. Tests hold these words against what the server does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from parley.kernel.errors import AppError
from parley.kernel.ids import MAX_ID

Schema = dict[str, Any]
"""A JSON Schema object."""


def schema(**words: Any) -> Meta:
    """What the document says of a member beside its type. Decoding does not hold it: that is for `core` to decide."""
    return Meta(extra_json_schema=words)


WORDS: Final = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
"""A pattern: there is something to read, and no NUL, which PostgreSQL cannot keep."""
Id = Annotated[int, schema(minimum=1, maximum=MAX_ID, examples=[42])]
Count = Annotated[int, schema(minimum=0, examples=[15])]
Moment = Annotated[
    str,
    schema(format="date-time", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", examples=["2025-01-01T12:00:00Z"]),
]
"""A time in UTC, whole seconds."""


@dataclass(frozen=True, slots=True)
class Query:
    """One parameter of the query string, or one header of an answer."""

    name: str
    schema: Schema
    description: str
    required: bool = False
    example: str | int | None = None


Door = Literal["app", "service", "openai"]
"""Who comes in: people of the Mini App; services with a key; those that expect OpenAI's words."""


@dataclass(frozen=True, slots=True)
class About:
    """A route in words."""

    summary: str
    answer: type[msgspec.Struct] | None
    """None: the answer is not JSON, `media` says what it is."""
    body: type[msgspec.Struct] | None = None
    body_required: bool = True
    query: Sequence[Query] = ()
    errors: Sequence[type[AppError]] = ()
    """Beside those that every route of its kind may give."""
    headers: Sequence[Query] = ()
    """Of the answer, beside those that every answer bears."""
    media: str = "application/json"
    door: Door = "app"
    is_public: bool = False
    """Answers without Authorization."""
    streams: bool = False
    """May answer with an event stream."""


def about(summary: str, answer: type[msgspec.Struct] | None, **more: Any) -> dict[str, Any]:
    """The ``opt`` of a route."""
    return {"about": About(summary, answer, **more)}


def whole(least: int, most: int | None = None, default: int | None = None) -> Schema:
    """A whole number within bounds."""
    number: Schema = {"type": "integer", "minimum": least}
    if most is not None:
        number["maximum"] = most
    if default is not None:
        number["default"] = default
    return number


def one_of(*values: str) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(values)}
