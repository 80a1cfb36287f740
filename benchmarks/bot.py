"""The bot: from an update's arrival to the first draft, beyond the provider's own time to its first text."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from benchmarks.figures import Figure, summary
from benchmarks.machine import LOAD_CORE, SERVER_CORE
from benchmarks.scale import Scale
from benchmarks.stage import folder, new_database
from benchmarks.turns import TO_PROVIDER
from benchmarks.wire import Connection, request
from support.process import ProviderProcess, ServerProcess, provider
from support.storm.storm import settings

FIRST_DRAFT = 30.0
"""Milliseconds beyond the provider."""
_TOKEN_SECONDS = 0.005
_FIRST_PIECE = '"content":"Привет'.encode()
_FIRST_PERSON = 1001


@dataclass(slots=True)
class Telegram:
    """As little of the Bot API as the bot needs, with the moments at which things happen."""

    updates: "asyncio.Queue[dict[str, object]]" = field(default_factory=asyncio.Queue)
    first_draft: "asyncio.Queue[float]" = field(default_factory=asyncio.Queue)
    replied: "asyncio.Queue[float]" = field(default_factory=asyncio.Queue)
    _drafts: set[str] = field(default_factory=set)
    _numbers: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """One call."""
        match request.match_info["method"]:
            case "getUpdates":
                return _ok([await self.updates.get()])
            case "sendMessageDraft":
                self._draft(str((await request.post())["draft_id"]))
                return _ok(True)  # noqa: FBT003  a result of the Bot API
            case "sendMessage":
                self.replied.put_nowait(time.perf_counter())
                self._numbers += 1
                chat = {"id": _FIRST_PERSON, "type": "private"}
                return _ok({"message_id": 10**6 + self._numbers, "date": 1, "chat": chat, "text": "x"})
            case _:
                return _ok(True)  # noqa: FBT003  a result of the Bot API

    def _draft(self, number: str) -> None:
        if number not in self._drafts:
            self._drafts.add(number)
            self.first_draft.put_nowait(time.perf_counter())

    def says(self, number: int, text: str) -> float:
        """A person writes; when."""
        self._numbers += 1
        person = {"id": number, "is_bot": False, "first_name": "Аня", "language_code": "ru"}
        chat = {"id": number, "type": "private", "first_name": "Аня"}
        message = {"message_id": self._numbers, "date": 1, "chat": chat, "from": person, "text": text}
        self.updates.put_nowait({"update_id": self._numbers, "message": message})
        return time.perf_counter()


def run(scale: Scale) -> Iterator[Figure]:
    """Measure with a provider that takes its time between two tokens."""
    rounds = []
    with provider(delay=_TOKEN_SECONDS, cores=LOAD_CORE) as model:
        for _ in range(scale.rounds):
            with folder() as where:
                rounds.append(asyncio.run(_round(where, new_database(where), model, scale.of(40, 10))))
        alone = summary([_alone(model, 40)])["p50"]
    added = summary([[each - alone for each in drafts] for drafts in rounds])
    n = sum(map(len, rounds))
    detail = {"p99": added["p99"], "provider alone": alone}
    yield Figure("bot: update to first draft, added", added["median of rounds"], "ms", n, FIRST_DRAFT, detail=detail)


def _alone(model: ProviderProcess, count: int) -> list[float]:
    """Milliseconds to the provider's own first text."""
    asked = request("POST", "/v1/chat/completions", body=TO_PROVIDER, stream=True)
    with Connection(int(model.base_url.split(":")[2].split("/")[0])) as direct:
        return [direct.until(asked, _FIRST_PIECE) * 1000 for _ in range(count)]


async def _round(where: Path, url: str, model: ProviderProcess, count: int) -> list[float]:
    async with _telegram() as (telegram, address):
        environment = {**settings(url, model.base_url), "PARLEY_TELEGRAM_API_URL": address}
        server = ServerProcess(environment, where / "server.log", SERVER_CORE, command="run")
        try:
            await server.start()
            return [await _draft_after(telegram, _FIRST_PERSON + number) for number in range(count)]
        finally:
            server.kill()


async def _draft_after(telegram: Telegram, person: int) -> float:
    """Milliseconds until the first draft. Somebody else each time, since a chat has a pace to keep."""
    telegram.says(person, "/start c1")
    await telegram.replied.get()
    said = telegram.says(person, "Привет! Как прошёл твой день?")
    seen = await telegram.first_draft.get()
    await telegram.replied.get()
    return (seen - said) * 1000


@asynccontextmanager
async def _telegram() -> AsyncIterator[tuple[Telegram, str]]:
    telegram, application = Telegram(), web.Application()
    application.router.add_route("*", "/bot{token}/{method}", telegram.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield telegram, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _ok(result: object) -> web.Response:
    return web.Response(text=json.dumps({"ok": True, "result": result}), content_type="application/json")
