"""Time, so that a test can move it."""

import asyncio
import time


class Clock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()  # noqa: TID251  the one place that asks the machine

    async def sleep(self, seconds: float) -> None:
        """Wait; on a clock that a test moves, until it was moved so far."""
        await asyncio.sleep(seconds)

    async def within(self, seconds: float, event: asyncio.Event) -> bool:
        """Wait for the event, at most so long; whether it came."""
        if event.is_set():
            return True
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self.sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return event.is_set()
