import json
import struct
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from parley.adapters.llm.embeddings import ProviderEmbedder
from parley.adapters.llm.endpoint import STANDARD_TIMEOUTS, Endpoint
from parley.adapters.llm.tries import Tries
from parley.kernel.ports import ModelFailed
from support.fake_answers import json_script, whole
from support.fake_provider import Exchange, FakeProvider
from support.virtual_clock import SettledChance, VirtualClock


class FaultyProvider(FakeProvider):
    """Answers every request with what the test says."""

    answer: Any = None
    status = 200

    def take(self, exchange: Exchange) -> Any:
        super().take(exchange)
        return whole(json_script(self.answer, self.status))


Make = Callable[[FakeProvider], ProviderEmbedder]


@pytest.fixture
def make(session: aiohttp.ClientSession) -> Make:
    def made(provider: FakeProvider) -> ProviderEmbedder:
        clock = VirtualClock()
        endpoint = Endpoint(provider.base_url, "/embeddings", "sk-secret-key", session, clock, STANDARD_TIMEOUTS)
        return ProviderEmbedder(endpoint, "fake-embedder", Tries(1, clock, SettledChance()))

    return made


async def test_texts_become_vectors_in_their_order(provider: FakeProvider, make: Make) -> None:
    found = await make(provider).embed(["a", "b"], "query", 4)
    assert [len(each) for each in found.vectors] == [16, 16]
    assert found.vectors[0] != found.vectors[1]
    assert (found.model, found.tokens) == ("fake-embedder", 2)
    (asked,) = provider.exchanges
    assert asked.body == {"model": "fake-embedder", "input": ["a", "b"], "encoding_format": "base64", "dimensions": 4}
    assert asked.headers["authorization"] == "Bearer sk-secret-key"


async def test_numbers_and_any_order_are_understood(make: Make) -> None:
    async with FaultyProvider() as provider:
        provider.answer = {"data": [{"index": 1, "embedding": [0.5]}, {"index": 0, "embedding": [1]}]}
        found = await make(provider).embed(["a", "b"], "query")
    assert found.vectors == [struct.pack("<f", 1), struct.pack("<f", 0.5)]
    assert (found.model, found.tokens) == ("fake-embedder", 0)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"data": []},
        {"data": [{"index": 7, "embedding": [1]}]},
        {"data": [{"index": 0, "embedding": []}]},
        {"data": [{"index": 0, "embedding": "not base64!"}]},
        {"data": [{"index": 0, "embedding": "AAA="}]},
        {"data": [{"index": 0, "embedding": [1e300]}]},
        {"data": [{"index": 0, "embedding": {"a": 1}}]},
    ],
    ids=json.dumps,
)
async def test_an_answer_that_is_none_has_failed(make: Make, answer: object) -> None:
    async with FaultyProvider() as provider:
        provider.answer = answer
        with pytest.raises(ModelFailed, match="protocol"):
            await make(provider).embed(["a"], "query")


@pytest.mark.parametrize(("status", "kind", "asked"), [(401, "auth", 1), (429, "rate", 3), (500, "server", 3)])
async def test_a_refusal_has_its_kind_and_what_may_pass_is_tried_again(
    make: Make, status: int, kind: str, asked: int
) -> None:
    async with FaultyProvider() as provider:
        provider.answer, provider.status = {"error": {"message": "sk-secret-key"}}, status
        with pytest.raises(ModelFailed, match=kind) as failed:
            await make(provider).embed(["a"], "query")
        assert len(provider.exchanges) == asked
    assert "sk-secret" not in repr(failed.value)
