"""What the control interface and the web client's calls share: JSON in and out, and only from this machine."""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from parley_simulator.refusal import Refused
from parley_simulator.state import Bot, Person
from parley_simulator.wire import Json, encode, whole_number
from parley_simulator.world import World

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(shown: object, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=encode(shown), status=status, content_type="application/json")


async def body_of(request: web.Request, kind: type[T]) -> T:
    """The body as what is expected; raises 400 for anything else. No body is an empty object."""
    try:
        return msgspec.json.decode(await request.read() or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Refused(400, str(wrong)) from wrong


def number_in(request: web.Request, name: str) -> int:
    """A number in the path."""
    number = whole_number(request.match_info[name])
    if number is None:
        raise Refused(404, f"no such {name}")
    return number


def bot_of(world: World, number: int) -> Bot:
    """A bot that has shown itself."""
    bot = world.bots.get(number)
    if bot is None:
        raise Refused(404, "no such bot; a bot exists from the first use of its token")
    return bot


def person_of(world: World, number: int) -> Person:
    """A person made with POST /sim/users."""
    person = world.people.get(number)
    if person is None:
        raise Refused(404, "no such user; make one with POST /sim/users")
    return person


@web.middleware
async def plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of `/sim` and `/web` as `{"error": text}`; pages of other sites are kept out."""
    if not request.path.startswith(("/sim/", "/web/")):
        return await handler(request)
    try:
        _check_caller(request)
        return await handler(request)
    except Refused as refusal:
        return answer(_error(refusal.description), refusal.code)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        return answer(_error(refusal.reason), refusal.status)


def _error(text: str) -> Json:
    return {"error": text}


def _check_caller(request: web.Request) -> None:
    """A page of another site, or a name that only now points here, shall not play with this."""
    host = urlsplit(f"//{request.host}").hostname or ""
    origin = request.headers.get("Origin")
    if not is_loopback(host) or (origin and urlsplit(origin).netloc != request.host):
        raise Refused(403, "only from this machine")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
