"""Answers kept for a while, and never beyond a change of the catalogue."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from parley.features.characters.service.version import CatalogueVersion
from parley.kernel.ports import Clock

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Remembered(Generic[Key, Answer]):
    """The newest answers, at most ``most``, each for ``seconds`` and only while the catalogue stays as it is."""

    def __init__(self, clock: Clock, version: CatalogueVersion, *, seconds: float, most: int) -> None:
        self._clock = clock
        self._version = version
        self._seconds = seconds
        self._most = most
        self._kept: OrderedDict[Key, tuple[Answer, int, float]] = OrderedDict()

    async def get(self, key: Key, read: Callable[[], Awaitable[Answer]]) -> Answer:
        """The kept answer, or a fresh one. One that was read while the catalogue changed is not kept."""
        kept = self.peek(key)
        if kept is not None:
            return kept
        version = self._version.value
        answer = await read()
        if version == self._version.value:
            self._keep(key, answer, version)
        return answer

    def peek(self, key: Key) -> Answer | None:
        """The kept answer if it still holds."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        answer, version, until = kept
        if version != self._version.value or self._clock.monotonic() >= until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return answer

    def _keep(self, key: Key, answer: Answer, version: int) -> None:
        self._kept[key] = (answer, version, self._clock.monotonic() + self._seconds)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
