"""The `Idempotency-Key` header of a POST."""

from typing import Any

from litestar import Request, Response
from litestar.datastructures import State

from parley.features.idempotency import core
from parley.features.idempotency.core import Asked
from parley.kernel.ids import UserId

HEADER = "idempotency-key"
Call = Request[Any, Any, State]


def asked(request: Call, user: UserId, body: bytes) -> Asked | None:
    """The key the request bears, if it bears one; raises InvalidInput for a malformed one."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    return core.asked(user, f"{request.method} {request.scope['path']}", key, body)


def json_answer(body: str | bytes) -> Response[Any]:
    """An answer that is JSON already."""
    return Response(body if isinstance(body, bytes) else body.encode(), media_type="application/json")
