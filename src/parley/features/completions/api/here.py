"""Work that nobody waits for any more is ended: the call to the provider too, at once."""

import asyncio
from typing import Self

from litestar.types import Receive


class WhileHere:
    """Cancels what runs inside when the client goes away, and then ends without an error."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.has_gone = False

    async def __aenter__(self) -> Self:
        self._inside = asyncio.current_task()
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._watching.cancel()
        if not self.has_gone or self._inside is None:
            return False
        if kind is None:
            await self._cancelled()
        self._inside.uncancel()
        return kind is None or kind is asyncio.CancelledError

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue
        self.has_gone = True
        if self._inside is not None:
            self._inside.cancel()

    async def _cancelled(self) -> None:
        """Take the cancellation that came with the last step, so that it hits nothing later."""
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return
