"""The OpenAPI 3.1 document, gathered from what each route says of itself (`kernel/openapi.py`).

Bodies are read by hand, so the document is made from the very shapes that decode and encode them.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args, get_type_hints

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from parley import __version__
from parley.features.characters.core.catalogue import TagCategory
from parley.kernel import errors
from parley.kernel.errors import AppError
from parley.kernel.ids import MAX_ID
from parley.kernel.openapi import About, Door, Query, Schema, one_of
from parley.shell import error_schemas

Shape = type[msgspec.Struct]
_REFERENCE: Final = "#/components/schemas/{name}"
_ID: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
_PATH_WORDS: Final[dict[str, Schema]] = {
    "category": one_of(*get_args(TagCategory)),
    "avatar": {"type": "string", "pattern": r"^[1-9][0-9]{0,18}-[0-9a-f]{12}\.[a-z]{3,4}$"},
    "file_name": {"type": "string", "pattern": r"^[a-z][a-z0-9_-]*\.(html|css|js|svg)$"},
    "model_id": {"type": "string", "pattern": r"^(default|character/[1-9][0-9]{0,18})$"},
}
_HEADERS: Final[Schema] = {
    "API-Version": {"schema": {"type": "string", "const": "1.0"}, "required": True},
    "X-Request-Id": {"schema": {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}, "required": True},
}
_VERSION: Final[Schema] = {
    "name": "API-Version",
    "in": "header",
    "required": False,
    "description": "The version the client speaks: 1 or 1.x",
    "schema": {"type": "string", "pattern": r"^1(\.[0-9]{1,3})?$"},
    "example": "1.0",
}
_KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gets the first answer again, for 24 hours",
    "schema": {"type": "string", "pattern": r"^[!-~]([ -~]{0,253}[!-~])?$"},
}
_DESCRIPTION: Final = (
    "AI characters on Telegram: the Mini App's API, version 1.0. Lasting events and streamed text come over the"
    " WebSocket `/api/ws/chat/{character_id}?initData=…`. Beside it, for other services: people by their Telegram id,"
    " and an API that clients of OpenAI understand, each address with `/v1` and without."
)
_SECURITY: Final[Schema] = {
    "initData": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`tma ` and the Mini App's initData as Telegram gave it",
    },
    "serviceKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of `parley keys create` or of PARLEY_API_KEYS",
    },
}
_SCHEMES: Final[dict[Door, str]] = {"app": "initData", "service": "serviceKey", "openai": "serviceKey"}
_STREAMED: Final[dict[Door, str]] = {
    "app": "The frames of the WebSocket, one turn of them",
    "service": "Events",
    "openai": "Chunks of the completion as OpenAI streams them, `[DONE]` last",
}


def document(app: Litestar) -> bytes:
    """The whole document as JSON."""
    routes = list(_described(app))
    shapes = _Shapes([about for _, _, about in routes])
    paths: dict[str, Schema] = {}
    for path, handler, about in routes:
        for method in sorted(handler.http_methods):
            paths.setdefault(path, {})[method.lower()] = _operation(path, str(method), handler, about, shapes)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Parley",
                "version": __version__,
                "description": _DESCRIPTION,
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "paths": paths,
            "components": {
                "schemas": {**shapes.components, **dict(error_schemas.shapes())},
                "securitySchemes": _SECURITY,
            },
        }
    )


def _described(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler, About]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                about = handler.opt.get("about")
                if isinstance(about, About):
                    yield route.path_format, handler, about


def _shapes_of(about: About) -> Iterator[Shape]:
    """The shapes of a route, and those inside them."""
    waiting: list[Any] = [about.body, about.answer]
    while waiting:
        found = waiting.pop()
        if isinstance(found, type) and issubclass(found, msgspec.Struct):
            yield found
            waiting += get_type_hints(found).values()
        waiting += get_args(found)


# --- shapes ----------------------------------------------------------------------------------------


class _Shapes:
    """The shapes of all bodies and answers, and their examples."""

    def __init__(self, routes: Sequence[About]) -> None:
        unique = list(dict.fromkeys(shape for about in routes for shape in (about.body, about.answer) if shape))
        schemas, self.components = msgspec.json.schema_components(unique, ref_template=_REFERENCE)
        self._by_shape: dict[Shape, Schema] = dict(zip(unique, schemas, strict=True))
        open_shapes = {each.__name__ for about in routes if about.door == "openai" for each in _shapes_of(about)}
        for name, component in self.components.items():
            # An answer has the named members, no others (contract §7); OpenAI's may have more, and take any.
            component["additionalProperties"] = name in open_shapes

    def media(self, shape: Shape) -> Schema:
        """A JSON body of this shape, with an example put together from those of its members."""
        schema = self._by_shape[shape]
        return {"schema": schema, "example": self._example(schema)}

    def _example(self, schema: Schema) -> Any:
        if "$ref" in schema:
            return self._object(self.components[schema["$ref"].rpartition("/")[2]])
        if "examples" in schema:
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self._example(schema["anyOf"][0])
        if schema["type"] == "array":
            return [self._example(schema["items"])]
        return {"boolean": True, "string": "…", "integer": 1, "number": 1}[schema["type"]]

    def _object(self, schema: Schema) -> Schema:
        """What must be there, or all members where none must."""
        members: Schema = schema["properties"]
        wanted = schema["required"] or members
        return {name: self._example(members[name]) for name in wanted}


# --- routes ----------------------------------------------------------------------------------------


def _operation(path: str, method: str, handler: HTTPRouteHandler, about: About, shapes: _Shapes) -> Schema:
    operation: Schema = {
        "summary": about.summary,
        "operationId": f"{method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', path).rstrip('_')}",
        "tags": _tags(handler),
        "parameters": list(_parameters(path, method, about)),
        "responses": {
            "200": _answer(method, about, shapes),
            **_refusals(path, method, about),
        },
        "security": [] if about.is_public else [{_SCHEMES[about.door]: []}],
    }
    if about.body is not None:
        content = {"application/json": shapes.media(about.body)}
        operation["requestBody"] = {"required": about.body_required, "content": content}
    return operation


def _tags(handler: HTTPRouteHandler) -> list[str]:
    own = {tag for layer in handler.ownership_layers for tag in layer.tags or ()}
    return sorted(own) or ["Operations"]


def _is_api(path: str) -> bool:
    return path.startswith("/api/")


def _parameters(path: str, method: str, about: About) -> Iterator[Schema]:
    for name in re.findall(r"\{(\w+)\}", path):
        yield {"name": name, "in": "path", "required": True, "schema": _PATH_WORDS.get(name, _ID)}
    for query in about.query:
        yield {"name": query.name, "in": "query", "required": query.required, **_described_value(query)}
    if _is_api(path):
        yield _VERSION
        if method == "POST":
            yield _KEY


def _described_value(value: Query) -> Schema:
    described: Schema = {"description": value.description, "schema": value.schema}
    return described if value.example is None else {**described, "example": value.example}


def _answer(method: str, about: About, shapes: _Shapes) -> Schema:
    own = {header.name: {"required": header.required, **_described_value(header)} for header in about.headers}
    answer: Schema = {"description": about.summary, "headers": {**_HEADERS, **own}}
    if method != "HEAD":
        text = {"schema": {"type": "string"}}
        answer["content"] = {about.media: text if about.answer is None else shapes.media(about.answer)}
        if about.streams:
            events = {"schema": {"type": "string", "description": _STREAMED[about.door]}}
            answer["content"]["text/event-stream"] = events
    return answer


def _refusals(path: str, method: str, about: About) -> Schema:
    if about.door == "openai":
        return error_schemas.openai_responses(_HEADERS, takes_body=about.body is not None)
    return error_schemas.responses(_errors(path, method, about), _HEADERS, about.door)


def _errors(path: str, method: str, about: About) -> Iterator[type[AppError]]:
    """What the route says itself, and what every route of its kind may answer."""
    yield from about.errors
    yield AppError
    if about.door == "service":
        yield from (errors.Unauthorized, errors.RateLimited, errors.PayloadTooLarge)
    if not _is_api(path):
        return
    yield from (errors.InvalidInput, errors.RateLimited, errors.PayloadTooLarge, errors.ServiceUnavailable)
    if not about.is_public:
        yield errors.Unauthorized
    if method == "POST":
        yield errors.Conflict
    if "{character_id}" in path:
        yield from (errors.CharacterNotFound, errors.AgeConfirmationRequired)
