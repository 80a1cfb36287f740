"""`/api/chats`: history, single messages, variants, the session. The character in the path is checked by the shell."""

from typing import Any

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency as Needs
from litestar.params import FromPath, RawBody

from parley.features.chats import wire
from parley.features.chats.service import Chats
from parley.features.chats.wire import (
    ChatsAnswer,
    Deleted,
    EditBody,
    HistoryMessage,
    HistoryPage,
    ReceiptAnswer,
    SessionAnswer,
    SessionBody,
    VariantsAnswer,
)
from parley.features.idempotency.api import Call, asked, json_answer
from parley.features.idempotency.service import Idempotency
from parley.features.identity.core import Person
from parley.kernel.errors import InvalidInput, MessageNotFound, NotFound
from parley.kernel.ids import MAX_ID, CharacterId, MessageId
from parley.kernel.openapi import Query, about, whole
from parley.kernel.ports import Tx
from parley.kernel.wire import decode, path_id, query_whole

SEQ_HEADER = "X-Chat-Seq"
_SEQ = Query(SEQ_HEADER, whole(0), "The number of the chat's newest event: follow from here", required=True)
_PAGE = (
    Query("limit", whole(1, 100, 50), "Messages a page"),
    Query("offset", whole(0, MAX_ID, 0), "Messages to pass over, counted from the newest"),
    Query("before_id", whole(1, MAX_ID), "Messages older than this one; preferred to `offset`"),
)
_LIST = (Query("limit", whole(1, 100, 50), "Chats a page"), Query("offset", whole(0, MAX_ID, 0), "Chats to pass over"))


def wanted_message(text: str) -> MessageId:
    """The message of a path; raises MessageNotFound for what can be none."""
    return MessageId(path_id(text, MessageNotFound()))


class ChatsApi(Controller):
    """One person's chats."""

    path = "/api/chats"
    tags = ("Chats",)

    @get("/", opt=about("The person's chats, the latest first", ChatsAnswer, query=_LIST, errors=(InvalidInput,)))
    async def listing(self, request: Call, person: Needs[Person], chats: Needs[Chats]) -> ChatsAnswer:
        limit = query_whole(request.query_params, "limit", 1, 100, 50)
        offset = query_whole(request.query_params, "offset", 0, None, 0)
        found = await chats.used(person.id, limit, offset)
        return ChatsAnswer([wire.summary(chat, newest) for chat, newest in found], limit, offset)

    @get(
        "/{character_id:str}/messages",
        opt=about("History", HistoryPage, query=_PAGE, errors=(InvalidInput,), headers=(_SEQ,)),
    )
    async def history(
        self,
        request: Call,
        person: Needs[Person],
        character: Needs[CharacterId],
        chats: Needs[Chats],
    ) -> Response[HistoryPage]:
        query = request.query_params
        page = await chats.page(
            person.id,
            character,
            limit=query_whole(query, "limit", 1, 100, 50),
            offset=query_whole(query, "offset", 0, None, 0),
            before=query_whole(query, "before_id", 1, None, 1) if "before_id" in query else None,
        )
        answer = HistoryPage([wire.in_history(each, character) for each in page.messages], page.total, page.has_more)
        return Response(answer, headers={SEQ_HEADER: str(page.seq)})

    @patch(
        "/{character_id:str}/messages/{message_id:str}",
        opt=about("Edit a message", HistoryMessage, body=EditBody, errors=(InvalidInput, MessageNotFound)),
    )
    async def edit(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        chats: Needs[Chats],
        message_id: FromPath[str],
        body: RawBody,
    ) -> HistoryMessage:
        wanted = wanted_message(message_id)
        message = await chats.edit(person.id, character, wanted, decode(body, EditBody).message)
        return wire.in_history(message, character)

    @delete(
        "/{character_id:str}/messages/{message_id:str}",
        status_code=200,
        opt=about("Delete a message", Deleted, errors=(MessageNotFound,)),
    )
    async def delete(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        chats: Needs[Chats],
        message_id: FromPath[str],
    ) -> Deleted:
        await chats.delete(person.id, character, wanted_message(message_id))
        return Deleted(success=True, deleted_count=1)

    @get(
        "/{character_id:str}/messages/{message_id:str}/receipt",
        opt=about("What the prompt of a reply held", ReceiptAnswer, errors=(MessageNotFound, NotFound)),
    )
    async def receipt(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        chats: Needs[Chats],
        message_id: FromPath[str],
    ) -> Response[Any]:
        return json_answer(await chats.receipt(person.id, character, wanted_message(message_id)))

    @get(
        "/{character_id:str}/messages/{message_id:str}/variants",
        opt=about("All replies a message can show", VariantsAnswer, errors=(MessageNotFound,)),
    )
    async def variants(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        chats: Needs[Chats],
        message_id: FromPath[str],
    ) -> VariantsAnswer:
        return wire.variants_answer(await chats.variants(person.id, character, wanted_message(message_id)))

    @post(
        "/{character_id:str}/messages/{message_id:str}/variants/{variant_id:str}/select",
        status_code=200,
        opt=about("Show another reply", HistoryMessage, errors=(MessageNotFound, NotFound)),
    )
    async def select(
        self,
        request: Call,
        person: Needs[Person],
        character: Needs[CharacterId],
        chats: Needs[Chats],
        idempotency: Needs[Idempotency],
        message_id: FromPath[str],
        variant_id: FromPath[str],
    ) -> Response[Any]:
        wanted, number = wanted_message(message_id), path_id(variant_id, NotFound())

        async def change(tx: Tx) -> str:
            message = await chats.select_variant(tx, person.id, character, wanted, number)
            return msgspec.json.encode(wire.in_history(message, character)).decode()

        key = asked(request, person.id, await request.body())
        return json_answer(await idempotency.answer(key, change))

    @get("/{character_id:str}/session", opt=about("The session", SessionAnswer))
    async def session(self, person: Needs[Person], character: Needs[CharacterId], chats: Needs[Chats]) -> SessionAnswer:
        return wire.session_answer(await chats.session(person.id, character))

    @patch(
        "/{character_id:str}/session",
        opt=about("Change the session", SessionAnswer, body=SessionBody, errors=(InvalidInput,)),
    )
    async def change_session(
        self,
        person: Needs[Person],
        character: Needs[CharacterId],
        chats: Needs[Chats],
        body: RawBody,
    ) -> SessionAnswer:
        change = decode(body, SessionBody).change()
        return wire.session_answer(await chats.change_session(person.id, character, change))
