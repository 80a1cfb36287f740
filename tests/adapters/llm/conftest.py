from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from parley.adapters.llm.endpoint import Timeouts, provider_session
from parley.adapters.llm.openai import OpenAiModel, Provider
from parley.kernel.ports import ModelTraits
from support.fake_provider import FakeProvider
from support.virtual_clock import VirtualClock

TRAITS = ModelTraits("fake-model", 8192, 1024)
MakeModel = Callable[..., OpenAiModel]


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with provider_session() as session:
        yield session


@pytest.fixture
def make_model(provider: FakeProvider, session: aiohttp.ClientSession) -> MakeModel:
    """A client of the fake provider with the given timeouts."""

    def make(url: str | None = None, **seconds: float) -> OpenAiModel:
        where = Provider(url or provider.base_url, TRAITS, "sk-secret-key")
        return OpenAiModel(where, session, VirtualClock(), Timeouts(**seconds))

    return make
