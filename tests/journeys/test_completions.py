"""The official client against the OpenAI-compatible API: everything a service does with it."""

import asyncio
import base64
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletion

from parley.adapters.db import OpenDatabase
from support.app import AppUnderTest
from support.fake_provider import DEFAULT_REPLY, FakeProvider, Fault
from support.process import serving
from support.services import KEY, Service, official, passing_to
from support.storm.storm import settings


@dataclass(frozen=True, slots=True)
class Passing:
    """The application, the provider behind it, the official client before it."""

    app: AppUnderTest
    provider: FakeProvider
    client: openai.AsyncOpenAI

    async def ask(self, text: str = "Hi", model: str = "default") -> ChatCompletion:
        """A completion."""
        return await self.client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])


@pytest.fixture
async def passing(sqlite_db: OpenDatabase) -> AsyncIterator[Passing]:
    async with FakeProvider() as provider, passing_to(sqlite_db, provider) as app, official(app) as client:
        yield Passing(app, provider, client)


async def test_a_completion_comes_whole(passing: Passing) -> None:
    answer = await passing.ask()
    (choice,) = answer.choices
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", DEFAULT_REPLY, "stop")
    assert (answer.model, answer.object, answer.id.startswith("chatcmpl-")) == ("fake-model", "chat.completion", True)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (7, 13, 20)
    assert answer._request_id  # noqa: SLF001  the client's public name for the header, whatever its spelling


async def test_every_completion_has_an_id_of_its_own(passing: Passing) -> None:
    assert (await passing.ask()).id != (await passing.ask()).id


async def test_a_completion_comes_in_pieces(passing: Passing) -> None:
    stream = await passing.client.chat.completions.create(
        model="default",
        messages=[{"role": "user", "content": "Hi"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    *chunks, last = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert (deltas[0].role, deltas[0].content) == ("assistant", "")
    assert "".join(delta.content or "" for delta in deltas) == DEFAULT_REPLY
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in [*chunks, last]}) == 1
    assert {chunk.usage for chunk in chunks} == {None}
    assert last.usage is not None
    assert (last.choices, last.usage.total_tokens) == ([], 20)


async def test_no_usage_is_streamed_that_nobody_asked_for(passing: Passing) -> None:
    answer = await Service(passing.app).chat(stream=True)
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert "usage" not in answer.text
    assert answer.text.endswith("data: [DONE]\n\n")


async def test_the_clients_own_streaming_helper_works(passing: Passing) -> None:
    messages = [{"role": "user", "content": "Hi"}]
    async with passing.client.chat.completions.stream(model="default", messages=messages) as stream:  # type: ignore[arg-type]  # a plain message
        completion = await stream.get_final_completion()
    assert completion.choices[0].message.content == DEFAULT_REPLY


async def test_the_synchronous_client_works_too(passing: Passing) -> None:
    def ask() -> tuple[str | None, str]:
        with openai.OpenAI(base_url=f"{passing.app.base_url}/v1", api_key=KEY, max_retries=0) as client:
            whole = client.chat.completions.create(model="default", messages=[{"role": "user", "content": "Hi"}])
            stream = client.chat.completions.create(
                model="default", messages=[{"role": "user", "content": "Hi"}], stream=True
            )
            said = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        return whole.choices[0].message.content, said

    assert await asyncio.to_thread(ask) == (DEFAULT_REPLY, DEFAULT_REPLY)


async def test_the_addresses_without_v1_answer_alike(passing: Passing) -> None:
    service = Service(passing.app)
    body = {"model": "default", "messages": [{"role": "user", "content": "Hi"}], "temperature": 1, "max_tokens": 5}
    for prefix in ("", "/v1"):
        answer = await service.call("POST", f"{prefix}/chat/completions", body)
        assert answer.json["choices"][0]["message"]["content"] == DEFAULT_REPLY
        assert [each["id"] for each in (await service.call("GET", f"{prefix}/models")).json["data"]] == ["default"]
        assert (await service.call("GET", f"{prefix}/models/default")).status == 200
        assert (await service.call("POST", f"{prefix}/embeddings", {"model": "default", "input": "a"})).status == 200


async def test_tools_and_their_like_go_to_the_provider(passing: Passing) -> None:
    await passing.client.chat.completions.create(
        model="default",
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        ],
        tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        tool_choice="auto",
        response_format={"type": "json_object"},
        max_completion_tokens=5,
        temperature=0,
        top_p=0.5,
        seed=7,
        stop=["x"],
        n=1,
        user="42",
        extra_body={"base_url": "http://127.0.0.1:9", "unknown": 1},
        extra_headers={"X-Anything": "1"},
    )
    asked = passing.provider.exchanges[-1]
    assert set(asked.body) == {
        "model", "stream", "messages", "max_tokens", "temperature", "top_p", "seed", "stop", "tools", "tool_choice",
        "response_format",
    }  # fmt: skip
    assert (asked.body["model"], asked.body["messages"][0]["role"]) == ("fake-model", "system")
    assert asked.headers["authorization"] == "Bearer sk-secret-key"
    assert "x-anything" not in asked.headers


