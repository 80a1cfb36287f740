"""The outermost layer of HTTP: what every request goes through before and after its route.

In this order: a request id, who calls (authentication comes before body, ids and existence, contract §7), how often,
which version. Who must show what there is the door's affair (`doors.py`). The body is bounded as it is read. Sockets go
to `turns.api.websocket`.
"""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from parley.features.identity.core import Caller, KeyUse, Person
from parley.features.identity.service import Identity, KeyAccounts, KeyRing
from parley.features.limits import core as limits
from parley.features.limits.core import Rate
from parley.features.limits.service import Rates
from parley.features.turns.api.websocket import SERVICE_RESTART, ChatSocket, Socket
from parley.kernel.errors import AppError, InvalidInput, PayloadTooLarge, Unauthorized
from parley.kernel.openapi import Door
from parley.kernel.ports import Chance
from parley.kernel.sentences import Language
from parley.shell.doors import MOST_BODY, door_of
from parley.shell.errors import told
from parley.shell.metrics import Metrics

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

API_VERSION: Final = "1.0"
_SERVED_VERSION: Final = re.compile(r"1(\.[0-9]{1,3})?")
CLIENT_GONE: Final = 499
"""For logs and metrics: the client did not wait for its answer. No answer ever bears it."""
_PUBLIC: Final = re.compile(r"/api/tags(/[^/]*)?")
_SOCKET: Final = re.compile(r"/api/ws/chat/([^/]*)")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SLASHES: Final = re.compile(r"/{2,}")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Call:
    """One request on its way: what the answer's headers and the log line need."""

    scope: Scope
    request_id: str
    began: float
    door: Door | None = None
    person: Person | None = None
    """By the door of the Mini App."""
    caller: Caller | None = None
    """By those of services."""
    status: int = 0

    @property
    def language(self) -> Language:
        """What the caller speaks, as far as we know them."""
        return "ru" if self.person is None else self.person.speaks

    def header(self, name: bytes) -> str | None:
        """A request header, the first of its name."""
        for key, value in self.scope["headers"]:
            if key == name:
                text: str = value.decode("latin-1")
                return text
        return None

    def credentials(self, scheme: str) -> str | None:
        """What the header Authorization brings under this scheme, whose case does not matter."""
        named, _, credentials = (self.header(b"authorization") or "").partition(" ")
        return credentials.strip() if named.lower() == scheme else None


@dataclass(frozen=True, slots=True)
class ServiceDoor:
    """Lets other services in."""

    keys: KeyRing
    rates: Rates
    a_minute: int
    """Requests with one key; 0: without bound."""
    accounts: KeyAccounts

    async def admit(self, call: Call) -> None:
        """By the key of the request, as often as it may; raises the error that ends the request."""
        secret = call.credentials("bearer")
        if secret is None:
            raise Unauthorized
        call.caller = await self.keys.caller(secret)
        if self.a_minute:
            await self.rates.count(call.caller.digest, Rate("key", self.a_minute))
        self.accounts.add(call.caller.key, KeyUse(1))


@dataclass(slots=True)
class Edge:
    """The ASGI application that the server runs."""

    app: AsgiApp
    identity: Identity
    rates: Rates
    service_door: ServiceDoor
    socket: ChatSocket
    chance: Chance
    metrics: Metrics
    is_draining: bool = field(default=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                await self._websocket(scope, receive, send)
            case _:
                await self.app(scope, receive, send)

    # --- sockets

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.metrics.sockets.inc()
        try:
            socket = await self._let_in(scope, receive, send)
            if socket is not None:
                await socket.serve(receive)
        except OSError:
            return  # the client went away while it was being sent to
        finally:
            self.metrics.sockets.dec()

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> Socket | None:
        """Answer the request for a socket. It ends before the socket is served, so an idle one holds no request."""
        found = _SOCKET.fullmatch(scope["path"])
        if found is None or self.is_draining:
            await receive()
            await send({"type": "websocket.accept"})  # a browser reads no code of one that was never let in
            await send({"type": "websocket.close", "code": SERVICE_RESTART if self.is_draining else 4404})
            return None
        return await self.socket.open(scope["query_string"].decode("latin-1"), found.group(1), receive, send)

    # --- requests

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, self._request_id(scope), time.perf_counter())
        scope["path"] = _SLASHES.sub("/", scope["path"]).rstrip("/") or "/"
        call.door = door_of(scope["path"])
        answer = _answering(call, send)
        state = scope.setdefault("state", {})
        state["call"] = call
        try:
            await self._admit(call)
            await self.app(scope, _bounded(call, receive), answer)
        except AppError as error:
            await send_error(call, error, answer)
        except Exception:  # what breaks before a route is reached must look like any answer of ours
            if call.status:
                raise
            log.exception("fault", request_id=call.request_id)
            await send_error(call, AppError(), answer)
        finally:
            self._note(call)

    def _request_id(self, scope: Scope) -> str:
        for key, value in scope["headers"]:
            if key == b"x-request-id" and _REQUEST_ID.fullmatch(value.decode("latin-1")):
                text: str = value.decode("latin-1")
                return text
        return self.chance.token()

    async def _admit(self, call: Call) -> None:
        """Who calls, how often, and in which version of the API; raises the error that ends the request."""
        match call.door:
            case "app":
                await self._admit_person(call)
            case "service" | "openai":
                await self.service_door.admit(call)
            case None:
                return
        length = call.header(b"content-length")
        if length is not None and length.isdigit() and int(length) > MOST_BODY[call.door]:
            raise PayloadTooLarge

    async def _admit_person(self, call: Call) -> None:
        path: str = call.scope["path"]
        caller = await self._caller(call, is_public=_PUBLIC.fullmatch(path) is not None)
        await self.rates.count(caller, limits.rate_of(call.scope["method"], path))
        version = call.header(b"api-version")
        if version is not None and not _SERVED_VERSION.fullmatch(version.strip()):
            raise InvalidInput("API-Version")

    async def _caller(self, call: Call, *, is_public: bool) -> str:
        """Under whose name the request counts: the person, or the address where nobody needs to say who they are."""
        init_data = call.credentials("tma")
        if init_data is not None:
            try:
                call.person = await self.identity.person(init_data)
            except Unauthorized:
                if not is_public:
                    raise
            else:
                return str(call.person.id)
        if not is_public:
            raise Unauthorized
        client = call.scope.get("client")
        return f"address {client[0] if client else 'unknown'}"

    def _note(self, call: Call) -> None:
        seconds = time.perf_counter() - call.began
        route = call.scope.get("path_template") or "unmatched"
        status = call.status or CLIENT_GONE
        self.metrics.requests.labels(route, call.scope["method"], str(status)).observe(seconds)
        log.info(
            "request",
            request_id=call.request_id,
            method=call.scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 2),
        )


def _answering(call: Call, send: Send) -> Send:
    """Give every answer its two headers and note its status."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            call.status = message["status"]
            message["headers"] = [
                *message.get("headers", []),
                (b"api-version", API_VERSION.encode()),
                (b"x-request-id", call.request_id.encode()),
            ]
        await send(message)

    return answer


def _bounded(call: Call, receive: Receive) -> Receive:
    """Stop reading a body over its bound, also one that did not say its length."""
    if call.door is None:
        return receive
    most, read = MOST_BODY[call.door], 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise PayloadTooLarge
        return message

    return bounded


async def send_error(call: Call, error: AppError, send: Send) -> None:
    """An error as a whole answer."""
    answer = told(error, call.door, call.language)
    headers = {"Content-Length": str(len(answer.body)), **answer.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})
