"""What helps listeners when signals between processes get lost."""

from dataclasses import dataclass, field
from typing import Final

from parley.features.chats import store
from parley.kernel.ids import ChatId
from parley.kernel.ports import Advanced, Bus, Database

COMPARE_EVERY: Final = 2.0
"""Seconds: the longest delay of a lasting event whose signal was lost."""
_AT_ONCE: Final = 500


@dataclass(slots=True)
class CatchUp:
    """Compares the logs with what listeners were told. Costs nothing where signals cannot get lost."""

    db: Database
    bus: Bus
    _known: dict[ChatId, int] = field(default_factory=dict, repr=False)

    async def compare(self) -> None:
        """Tell the listeners of every watched chat that has grown since the last look."""
        watched = list(self.bus.watched())
        numbers: dict[ChatId, int] = {}
        for start in range(0, len(watched), _AT_ONCE):
            async with self.db.read() as tx:
                numbers |= await store.newest_numbers(tx, watched[start : start + _AT_ONCE])
        for chat, seq in numbers.items():
            if self._known.get(chat) != seq:
                self.bus.tell_here(chat, Advanced(seq))
        self._known = numbers
