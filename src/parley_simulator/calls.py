"""The calls that were answered."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import msgspec

from parley_simulator.wire import Json

_KEPT = 50_000
_KEPT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call and its answer."""

    n: int
    time: float
    bot: int | None
    method: str
    params: Mapping[str, object]
    status: int
    response: bytes

    @property
    def shown(self) -> Json:
        """As the control interface shows it."""
        return {
            "n": self.n,
            "time": self.time,
            "bot": self.bot,
            "method": self.method,
            "params": self.params,
            "status": self.status,
            "response": msgspec.Raw(self.response),
        }


class Calls:
    """The latest calls; old ones are dropped by number and by size."""

    def __init__(self) -> None:
        self._calls: deque[AnsweredCall] = deque()
        self._count = 0
        self._bytes = 0

    def add(
        self, time: float, bot: int | None, method: str, params: Mapping[str, object], answer: tuple[int, bytes]
    ) -> None:
        """Write down a call; ``answer`` is its status and its body."""
        self._count += 1
        self._calls.append(AnsweredCall(self._count, time, bot, method, params, *answer))
        self._bytes += len(answer[1])
        while len(self._calls) > _KEPT or self._bytes > _KEPT_BYTES:
            self._bytes -= len(self._calls.popleft().response)

    def after(self, number: int) -> Iterator[AnsweredCall]:
        """All calls behind the one with this number, oldest first."""
        first = self._calls[0].n if self._calls else 1
        return islice(self._calls, max(0, number + 1 - first), None)
