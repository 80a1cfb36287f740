"""The outside as the product sees it, and from the settings to the adapters that stand behind it."""

import zoneinfo
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession

from parley.adapters.bus.local import LocalBus
from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database
from parley.adapters.embed.embedded import EmbeddedEmbedder
from parley.adapters.llm.build import ConnectedModel, ProviderSettings, connect_embeddings, connect_model
from parley.adapters.llm.endpoint import provider_session
from parley.kernel.ports import Bus, Chance, ChatModel, Clock, CompletionModel, Embedder, RateWindow
from parley.settings import SettingError, Settings
from parley.shell.metrics import Metrics


@dataclass(frozen=True, slots=True)
class World:
    """The doors to the outside: what tests replace."""

    db: OpenDatabase
    clock: Clock
    chance: Chance
    bus: Bus
    model: ChatModel
    completions: CompletionModel
    """The same model for other services."""
    embedder: Embedder
    shared_rates: RateWindow | None = None
    """Where several processes count requests as one."""


def providers(settings: Settings) -> list[ProviderSettings]:
    """The primary provider and its fallbacks, in order; without an address it is the embedded model."""
    context, reply = settings.llm_context_tokens, settings.llm_reply_tokens
    primary = ProviderSettings(settings.llm_base_url, settings.llm_api_key, settings.llm_model, context, reply)
    return [
        primary,
        *(ProviderSettings(each.base_url, each.api_key, each.model, context, reply) for each in settings.llm_fallbacks),
    ]


@asynccontextmanager
async def connected(settings: Settings, metrics: Metrics) -> AsyncIterator[tuple[World, ConnectedModel]]:
    """The adapters for these settings, closed in the end."""
    zoneinfo.reset_tzpath(to=())  # the copy from PyPI: the system's is often years old
    clock, chance = SystemClock(), SystemChance()
    db = await open_database(settings.database_url, clock)
    try:
        async with provider_session() as session:
            model = connect_model(providers(settings), session, clock, chance, metrics)
            try:
                async with (
                    together(settings, clock, chance) as (bus, rates),
                    embedding(settings, session, clock, chance) as embedder,
                ):
                    yield World(db, clock, chance, bus, model.model, model.completions, embedder, rates), model
            finally:
                await model.close()
    finally:
        await db.close()


@asynccontextmanager
async def embedding(
    settings: Settings, session: ClientSession, clock: Clock, chance: Chance
) -> AsyncIterator[Embedder]:
    """The provider of embeddings, or the model inside the package, which starts when it is first asked."""
    if settings.embeddings_base_url:
        provider = ProviderSettings(
            settings.embeddings_base_url, settings.embeddings_api_key, settings.embeddings_model
        )
        yield connect_embeddings(provider, session, clock, chance)
        return
    embedder = EmbeddedEmbedder()
    try:
        yield embedder
    finally:
        await embedder.close()


@asynccontextmanager
async def together(settings: Settings, clock: Clock, chance: Chance) -> AsyncIterator[tuple[Bus, RateWindow | None]]:
    """What makes several processes act as one. The server of PARLEY_REDIS_URL may be away, also at the start."""
    if not settings.redis_url:
        yield LocalBus(), None
        return
    # The client costs 6 MiB and 0.3 s, so only those pay who use it.
    from parley.adapters.bus.redis import open_redis_bus  # noqa: PLC0415  see above
    from parley.adapters.rates.redis import RedisRateWindow  # noqa: PLC0415  see above
    from parley.adapters.redis import RedisUrlMalformed, namespace, open_redis  # noqa: PLC0415  see above

    try:
        client = open_redis(settings.redis_url)
    except RedisUrlMalformed:
        raise SettingError("PARLEY_REDIS_URL is malformed") from None
    try:
        # Several installations may share a server; the number before the colon of a bot's token is no secret.
        name = namespace(client, settings.bot_token.partition(":")[0])
        async with open_redis_bus(client, name, clock, chance) as bus:
            yield bus, RedisRateWindow(client, name, clock)
    finally:
        await client.aclose()