async def test_a_provider_that_does_not_count_is_estimated(passing: Passing) -> None:
    passing.provider.will(Fault.NO_USAGE)
    stream = await passing.client.chat.completions.create(
        model="default",
        messages=[{"role": "user", "content": "Hi"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    last = [chunk async for chunk in stream][-1]
    assert last.usage is not None
    assert last.usage.prompt_tokens > 0
    assert last.usage.completion_tokens > 0


# --- models ------------------------------------------------------------------------------------------


async def test_the_models_are_the_default_and_the_characters(passing: Passing) -> None:
    kira = await passing.app.character("Кира")
    await passing.app.character("Ада", content_rating="nsfw")
    await passing.app.character("Нет", is_active=False)
    models = [model async for model in passing.client.models.list()]
    assert [model.id for model in models] == ["default", f"character/{kira}"]
    assert {(model.object, model.owned_by) for model in models} == {("model", "parley")}


@pytest.mark.parametrize("slash", ["/", "%2F", "%2f"])
async def test_a_model_is_found_with_its_slash_plain_and_encoded(passing: Passing, slash: str) -> None:
    kira = await passing.app.character("Кира")
    answer = await Service(passing.app).call("GET", f"/v1/models/character{slash}{kira}")
    assert (answer.status, answer.json["id"]) == (200, f"character/{kira}")
    assert (await passing.client.models.retrieve(f"character/{kira}")).id == f"character/{kira}"


@pytest.mark.parametrize("model", ["planner", "gpt-4o", "character/99", "character/x", "character", "default/1"])
async def test_a_model_that_is_not_there_is_not_found(passing: Passing, model: str) -> None:
    for refused in (passing.client.models.retrieve(model), passing.ask(model=model)):
        with pytest.raises(openai.NotFoundError) as error:
            await refused
        assert (error.value.code, error.value.param) == ("model_not_found", "model")
        assert ("not installed" in error.value.message) == (model == "planner")


# --- characters --------------------------------------------------------------------------------------


async def test_a_character_answers_as_itself_and_under_its_own_name(passing: Passing) -> None:
    kira = await passing.app.character("Кира", system_prompt="You are {{char}}.", language="en")
    answer = await passing.ask("Who are you?", f"character/{kira}")
    assert (answer.model, answer.choices[0].message.content) == (f"character/{kira}", DEFAULT_REPLY)
    system, said = passing.provider.exchanges[-1].body["messages"]
    assert system["content"].startswith("You are Кира.")
    assert system["content"].endswith("Reply in English.")
    assert said == {"role": "user", "content": "Who are you?"}


async def test_a_premium_character_answers_a_service(passing: Passing) -> None:
    character = await passing.app.character("Ника", access_type="premium")
    assert (await passing.ask(model=f"character/{character}")).choices


async def test_an_nsfw_character_is_there_for_an_adult_key_alone(passing: Passing) -> None:
    ada = f"character/{await passing.app.character('Ада', content_rating='nsfw')}"
    secret = await passing.app.parley.keys.create("grown-up", is_adult=True)
    with pytest.raises(openai.NotFoundError):
        await passing.ask(model=ada)
    async with official(passing.app, secret) as client:
        answer = await client.chat.completions.create(model=ada, messages=[{"role": "user", "content": "Hi"}])
        assert ada in [model.id async for model in client.models.list()]
    assert answer.model == ada


async def test_an_inactive_character_is_not_found(passing: Passing) -> None:
    gone = f"character/{await passing.app.character('Нет', is_active=False)}"
    for refused in (passing.ask(model=gone), passing.client.models.retrieve(gone)):
        with pytest.raises(openai.NotFoundError):
            await refused


async def test_no_persons_memory_reaches_a_service(passing: Passing) -> None:
    kira = await passing.app.character("Кира")
    anya = passing.app.person(name="c4n4ry")
    await anya.post(f"/api/chats/{kira}/memories", {"content": "c4n4ry fact", "memory_type": "fact"})
    assert (await anya.says(kira, "c4n4ry said")).status == 200
    await passing.ask(model=f"character/{kira}")
    assert "c4n4ry" not in str(passing.provider.exchanges[-1].body)


# --- embeddings --------------------------------------------------------------------------------------


async def test_texts_become_vectors(passing: Passing) -> None:
    answer = await passing.client.embeddings.create(model="default", input=["a b", "c"])
    assert [each.index for each in answer.data] == [0, 1]
    assert [len(each.embedding) for each in answer.data] == [8, 8]
    assert (answer.model, answer.usage.prompt_tokens, answer.usage.total_tokens) == ("scripted", 3, 3)


async def test_both_forms_of_a_vector_say_the_same(passing: Passing) -> None:
    service, body = Service(passing.app), {"model": "default", "input": "a"}
    (plain,) = (await service.call("POST", "/v1/embeddings", body)).json["data"]
    (packed,) = (await service.call("POST", "/v1/embeddings", {**body, "encoding_format": "base64"})).json["data"]
    assert list(struct.unpack("<8f", base64.b64decode(packed["embedding"]))) == plain["embedding"]


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"input": [1, 2]}, "input"),
        ({"input": ""}, "input"),
        ({"dimensions": 4}, "dimensions"),
        ({"model": "x"}, "model"),
    ],
)
async def test_what_cannot_be_embedded_is_refused_by_its_name(
    passing: Passing, members: dict[str, object], param: str
) -> None:
    answer = await Service(passing.app).call("POST", "/v1/embeddings", {"model": "default", "input": "a", **members})
    assert (answer.status, answer.json["error"]["param"]) == (404 if param == "model" else 400, param)


