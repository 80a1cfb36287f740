"""`POST /api/chats/{character_id}/new-scene`, `/reset` and `/forget-recent`."""

from typing import Any

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency as Needs
from litestar.params import RawBody

from parley.features.idempotency.api import Call, asked, json_answer
from parley.features.idempotency.service import Idempotency
from parley.features.identity.core import Person
from parley.features.scenes.service import Scenes
from parley.features.scenes.wire import (
    ForgetRecentAnswer,
    ForgetRecentBody,
    NewSceneAnswer,
    NewSceneBody,
    ResetAnswer,
)
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import CharacterId
from parley.kernel.openapi import about
from parley.kernel.ports import Tx
from parley.kernel.wire import NoBody, decode, decode_optional


class ScenesApi(Controller):
    """New beginnings."""

    path = "/api/chats/{character_id:str}"
    tags = ("Chats",)

    @post(
        "/new-scene",
        status_code=200,
        opt=about("Begin a new scene", NewSceneAnswer, body=NewSceneBody, body_required=False, errors=(InvalidInput,)),
    )
    async def new_scene(
        self,
        request: Call,
        person: Needs[Person],
        character: Needs[CharacterId],
        scenes: Needs[Scenes],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        keep = decode_optional(body, NewSceneBody).messages_to_keep

        async def change(tx: Tx) -> str:
            deleted, preserved = await scenes.new_scene(tx, person.id, character, keep)
            return msgspec.json.encode(NewSceneAnswer(True, deleted, preserved)).decode()  # noqa: FBT003  success

        return json_answer(await idempotency.answer(asked(request, person.id, body), change))

    @post(
        "/reset",
        status_code=200,
        opt=about(
            "Delete messages and memories", ResetAnswer, body=NoBody, body_required=False, errors=(InvalidInput,)
        ),
    )
    async def reset(
        self,
        request: Call,
        person: Needs[Person],
        character: Needs[CharacterId],
        scenes: Needs[Scenes],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        decode_optional(body, NoBody)

        async def change(tx: Tx) -> str:
            messages, memories = await scenes.reset(tx, person.id, character)
            return msgspec.json.encode(ResetAnswer(True, messages, memories)).decode()  # noqa: FBT003  success

        return json_answer(await idempotency.answer(asked(request, person.id, body), change))

    @post(
        "/forget-recent",
        status_code=200,
        opt=about("Forget the newest messages", ForgetRecentAnswer, body=ForgetRecentBody, errors=(InvalidInput,)),
    )
    async def forget_recent(
        self,
        request: Call,
        person: Needs[Person],
        character: Needs[CharacterId],
        scenes: Needs[Scenes],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        count = decode(body, ForgetRecentBody).count

        async def change(tx: Tx) -> str:
            deleted = await scenes.forget_recent(tx, person.id, character, count)
            return msgspec.json.encode(ForgetRecentAnswer(True, deleted)).decode()  # noqa: FBT003  success

        return json_answer(await idempotency.answer(asked(request, person.id, body), change))
