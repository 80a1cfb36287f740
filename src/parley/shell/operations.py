"""What operators and their machines ask: is it alive, is it ready, how does it do, what can it do."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from parley.adapters.db import OpenDatabase
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.openapi import about
from parley.shell.metrics import Metrics

Call = Request[Any, Any, Any]


def routes(
    db: OpenDatabase, metrics: Metrics, is_draining: Callable[[], bool], schema: Callable[[], bytes]
) -> list[HTTPRouteHandler]:
    """`/livez`, `/readyz`, `/metrics` and `/schema/openapi.json`."""

    @get("/livez", opt=about("The process lives", None, media="text/plain", is_public=True))
    async def livez() -> Response[bytes]:
        return Response(b"ok\n", media_type="text/plain")

    @get(
        "/readyz",
        opt=about("It can answer", None, media="text/plain", is_public=True, errors=(ServiceUnavailable,)),
    )
    async def readyz() -> Response[bytes]:
        """Ready when the database takes writes and nothing ends. No provider is called: that may cost money."""
        if is_draining():
            raise ServiceUnavailable
        await db.prove_writable()
        return Response(b"ready\n", media_type="text/plain")

    @get("/metrics", opt=about("Numbers for Prometheus", None, media="text/plain", is_public=True))
    async def numbers() -> Response[bytes]:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    @get("/schema/openapi.json", opt=about("The OpenAPI document", None, media="application/json", is_public=True))
    async def openapi() -> Response[bytes]:
        return Response(schema(), media_type="application/json")

    return [livez, readyz, numbers, openapi]
