"""`/api/users/profile` and `/api/users/confirm-adult` for people, `/users/{telegram_id}` for services."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency as Needs
from litestar.params import FromPath, RawBody

from parley.features.idempotency.api import Call, asked, json_answer
from parley.features.idempotency.service import Idempotency
from parley.features.identity import wire
from parley.features.identity.core import Person
from parley.features.identity.service import Identity
from parley.features.identity.wire import ConfirmAdultAnswer, ConfirmAdultBody, ProfileAnswer, ProfileBody, UserAnswer
from parley.kernel.errors import InvalidInput, ServiceUnavailable, UserNotFound
from parley.kernel.ids import TelegramUserId
from parley.kernel.openapi import about
from parley.kernel.ports import Tx
from parley.kernel.wire import decode, path_id


class ProfileApi(Controller):
    """The person's own profile."""

    path = "/api/users"
    tags = ("Profile",)

    @get("/profile", opt=about("The person's profile", ProfileAnswer))
    async def show(self, person: Needs[Person]) -> ProfileAnswer:
        return wire.profile_answer(person)

    @patch("/profile", opt=about("Change the profile", ProfileAnswer, body=ProfileBody, errors=(InvalidInput,)))
    async def change(self, person: Needs[Person], identity: Needs[Identity], body: RawBody) -> ProfileAnswer:
        return wire.profile_answer(await identity.change_profile(person, decode(body, ProfileBody).change()))

    @post(
        "/confirm-adult",
        status_code=200,
        opt=about("Confirm or withdraw 18+", ConfirmAdultAnswer, body=ConfirmAdultBody, errors=(InvalidInput,)),
    )
    async def confirm_adult(
        self,
        request: Call,
        person: Needs[Person],
        identity: Needs[Identity],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        confirmed = decode(body, ConfirmAdultBody).confirmed

        async def change(tx: Tx) -> str:
            await identity.confirm_adult(tx, person, confirmed=confirmed)
            return msgspec.json.encode(ConfirmAdultAnswer(success=True, is_adult_confirmed=confirmed)).decode()

        return json_answer(await idempotency.answer(asked(request, person.id, body), change))


class UsersApi(Controller):
    """What other services may know of a person (spec «GET /users/{telegram_id}»)."""

    path = "/users"
    tags = ("Users",)

    @get(
        "/{telegram_id:str}",
        opt=about(
            "A person by their Telegram id", UserAnswer, door="service", errors=(UserNotFound, ServiceUnavailable)
        ),
    )
    async def show(self, identity: Needs[Identity], telegram_id: FromPath[str]) -> UserAnswer:
        person = await identity.known(TelegramUserId(path_id(telegram_id, UserNotFound())))
        return wire.user_answer(person, identity.zone_of(person))
