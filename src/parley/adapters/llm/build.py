"""From the operator's settings to the one ChatModel that everything asks, and its like for other services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from parley.adapters.llm.embedded import EmbeddedModel
from parley.adapters.llm.embeddings import ProviderEmbedder
from parley.adapters.llm.endpoint import STANDARD_TIMEOUTS, Endpoint, Timeouts
from parley.adapters.llm.observer import ModelObserver
from parley.adapters.llm.openai import OpenAiModel, Provider
from parley.adapters.llm.router import CompletionRouter, ModelRouter
from parley.adapters.llm.tries import STANDARD_BUDGET, Budget, Tries
from parley.kernel.ports import Chance, Clock, ModelTraits

DEFAULT_CONTEXT_TOKENS: Final = 8192
DEFAULT_REPLY_TOKENS: Final = 1024


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One provider as the operator names it; without ``base_url`` it is the embedded model."""

    base_url: str = ""
    api_key: str = field(default="", repr=False)
    model: str = ""
    context_tokens: int = DEFAULT_CONTEXT_TOKENS
    reply_tokens: int = DEFAULT_REPLY_TOKENS


@dataclass(frozen=True, slots=True)
class ConnectedModel:
    """The model by both of its doors, and what must be started and ended with it."""

    model: ModelRouter
    completions: CompletionRouter
    embedded: EmbeddedModel | None

    async def warm(self) -> None:
        """Make the first reply as quick as the next. Raises ModelFailed if the embedded model does not start."""
        if self.embedded is not None:
            await self.embedded.warm()

    async def close(self) -> None:
        """End the embedded model's process; the session is its owner's to close."""
        if self.embedded is not None:
            await self.embedded.close()


def connect_model(
    providers: Sequence[ProviderSettings],
    session: aiohttp.ClientSession,
    clock: Clock,
    chance: Chance,
    observer: ModelObserver,
    timeouts: Timeouts = STANDARD_TIMEOUTS,
    budget: Budget = STANDARD_BUDGET,
) -> ConnectedModel:
    """The primary provider and its fallbacks, in order, behind one door. Nothing is called or started yet."""
    needs_embedded = any(not provider.base_url for provider in providers)
    embedded = EmbeddedModel(session, clock, chance, timeouts) if needs_embedded else None
    models = [
        embedded if embedded is not None and not provider.base_url else _remote(provider, session, clock, timeouts)
        for provider in providers
    ]
    router = ModelRouter(models, clock, chance, observer, budget)
    return ConnectedModel(router, CompletionRouter(models, router.tries, clock, observer), embedded)


def connect_embeddings(
    provider: ProviderSettings,
    session: aiohttp.ClientSession,
    clock: Clock,
    chance: Chance,
    timeouts: Timeouts = STANDARD_TIMEOUTS,
) -> ProviderEmbedder:
    """The provider of embeddings. Nothing is called yet."""
    endpoint = Endpoint(provider.base_url, "/embeddings", provider.api_key, session, clock, timeouts)
    return ProviderEmbedder(endpoint, provider.model, Tries(1, clock, chance))


def _remote(
    settings: ProviderSettings, session: aiohttp.ClientSession, clock: Clock, timeouts: Timeouts
) -> OpenAiModel:
    traits = ModelTraits(settings.model, settings.context_tokens, settings.reply_tokens)
    return OpenAiModel(Provider(settings.base_url, traits, settings.api_key), session, clock, timeouts)
