"""`POST /telegram/webhook`: updates as Telegram posts them. Answered only once they are stored."""

import hmac
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from parley.kernel.errors import PayloadTooLarge, ServiceUnavailable, Unauthorized
from parley.kernel.openapi import about
from parley.shell.bot import Desk

PATH: Final = "/telegram/webhook"
_SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105  a header's name
_MOST_BODY: Final = 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Webhook:
    """The way in for Telegram's calls."""

    secret: str = field(repr=False)
    desk: Desk | None = None
    """Set when the bot runs; until then Telegram is asked to come again."""

    def routes(self) -> list[HTTPRouteHandler]:
        """The one route."""

        @post(
            PATH,
            status_code=200,
            request_max_body_size=_MOST_BODY,
            opt=about(
                "An update from Telegram",
                None,
                is_public=True,
                errors=(Unauthorized, PayloadTooLarge, ServiceUnavailable),
            ),
        )
        async def receive(request: Request[Any, Any, Any], body: RawBody) -> Response[bytes]:
            given = request.headers.get(_SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
                log.warning("webhook_refused")
                raise Unauthorized
            if self.desk is None:
                raise ServiceUnavailable
            await self.desk.receive([body])
            return Response(b"{}", media_type="application/json")

        return [receive]
