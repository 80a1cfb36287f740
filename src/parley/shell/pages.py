"""The few pages that Parley itself shows: a front page with a small chat, and the API's description for people."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from parley.kernel.errors import NotFound

_TYPES: Final[Mapping[str, str]] = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def security_policy(frame_ancestors: tuple[str, ...]) -> dict[str, str]:
    """Everything from here and nothing from elsewhere; only Telegram's web client may show it in a frame."""
    ancestors = " ".join(("https://web.telegram.org", *frame_ancestors))
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        f" connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }


def routes(frame_ancestors: tuple[str, ...]) -> list[HTTPRouteHandler]:
    """`/`, `/schema` and the files they need."""
    headers = security_policy(frame_ancestors)

    def page(name: str) -> Response[bytes]:
        path = files("parley.pages").joinpath(name)
        kind = _TYPES.get(name.rpartition(".")[2])
        if kind is None or not path.is_file():
            raise NotFound
        return Response(path.read_bytes(), media_type=kind, headers=headers)

    @get("/", sync_to_thread=False)
    def front() -> Response[bytes]:
        return page("index.html")

    @get("/schema", sync_to_thread=False)
    def schema() -> Response[bytes]:
        return page("schema.html")

    @get("/pages/{file_name:str}", sync_to_thread=False)
    def file(file_name: FromPath[str]) -> Response[bytes]:
        if "/" in file_name or file_name.startswith("."):
            raise NotFound
        return page(file_name)

    return [front, schema, file]
