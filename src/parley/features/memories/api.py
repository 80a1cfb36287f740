"""`/api/chats/{character_id}/memories`."""

from typing import Any

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency as Needs
from litestar.params import FromPath, RawBody

from parley.features.idempotency.api import Call, asked, json_answer
from parley.features.idempotency.service import Idempotency
from parley.features.identity.core import Person
from parley.features.memories import wire
from parley.features.memories.service import Memories
from parley.features.memories.wire import (
    ForgottenAll,
    ForgottenOne,
    MemoriesAnswer,
    MemoryAnswer,
    MemoryBody,
    MemoryChangeBody,
)
from parley.kernel.errors import Conflict, InvalidInput, MemoryNotFound
from parley.kernel.ids import CharacterId, MemoryId
from parley.kernel.openapi import about
from parley.kernel.ports import Tx
from parley.kernel.wire import decode, path_id


def wanted_memory(text: str) -> MemoryId:
    """The memory of a path; raises MemoryNotFound for what can be none."""
    return MemoryId(path_id(text, MemoryNotFound()))


class MemoriesApi(Controller):
    """What a character remembers of the person."""

    path = "/api/chats/{character_id:str}/memories"
    tags = ("Memory",)

    @get("/", opt=about("All memories, the most important first", MemoriesAnswer))
    async def listing(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        memories: Needs[Memories],
    ) -> MemoriesAnswer:
        found = [wire.memory_answer(each) for each in await memories.listing(person.id, character)]
        return MemoriesAnswer(found, len(found))

    @post(
        "/",
        status_code=200,
        opt=about("Add a fact", MemoryAnswer, body=MemoryBody, errors=(InvalidInput, Conflict)),
    )
    async def add(
        self,
        request: Call,
        person: Needs[Person],
        character: Needs[CharacterId],
        memories: Needs[Memories],
        idempotency: Needs[Idempotency],
        body: RawBody,
    ) -> Response[Any]:
        fact = decode(body, MemoryBody).fact()

        async def change(tx: Tx) -> str:
            memory = await memories.add(tx, person.id, character, fact)
            return msgspec.json.encode(wire.memory_answer(memory)).decode()

        return json_answer(await idempotency.answer(asked(request, person.id, body), change))

    @patch(
        "/{memory_id:str}",
        opt=about("Change a fact", MemoryAnswer, body=MemoryChangeBody, errors=(InvalidInput, MemoryNotFound)),
    )
    async def change(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        memories: Needs[Memories],
        memory_id: FromPath[str],
        body: RawBody,
    ) -> MemoryAnswer:
        wanted = wanted_memory(memory_id)
        fact = decode(body, MemoryChangeBody).fact()
        return wire.memory_answer(await memories.change(person.id, character, wanted, fact))

    @delete("/{memory_id:str}", status_code=200, opt=about("Forget one fact", ForgottenOne, errors=(MemoryNotFound,)))
    async def forget(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        memories: Needs[Memories],
        memory_id: FromPath[str],
    ) -> ForgottenOne:
        wanted = wanted_memory(memory_id)
        await memories.forget(person.id, character, wanted)
        return ForgottenOne(success=True, deleted_id=wanted)

    @delete("/", status_code=200, opt=about("Forget all facts", ForgottenAll))
    async def forget_all(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        memories: Needs[Memories],
    ) -> ForgottenAll:
        return ForgottenAll(success=True, deleted_count=await memories.forget_everything(person.id, character))
