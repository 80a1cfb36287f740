"""The OpenAPI 3.1 document, gathered from what each route says of itself (`kernel/openapi.py`).

Bodies are read by hand, so the document is made from the very shapes that decode and encode them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from parley import __version__
from parley.kernel import errors
from parley.kernel.errors import AppError
from parley.kernel.ids import MAX_ID
from parley.kernel.openapi import About, Schema
from parley.kernel.sentences import SENTENCES
from parley.shell.errors import STATUS

_ID: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
_PATH_WORDS: Final[dict[str, Schema]] = {
    "category": {"type": "string", "enum": ["genre", "theme", "other"]},
    "file_name": {"type": "string"},
}
_ERROR: Final[Schema] = {
    "type": "object",
    "required": ["error", "message"],
    "properties": {
        "error": {"type": "string", "description": "A stable code"},
        "message": {"type": "string", "description": "One sentence in the person's language"},
        "field": {"type": "string", "description": "The member at fault, where there is a single one"},
        "retry_after": {"type": "integer", "minimum": 1, "description": "Seconds to wait"},
        "limits": {"$ref": "#/components/schemas/Limits"},
    },
}
_LIMITS: Final[Schema] = {
    "type": "object",
    "required": ["remaining", "total", "resets_at"],
    "properties": {
        "remaining": {"type": "integer"},
        "total": {"type": "integer"},
        "resets_at": {"type": ["string", "null"], "format": "date-time"},
    },
}
_HEADERS: Final[Schema] = {
    "API-Version": {"schema": {"type": "string", "const": "1.0"}, "required": True},
    "X-Request-Id": {"schema": {"type": "string"}, "required": True},
}
_REQUEST_HEADERS: Final[list[Schema]] = [
    {
        "name": "API-Version",
        "in": "header",
        "required": False,
        "description": "The version the client speaks: 1 or 1.x",
        "schema": {"type": "string", "pattern": r"^1(\.[0-9]{1,3})?$"},
        "example": "1.0",
    }
]
_KEY_HEADER: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gets the first answer again, for 24 hours",
    "schema": {"type": "string", "pattern": r"^[\x20-\x7e]{1,255}$"},
}
_EVERYWHERE: Final[tuple[type[AppError], ...]] = (
    errors.InvalidInput,
    errors.RateLimited,
    AppError,
    errors.ServiceUnavailable,
)


def document(app: Litestar) -> bytes:
    """The whole document as JSON."""
    routes = list(_described(app))
    shapes = [shape for _, _, about in routes for shape in (about.body, about.answer) if shape is not None]
    unique = list(dict.fromkeys(shapes))
    schemas, components = msgspec.json.schema_components(unique, ref_template="#/components/schemas/{name}")
    by_shape = dict(zip(unique, schemas, strict=True))
    paths: dict[str, Schema] = {}
    for path, handler, about in routes:
        for method in handler.http_methods:
            paths.setdefault(path, {})[method.lower()] = _operation(path, method, handler, about, by_shape)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Parley",
                "version": __version__,
                "description": "AI characters on Telegram: the Mini App's API, version 1.0. Lasting events and streamed"
                " text come over the WebSocket `/api/ws/chat/{character_id}?initData=…`.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "paths": paths,
            "components": {
                "schemas": {**components, "Error": _ERROR, "Limits": _LIMITS},
                "securitySchemes": {
                    "initData": {
                        "type": "apiKey",
                        "in": "header",
                        "name": "Authorization",
                        "description": "`tma ` and the Mini App's initData as Telegram gave it",
                    }
                },
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


def _operation(
    path: str, method: str, handler: HTTPRouteHandler, about: About, by_shape: dict[type[msgspec.Struct], Schema]
) -> Schema:
    is_api = path.startswith("/api")
    operation: Schema = {
        "summary": about.summary,
        "operationId": f"{method.lower()}{re.sub(r'[^A-Za-z0-9]+', '_', path).rstrip('_')}",
        "tags": sorted(handler.resolve_tags() if hasattr(handler, "resolve_tags") else handler.tags or ()),
        "parameters": [*_parameters(path, about), *(_REQUEST_HEADERS if is_api else ())],
        "responses": _responses(path, about, by_shape, is_api=is_api),
        "security": [] if about.is_public else [{"initData": []}],
    }
    if method == "POST" and is_api:
        operation["parameters"].append(_KEY_HEADER)
        operation["responses"].setdefault("409", _error_response([errors.Conflict]))
    if about.body is not None:
        content = {"application/json": {"schema": by_shape[about.body]}}
        operation["requestBody"] = {"required": about.body_required, "content": content}
    return operation


def _parameters(path: str, about: About) -> Iterator[Schema]:
    for name in re.findall(r"\{(\w+)\}", path):
        yield {"name": name, "in": "path", "required": True, "schema": _PATH_WORDS.get(name, _ID)}
    for query in about.query:
        parameter: Schema = {
            "name": query.name,
            "in": "query",
            "required": query.required,
            "description": query.description,
            "schema": query.schema,
        }
        if query.example is not None:
            parameter["example"] = query.example
        yield parameter


def _responses(path: str, about: About, by_shape: dict[type[msgspec.Struct], Schema], *, is_api: bool) -> Schema:
    content: Schema = {about.media: {"schema": {"type": "string"} if about.answer is None else by_shape[about.answer]}}
    if about.streams:
        content["text/event-stream"] = {"schema": {"type": "string", "description": "The events of the WebSocket"}}
    headers = _HEADERS if is_api else {}
    responses: Schema = {"200": {"description": about.summary, "content": content, "headers": headers}}
    kinds = [*about.errors, *(_EVERYWHERE if is_api else ())]
    if is_api and not about.is_public:
        kinds.append(errors.Unauthorized)
    if "{character_id}" in path:
        kinds += [errors.CharacterNotFound, errors.AgeConfirmationRequired]
    if about.body is not None:
        kinds.append(errors.PayloadTooLarge)
    for status in sorted({STATUS[kind] for kind in kinds}):
        responses[str(status)] = _error_response(kind for kind in kinds if STATUS[kind] == status)
    return responses


def _error_response(kinds: Iterable[type[AppError]]) -> Schema:
    codes = sorted({kind.code for kind in kinds})
    examples = {code: {"value": {"error": code, "message": _example(code)}} for code in codes}
    schema: Schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"error": {"enum": codes}}}]}
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "headers": _HEADERS,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _example(code: str) -> str:
    return SENTENCES[code]["en"].format(total=50)
