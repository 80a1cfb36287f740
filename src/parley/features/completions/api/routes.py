"""Which address does what."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency as Needs
from litestar.params import FromPath, RawBody
from litestar.types import ASGIApp

from parley.features.completions.api.sending import Call, Embedded, Json, StreamedChat, WholeChat
from parley.features.completions.core import DEFAULT, character_of, unknown_model
from parley.features.completions.service import Completions
from parley.features.completions.wire import chat, embeddings
from parley.features.completions.wire.answers import ChatAnswer, ChunkWriter, Heading
from parley.features.completions.wire.chat import ChatBody
from parley.features.completions.wire.embeddings import EmbeddingsAnswer, EmbeddingsBody
from parley.features.completions.wire.models import ModelAnswer, ModelsAnswer, model_answer
from parley.features.identity.core import Caller
from parley.kernel.openapi import about
from parley.kernel.ports import CompletionRequest


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


def _caller(request: Call) -> Caller:
    """Whose key it is: the edge has found out before any route was looked for."""
    caller: Caller = request.scope["state"]["call"].caller
    return caller
