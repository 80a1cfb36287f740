"""Doing a call: by its name, for a bot, whichever way it came."""

from dataclasses import dataclass
from typing import Final

import aiohttp

from parley_simulator.bot_api.call import Call, Told
from parley_simulator.bot_api.decoding import PLAIN_BYTES, Parts, from_body, from_parts
from parley_simulator.bot_api.methods import METHODS, NAMES
from parley_simulator.bot_api.params import Params
from parley_simulator.refusal import Refused
from parley_simulator.state import Bot
from parley_simulator.wire import encode
from parley_simulator.world import World

_NOT_BY_ANSWER: Final = frozenset({"setwebhook", "deletewebhook", "close", "logout"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body; ``retry_after`` goes into a header too."""

    status: int
    body: bytes
    retry_after: int | None = None


async def execute(method: str, call: Call) -> Answer:
    """Do the call; a refusal is an answer too. The name's case does not matter."""
    does = METHODS.get(method.lower(), _unknown)
    try:
        result = await does(call)
    except Refused as refusal:
        return refused(refusal)
    if isinstance(result, Told):
        return Answer(200, encode({"ok": True, "result": result.result, "description": result.description}))
    return Answer(200, b'{"ok":true,"result":%s}' % encode(result))


async def _unknown(_call: Call) -> object:
    raise Refused(404, "Not Found: method not found")


def refused(refusal: Refused) -> Answer:
    """A refusal as it is sent."""
    shown: dict[str, object] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.retry_after is not None:
        shown["parameters"] = {"retry_after": refusal.retry_after}
    return Answer(refusal.code, encode(shown), refusal.retry_after)


def note(world: World, bot: int | None, method: str, params: Params, answer: Answer) -> None:
    """Write an answered call down."""
    shown = dict(params.values)
    for name, upload in params.uploads.items():
        shown.setdefault(name, f"<{upload.name}, {len(upload.data)} bytes>")
    name = NAMES.get(method.lower(), method)
    world.calls.add(world.clock.now(), bot, name, shown, (answer.status, answer.body))


async def obey(world: World, bot: Bot, response: aiohttp.ClientResponse) -> None:
    """Do what a bot answers to its webhook: any method but those that only read or that end the webhook."""
    try:
        params = await _params_of(response)
    except Refused:
        return
    method = params.text("method")
    name = method.lower()
    if not name or name.startswith("get") or name in _NOT_BY_ANSWER:
        return
    note(world, bot.id, method, params, await execute(method, Call(world, bot, params)))


async def _params_of(response: aiohttp.ClientResponse) -> Params:
    if response.content_type.startswith("multipart/"):
        parts: Parts = aiohttp.MultipartReader.from_response(response)
        return Params(*await from_parts(parts))
    body = await response.content.read(PLAIN_BYTES)
    # Libraries differ in what they call their JSON.
    content_type = "application/json" if body.lstrip().startswith(b"{") else response.content_type
    return Params(from_body(content_type, body))
