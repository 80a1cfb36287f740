"""The few pages that Parley itself shows: a front page with a small chat, and the API's description for people."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from parley.kernel.errors import NotFound
from parley.kernel.openapi import about

Call = Request[Any, Any, Any]

_TYPES: Final[Mapping[str, str]] = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}


def security_policy(frame_ancestors: tuple[str, ...]) -> dict[str, str]:
    """Everything from here and nothing from elsewhere; only Telegram's web client may show it in a frame.

    Trusted types without any policy: no script on these pages can make HTML out of text.
    """
    ancestors = " ".join(("https://web.telegram.org", *frame_ancestors))
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
        f" require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors {ancestors}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }


@dataclass(frozen=True, slots=True)
class _Page:
    """A file as it is sent."""

    media_type: str
    body: bytes
    packed: bytes
    """The body, gzipped."""


def routes(frame_ancestors: tuple[str, ...]) -> list[HTTPRouteHandler]:
    """`/`, `/app`, `/schema` and the files they need."""
    headers = security_policy(frame_ancestors)
    read = cache(_read)

    def page(request: Call, name: str) -> Response[bytes]:
        found = read(name)
        if "gzip" in request.headers.get("accept-encoding", ""):
            packed = {**headers, "Content-Encoding": "gzip"}
            return Response(found.packed, media_type=found.media_type, headers=packed)
        return Response(found.body, media_type=found.media_type, headers=headers)

    @get("/", opt=about("The front page", None, media="text/html", is_public=True), sync_to_thread=False)
    def front(request: Call) -> Response[bytes]:
        return page(request, "index.html")

    @get("/app", opt=about("The page as a Mini App", None, media="text/html", is_public=True), sync_to_thread=False)
    def mini_app(request: Call) -> Response[bytes]:
        return page(request, "index.html")

    @get("/schema", opt=about("The API for people", None, media="text/html", is_public=True), sync_to_thread=False)
    def schema(request: Call) -> Response[bytes]:
        return page(request, "schema.html")

    @get(
        "/pages/{file_name:str}",
        opt=about("A file of a page", None, media="*/*", is_public=True, errors=(NotFound,)),
        sync_to_thread=False,
    )
    def file(request: Call, file_name: FromPath[str]) -> Response[bytes]:
        return page(request, file_name)

    return [front, mini_app, schema, file]


def _read(name: str) -> _Page:
    """A file of the package; raises NotFound for a name that is none."""
    media_type = _TYPES.get(name.rpartition(".")[2])
    if media_type is None or "/" in name or name.startswith("."):
        raise NotFound
    path = files("parley.pages").joinpath(name)
    if not path.is_file():
        raise NotFound
    body = path.read_bytes()
    return _Page(media_type, body, gzip.compress(body, mtime=0))
