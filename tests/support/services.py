"""Other services that call Parley with a key, and the application with a fake provider behind it."""

import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import openai

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.adapters.llm.build import ProviderSettings, connect_model
from parley.adapters.llm.endpoint import Timeouts, provider_session
from parley.adapters.llm.observer import SilentObserver
from parley.adapters.llm.tries import Budget
from parley.kernel.ports import Tx
from support.app import Answer, AppUnderTest
from support.fake_provider import FakeProvider
from support.virtual_clock import SettledChance

KEY = "test-key"
HI = [{"role": "user", "content": "Hi"}]
SHORT = Timeouts(first_text=0.5, between_chunks=0.5, whole=0.5)
"""For providers that fall silent."""
PATIENT = Timeouts(tail=0.2, closing=0.1)
"""For all others, so that a slow machine is not taken for a fault."""


class HastyClock(SystemClock):
    """Pauses between two tries take no time."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.001))


@asynccontextmanager
async def passing_to(
    db: OpenDatabase, *providers: FakeProvider, timeouts: Timeouts = PATIENT, **environment: str
) -> AsyncIterator[AppUnderTest]:
    """The application with these providers, the first as the primary, and a key without bounds."""
    settings = [ProviderSettings(provider.base_url, "sk-secret-key", "fake-model") for provider in providers]
    budget = Budget(first_text=timeouts.first_text, total=60.0)
    given = {"api_keys": KEY, "api_key_rate": "0", **environment}
    async with provider_session() as session:
        connected = connect_model(settings, session, HastyClock(), SettledChance(), SilentObserver(), timeouts, budget)
        running = AppUnderTest.running(
            db, model=None, completions=connected.completions, embedder=None, more=(), **given
        )
        async with running as app:
            yield app


@dataclass(frozen=True, slots=True)
class Service:
    """A service as it calls over plain HTTP."""

    app: AppUnderTest
    key: str | None = KEY

    async def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A request; a body of bytes is sent as it is."""
        own = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        url = f"{self.app.base_url}{path}"
        sent = None if data is None else io.BytesIO(data)  # the client warns of large bodies that are plain bytes
        async with self.app.session.request(method, url, data=sent, headers={**own, **(headers or {})}) as response:
            return Answer(response.status, response.headers, await response.text())

    async def chat(self, **members: Any) -> Answer:
        """Ask for a completion."""
        return await self.call("POST", "/v1/chat/completions", {"model": "default", "messages": HI, **members})


def official(app: AppUnderTest, key: str = KEY, retries: int = 0) -> openai.AsyncOpenAI:
    """The official client."""
    return openai.AsyncOpenAI(base_url=f"{app.base_url}/v1", api_key=key, max_retries=retries)


class FailingDatabase:
    """The database until it fails as the test says."""

    def __init__(self, db: OpenDatabase) -> None:
        self._db = db
        self.failure: Exception | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        async with self._db.begin() as tx:
            yield tx

    @asynccontextmanager
    async def read(self, *, long: bool = False) -> AsyncIterator[Tx]:
        if self.failure is not None:
            raise self.failure
        async with self._db.read(long=long) as tx:
            yield tx

    async def prove_writable(self) -> None:
        await self._db.prove_writable()

    async def close(self) -> None:
        await self._db.close()
