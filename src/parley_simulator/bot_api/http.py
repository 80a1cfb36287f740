"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import asyncio
import re
from http.client import responses
from typing import Final

from aiohttp import web

from parley_simulator.bot_api.call import Call
from parley_simulator.bot_api.decoding import from_body, from_parts, from_query, too_large
from parley_simulator.bot_api.execution import Answer, execute, note, refused
from parley_simulator.bot_api.params import Params
from parley_simulator.faults import Fault
from parley_simulator.files import StoredFile
from parley_simulator.refusal import Refused, too_many_requests, unauthorized
from parley_simulator.state import Bot
from parley_simulator.world import World

_TOKEN: Final = re.compile(r"([1-9][0-9]{0,19}):([A-Za-z0-9_-]{3,60})")
_CALL: Final = re.compile(r"/bot([^/]*)(?:/test)?/(.*)", re.DOTALL)
_FILE: Final = re.compile(r"/file/bot([^/]*)(?:/test)?/(.*)", re.DOTALL)
_LONG: Final = "getupdates"


class BotApi:
    """Answers the calls of all bots."""

    def __init__(self, world: World, *, slows_spinning: bool = False) -> None:
        self._world = world
        self._slows_spinning = slows_spinning

    async def called(self, request: web.Request) -> web.StreamResponse:
        """Answer a call."""
        found = _CALL.fullmatch(request.path)
        if not found or request.method not in {"GET", "POST"}:
            return _sent(refused(Refused(404, "Not Found")))
        token, method = found.groups()
        params = Params({})
        try:
            params = await _params_of(request)
            bot = self._bot_of(token)
        except Refused as refusal:
            answer = refused(refusal)
            note(self._world, _number(token), method, params, answer)
            return _sent(answer)
        return await self._answered(request, method, Call(self._world, bot, params, self._slows_spinning))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Answer with the bytes of a file."""
        try:
            stored = self._file_at(request.path)
        except Refused as refusal:
            return _sent(refused(refusal))
        return web.Response(body=stored.data, content_type="application/octet-stream")

    def _file_at(self, path: str) -> StoredFile:
        found = _FILE.fullmatch(path)
        stored = self._bot_of(found[1]).files.at(found[2]) if found else None
        if stored is None:
            raise Refused(404, "Not Found")
        return stored

    def _bot_of(self, token: str) -> Bot:
        found = _TOKEN.fullmatch(token)
        if not found:
            raise unauthorized("invalid token specified")
        return self._world.meet(int(found[1]), found[2])

    async def _answered(self, request: web.Request, method: str, call: Call) -> web.StreamResponse:
        fault = self._world.faults.next(call.bot.id, method.lower())
        doing = asyncio.ensure_future(self._done(method, call, fault))
        try:
            answer = await asyncio.shield(doing)
        except asyncio.CancelledError:
            # Whoever asked has gone. What was asked is done all the same, but nobody waits for updates any more.
            if method.lower() == _LONG:
                doing.cancel()
            raise
        if answer is None:
            return _hung_up(request)
        note(self._world, call.bot.id, method, call.params, answer)
        return _sent(answer)

    async def _done(self, method: str, call: Call, fault: Fault | None) -> Answer | None:
        """Do the call as far as the fault lets it; None is no answer at all."""
        if fault is None:
            return await execute(method, call)
        if fault.delay:
            await self._world.clock.sleep(fault.delay)
        if fault.drop == "before":
            return None
        answer = _faulty(fault) or await execute(method, call)
        return None if fault.drop == "after" else answer


def _number(token: str) -> int | None:
    """The bot that a token speaks of, if it is one."""
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found else None


def _faulty(fault: Fault) -> Answer | None:
    status = 429 if fault.status is None and fault.retry_after is not None else fault.status
    if status is None:
        return None
    if status == 429:
        refusal = too_many_requests(fault.retry_after or 1)
    else:
        refusal = Refused(status, responses.get(status, "Error"), fault.retry_after)
    if fault.description is not None:
        refusal.description = fault.description
    return refused(refusal)


async def _params_of(request: web.Request) -> Params:
    values = from_query(request.query_string)
    if not request.body_exists:  # a GET may bring one too: pyTelegramBotAPI's asynchronous half does
        return Params(values)
    content_type = request.content_type if "Content-Type" in request.headers else ""
    if content_type == "multipart/form-data":
        try:
            sent, uploads = await from_parts(await request.multipart())
        except (AssertionError, ValueError) as error:
            raise Refused(400, "Bad Request: can't parse multipart/form-data request") from error
        return Params(values | sent, uploads)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None
    return Params(values | from_body(content_type, body))


def _sent(answer: Answer) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body, content_type="application/json")
    if answer.retry_after is not None:
        response.headers["Retry-After"] = str(answer.retry_after)
    return response


def _hung_up(request: web.Request) -> web.Response:
    """No answer: the connection is cut."""
    if request.transport:
        request.transport.abort()
    return web.Response()