@pytest.mark.slow
@pytest.mark.parametrize("is_configured", [True, False])
async def test_vectors_come_from_the_configured_provider_or_from_the_package(
    tmp_path: Path, is_configured: bool
) -> None:
    async with FakeProvider() as provider:
        own = {"PARLEY_API_KEYS": KEY}
        if is_configured:
            own |= {"PARLEY_EMBEDDINGS_BASE_URL": provider.base_url, "PARLEY_EMBEDDINGS_MODEL": "their-embedder"}
        environment = {**settings(f"sqlite:///{tmp_path}/parley.db", provider.base_url), **own}
        async with (
            serving(environment, tmp_path / "log") as process,
            openai.AsyncOpenAI(base_url=f"{process.base_url}/v1", api_key=KEY, max_retries=0) as client,
        ):
            answer = await client.embeddings.create(model="default", input=["кот", "dog"])
            asked = client.embeddings.create(model="default", input="a", dimensions=8)
            if is_configured:
                assert len((await asked).data[0].embedding) == 8
            else:
                with pytest.raises(openai.BadRequestError):
                    await asked
        bodies = [exchange.body for exchange in provider.exchanges]
    assert [len(each.embedding) for each in answer.data] == [384, 384]
    assert answer.model == ("their-embedder" if is_configured else "multilingual-e5-small")
    assert [body["model"] for body in bodies] == ["their-embedder"] * len(bodies)
    assert bool(bodies) == is_configured
