"""Which address does what."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency as Needs
from litestar.params import FromPath, RawBody
from litestar.types import ASGIApp, Receive, Scope, Send

from parley.features.completions.api.here import WhileHere
from parley.features.completions.api.sending import Call, Json, StreamedChat, WholeChat, send_json
from parley.features.completions.core import DEFAULT, character_of, unknown_model
from parley.features.completions.service import Completions
from parley.features.completions.wire import chat, embeddings
from parley.features.completions.wire.answers import ChatAnswer, ChunkWriter, Heading
from parley.features.completions.wire.chat import ChatBody
from parley.features.completions.wire.embeddings import EmbeddingsAnswer, EmbeddingsBody
from parley.features.completions.wire.models import ModelAnswer, ModelsAnswer, model_answer
from parley.features.identity.core import Caller
from parley.kernel.openapi import about
from parley.kernel.ports import CompletionRequest, Embeddings

_AT_ONCE: Final = 64
"""Vectors written between which others have their turn."""


class ChatApi(Controller):
    """`POST /chat/completions`."""

    tags = ("OpenAI-compatible",)

    @post(
        ["/chat/completions", "/v1/chat/completions"],
        status_code=200,
        opt=about("Answer a dialogue", ChatAnswer, body=ChatBody, door="openai", streams=True),
    )
    async def complete(self, request: Call, completions: Needs[Completions], body: RawBody) -> ASGIApp:
        asked = chat.chat_body(body)
        caller = _caller(request)
        passed, name = await _passed(completions, caller, asked)
        heading = Heading(f"chatcmpl-{completions.chance.token()}", int(completions.clock.now().timestamp()), name)
        if asked.stream:
            return StreamedChat(completions, caller, passed, ChunkWriter(heading, asked.wants_usage))
        return WholeChat(completions, caller, passed, heading)


async def _passed(completions: Completions, caller: Caller, asked: ChatBody) -> tuple[CompletionRequest, str | None]:
    """The request to the provider, and the name to answer under if it is not the provider's."""
    character = character_of(asked.model)
    if character is None:
        return chat.passed(asked), None
    messages, most_tokens = await completions.persona(caller, character, chat.dialogue(asked))
    return chat.as_persona(asked, messages, most_tokens), asked.model


class ModelsApi(Controller):
    """`GET /models`."""

    tags = ("OpenAI-compatible",)

    @get(["/models", "/v1/models"], opt=about("The models that may be asked", ModelsAnswer, door="openai"))
    async def listed(self, request: Call, completions: Needs[Completions]) -> ASGIApp:
        cards = await completions.models(_caller(request))
        return Json(msgspec.json.encode(ModelsAnswer("list", [model_answer(card) for card in cards])))

    @get(
        ["/models/{model_id:path}", "/v1/models/{model_id:path}"],
        opt=about("One model; the slash of character/ID as it is or as %2F", ModelAnswer, door="openai"),
    )
    async def show(self, request: Call, completions: Needs[Completions], model_id: FromPath[str]) -> ASGIApp:
        card = await completions.model_card(_caller(request), model_id.removeprefix("/"))
        return Json(msgspec.json.encode(model_answer(card)))


class EmbeddingsApi(Controller):
    """`POST /embeddings`."""

    tags = ("OpenAI-compatible",)

    @post(
        ["/embeddings", "/v1/embeddings"],
        status_code=200,
        opt=about("Texts as vectors", EmbeddingsAnswer, body=EmbeddingsBody, door="openai"),
    )
    async def embed(self, request: Call, completions: Needs[Completions], body: RawBody) -> ASGIApp:
        asked = embeddings.embeddings_body(body)
        if asked.model != DEFAULT:
            raise unknown_model(asked.model)
        return Embedded(completions, _caller(request), asked, embeddings.texts(asked))


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors, made as long as the client waits."""

    completions: Completions
    caller: Caller
    asked: EmbeddingsBody
    texts: Sequence[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make and send them."""
        del scope
        body = b""
        async with WhileHere(receive) as here:
            found = await self.completions.embed(self.caller, self.texts, self.asked.dimensions)
            body = embeddings.answer([each async for each in self._written(found)], found)
        if not here.has_gone:
            await send_json(send, body)

    async def _written(self, found: Embeddings) -> AsyncIterator[bytes]:
        """The vectors as JSON; writing thousands takes long enough to hold others up."""
        is_base64 = self.asked.encoding_format == "base64"
        for number, packed in enumerate(found.vectors):
            yield embeddings.vector(packed, number, is_base64=is_base64)
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)


def _caller(request: Call) -> Caller:
    """Whose key it is: the edge has found out before any route was looked for."""
    caller: Caller = request.scope["state"]["call"].caller
    return caller
