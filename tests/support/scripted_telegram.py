"""A Bot API server that answers what it is told to, one answer a call."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

SENT = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "hi"}


@dataclass(slots=True)
class Answer:
    """What one call gets: a status and a result or description; ``drops``: the connection is cut instead."""

    status: int = 200
    result: Any = field(default_factory=lambda: SENT)
    description: str = ""
    retry_after: int | None = None
    drops: bool = False
    after: asyncio.Event | None = None
    raw: bytes | None = None


@dataclass(slots=True)
class ScriptedTelegram:
    """Answers calls in the order they come; without a script, always that it worked."""

    base_url: str = ""
    script: list[Answer] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        answer = self.script.pop(0) if self.script else Answer()
        given = dict(request.query) if request.method == "GET" else dict(await request.post())
        self.calls.append((request.match_info["method"], given))
        self.came.set()
        if answer.after is not None:
            await answer.after.wait()
        if answer.drops:
            assert request.transport is not None
            request.transport.close()
        if answer.raw is not None:
            return web.Response(body=answer.raw, status=answer.status, content_type="application/json")
        return web.Response(text=_body(answer), status=answer.status, content_type="application/json")

    @property
    def methods(self) -> list[str]:
        """The names of the calls so far."""
        return [method for method, _ in self.calls]


def _body(answer: Answer) -> str:
    if answer.status == 200:
        return json.dumps({"ok": True, "result": answer.result})
    parameters = {} if answer.retry_after is None else {"parameters": {"retry_after": answer.retry_after}}
    return json.dumps({"ok": False, "error_code": answer.status, "description": answer.description, **parameters})


@pytest.fixture
async def telegram() -> AsyncIterator[ScriptedTelegram]:
    scripted = ScriptedTelegram()
    application = web.Application()
    application.router.add_route("*", "/bot{token}/{method}", scripted.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    scripted.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield scripted
    await runner.cleanup()
