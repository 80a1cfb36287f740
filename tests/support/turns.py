"""What tests of turns do again and again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from support.app import Answer, AppUnderTest, Someone

LONG_ENOUGH = 20.0
"""Seconds after which a test stops waiting: only a failing one ever does."""


async def used(someone: Someone) -> int:
    """Units the person has used today."""
    count: int = (await someone.get("/api/users/limits")).json["messages_limit"]["used"]
    return count


async def texts(someone: Someone, character: int) -> list[str]:
    """What is in the chat."""
    return [each["message_text"] for each in await someone.history(character)]


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(LONG_ENOUGH):
        while not await holds():  # noqa: ASYNC110  what is waited for is in the database, which sets no event
            await asyncio.sleep(0.01)


async def lined_up(app: AppUnderTest, count: int) -> None:
    """Wait until so many turns run or wait in this process."""

    async def are_there() -> bool:
        return app.parley.services.turns.under_way == count

    await eventually(are_there)


@asynccontextmanager
async def under_way(app: AppUnderTest, request: Coroutine[Any, Any, Answer]) -> AsyncIterator[asyncio.Task[Answer]]:
    """A request whose reply is being written: the model has been asked and has said its first piece, if it has one."""
    app.model.said.clear()
    task = asyncio.create_task(request)
    await asyncio.wait_for(app.model.said.wait(), LONG_ENOUGH)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    """The events' names, a run of deltas as one."""
    names = [each["event"] for each in frames]
    return [
        name for place, name in enumerate(names) if place == 0 or name != "message.delta" or names[place - 1] != name
    ]


def lasting(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of the log among the frames."""
    return [each for each in frames if "seq" in each]
