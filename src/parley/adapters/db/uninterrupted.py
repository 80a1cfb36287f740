"""Steps that must not be left half way when their caller is cancelled."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


async def uninterrupted(step: Awaitable[Result]) -> Result:
    """Wait for a short step to its end. A cancellation that comes meanwhile is delivered after it.

    A commit in a thread or on a server goes on whether we look or not; what follows must know how it ended.
    """
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task)
        raise


async def _ended(task: asyncio.Future[Result]) -> None:
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:  # one cancellation is already on its way to the caller
            continue
