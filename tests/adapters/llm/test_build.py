import aiohttp
import pytest

from parley.adapters.llm.build import ProviderSettings, connect_model
from parley.adapters.llm.embedded import TRAITS
from parley.adapters.llm.observer import SilentObserver
from parley.kernel.ports import (
    Finish,
    ModelTraits,
    Prompt,
    PromptMessage,
    TextPart,
)
from support.fake_provider import DEFAULT_REPLY, FakeProvider, Fault
from support.virtual_clock import SettledChance, VirtualClock


async def test_fallbacks_are_asked_in_order(provider: FakeProvider, session: aiohttp.ClientSession) -> None:
    names = ["first", "second"]
    settings = [ProviderSettings(provider.base_url, f"key-{name}", name) for name in names]
    connected = connect_model(settings, session, VirtualClock(), SettledChance(), SilentObserver())
    assert connected.model.traits == ModelTraits("first", 8192, 1024)
    await connected.warm()
    provider.will(Fault.UNAUTHORIZED)
    parts = [part async for part in connected.model.stream(Prompt((PromptMessage("user", "Hi"),)))]
    await connected.close()
    assert "".join(part.text for part in parts if isinstance(part, TextPart)) == DEFAULT_REPLY
    assert isinstance(parts[-1], Finish)
    told = [(exchange.body["model"], exchange.headers["authorization"]) for exchange in provider.exchanges]
    assert told == [("first", "Bearer key-first"), ("second", "Bearer key-second")]


@pytest.mark.parametrize("has_primary", [False, True])
async def test_a_provider_without_an_address_is_the_embedded_model(
    session: aiohttp.ClientSession, has_primary: bool
) -> None:
    remote = [ProviderSettings("http://127.0.0.1:9/v1", model="remote")] if has_primary else []
    settings = [*remote, ProviderSettings()]
    connected = connect_model(settings, session, VirtualClock(), SettledChance(), SilentObserver())
    assert connected.embedded is not None
    assert connected.model.traits.context_tokens == TRAITS.context_tokens
    assert connected.model.traits.name == ("remote" if has_primary else "smollm2-135m-instruct")
    await connected.close()


def test_a_key_is_not_shown() -> None:
    assert "sk-secret" not in repr(ProviderSettings("http://x/v1", "sk-secret-key", "m"))
