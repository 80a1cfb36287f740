"""Handles the updates of each chat in order, those of different chats side by side, up to a bound."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from parley.features.updates.core import Waiting

AT_ONCE: Final = 64
"""Updates handled side by side. Replies being written are not among them: they wait for a model, not for us."""

Handle = Callable[[Waiting], Awaitable[None]]


@dataclass(slots=True)
class Lanes:
    """One queue a chat, each worked off by a task of its own that ends with its queue."""

    handle: Handle
    """Must not raise: whatever goes wrong with an update is its to settle."""
    _queues: dict[str, deque[Waiting]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def add(self, update: Waiting) -> None:
        """Put an update behind those of its lane."""
        queue = self._queues.get(update.lane)
        if queue is not None:
            queue.append(update)
            return
        self._queues[update.lane] = deque([update])
        task = asyncio.create_task(self._work_off(update.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work_off(self, lane: str) -> None:
        queue = self._queues[lane]
        try:
            while queue:
                async with self._room:
                    if queue:  # the end may have emptied it while this lane waited for room
                        await self.handle(queue.popleft())
        finally:
            del self._queues[lane]

    async def end(self, seconds: float) -> None:
        """Let what is being handled finish for so long; the rest stays in the inbox."""
        for queue in self._queues.values():
            queue.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
