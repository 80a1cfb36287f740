"""Faults a test asked for."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next so many calls of a method; None and "*" mean any."""

    bot: int | None
    method: str
    times: int
    status: int | None = None
    description: str | None = None
    retry_after: int | None = None
    delay: float = 0.0
    drop: Literal["before", "after"] | None = None

    def hits(self, bot: int, method: str) -> bool:
        """Whether such a call is meant; the method is in lower case."""
        return self.bot in {None, bot} and self.method in {"*", method}


class Faults:
    """The faults still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Ask for a fault."""
        if fault.times:
            self._waiting.append(fault)

    def next(self, bot: int, method: str) -> Fault | None:
        """The fault of this call, used up once."""
        for fault in self._waiting:
            if fault.hits(bot, method):
                fault.times -= 1
                if not fault.times:
                    self._waiting.remove(fault)
                return fault
        return None
