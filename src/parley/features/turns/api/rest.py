"""`POST /api/chats/{character_id}/messages`, `/regenerate` and `/stop`."""

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency as Needs
from litestar.params import RawBody

from parley.features.characters.core import Character
from parley.features.idempotency.api import Call, asked, json_answer
from parley.features.idempotency.service import Claim, Idempotency
from parley.features.identity.core import Person
from parley.features.limits.service import Limits
from parley.features.turns import core, wire
from parley.features.turns.api.stream import TurnViewer, each_of, event_stream
from parley.features.turns.core import AnsweredBefore, Ended, Regenerate
from parley.features.turns.service.opening import Asked
from parley.features.turns.service.turns import Turns
from parley.features.turns.wire import Kept, RegenerateAnswer, SendAnswer, SendBody, StopAnswer
from parley.kernel.errors import Conflict, DailyLimitExceeded, InvalidInput, LlmError, PremiumRequired
from parley.kernel.ids import CharacterId
from parley.kernel.openapi import about
from parley.kernel.ports import Tx
from parley.kernel.wire import NoBody, decode, decode_optional


class TurnsApi(Controller):
    """Saying something and getting an answer."""

    path = "/api/chats/{character_id:str}"
    tags = ("Chats",)

    @post(
        "/messages",
        status_code=200,
        opt=about(
            "Send a message and get the reply",
            SendAnswer,
            body=SendBody,
            errors=(InvalidInput, PremiumRequired, DailyLimitExceeded, Conflict, LlmError),
            streams=True,
        ),
    )
    async def send(
        self,
        request: Call,
        person: Needs[Person],
        talk_to: Needs[Character],
        turns: Needs[Turns],
        limits: Needs[Limits],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        wish = core.say(decode(body, SendBody).message)
        return await _answer(request, Asked(person, talk_to, wish), turns, limits, idempotency)

    @post(
        "/regenerate",
        status_code=200,
        opt=about(
            "Another reply, or the one that never came",
            RegenerateAnswer,
            body=NoBody,
            body_required=False,
            errors=(InvalidInput, PremiumRequired, Conflict, LlmError),
            streams=True,
        ),
    )
    async def regenerate(
        self,
        request: Call,
        person: Needs[Person],
        talk_to: Needs[Character],
        turns: Needs[Turns],
        limits: Needs[Limits],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        decode_optional(body, NoBody)
        return await _answer(request, Asked(person, talk_to, Regenerate()), turns, limits, idempotency)

    @post(
        "/stop",
        status_code=200,
        opt=about(
            "End the running reply, keep its text", StopAnswer, body=NoBody, body_required=False, errors=(InvalidInput,)
        ),
    )
    async def stop(
        self,
        request: Call,
        person: Needs[Person],
        character: Needs[CharacterId],
        turns: Needs[Turns],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        decode_optional(body, NoBody)

        async def change(tx: Tx) -> str:
            stopped = await turns.stop(tx, person.id, character)
            return msgspec.json.encode(StopAnswer(success=True, stopped=stopped)).decode()

        return json_answer(await idempotency.answer(asked(request, person.id, body), change))


async def _answer(
    request: Call, wanted: Asked, turns: Turns, limits: Limits, idempotency: Idempotency
) -> Response[Any]:
    """Run a turn for a request: once per idempotency key, as one answer or as a stream of events."""
    streams = "text/event-stream" in request.headers.get("accept", "")
    key = asked(request, wanted.person.id, await request.body())
    if key is not None:
        claim = await idempotency.claim(key)
        if not isinstance(claim, Claim):
            return _kept(msgspec.json.decode(claim, type=Kept), wanted, streams=streams)
        wanted = replace(wanted, claim=claim)
    viewer = TurnViewer(turns.chats, wanted.person.speaks)
    turn = await turns.start(wanted, wire.kept, viewer.open if streams else None)
    begun = await asyncio.shield(turn.begun)
    if isinstance(begun, AnsweredBefore):
        return await _answered_before(begun, wanted, limits, streams=streams)
    if streams:
        return event_stream(viewer.frames(turn))
    # The turn goes on without us if the client leaves, hence the shields.
    ended = await asyncio.shield(turn.ended)
    assert isinstance(ended, Ended)
    return json_answer(wire.answer_of(begun, ended))


async def _answered_before(before: AnsweredBefore, wanted: Asked, limits: Limits, *, streams: bool) -> Response[Any]:
    """The message of this key has got its answer some other way; one that others were put after gets none."""
    if before.reply is None:
        raise Conflict
    usage = await limits.usage(wanted.person.id)
    return _kept(wire.kept_before(before.user_message, before.reply, usage.state), wanted, streams=streams)


def _kept(kept: Kept, wanted: Asked, *, streams: bool) -> Response[Any]:
    """A first answer once more."""
    if streams:
        return event_stream(each_of(wire.replayed_frames(kept, wanted.character.id)))
    return json_answer(bytes(kept.body))
