"""A second device of a person: it folds every event as a client does, resuming after each crash."""

import asyncio
from dataclasses import dataclass, field

from parley.features.chats.core import View, apply
from support.storm.client import Client, Json, Lost
from support.storm.expected import line_of

_PAUSE = 0.1
_CATCHES_UP_WITHIN = 10.0


@dataclass(slots=True)
class Watcher:
    """Looks at one chat. Its events come without a gap and without a double."""

    client: Client
    character: int
    view: View = field(default_factory=View)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        """Fold events until cancelled."""
        while True:
            try:
                await self._follow()
            except Lost:
                await asyncio.sleep(_PAUSE)

    async def _follow(self) -> None:
        async with self.client.socket(self.character, self.view.seq) as socket:
            while True:
                self._fold(await self.client.frame(socket))

    def _fold(self, frame: Json) -> None:
        seq = frame.get("seq")
        assert seq is None or seq == self.view.seq + 1, f"event {seq} came after event {self.view.seq}"
        self.view = apply(self.view, frame)
        self._moved.set()

    async def check(self, history: Json, newest: int) -> None:
        """Folding all events gives what a fresh read gives; ``newest``: the number of the last event."""
        async with asyncio.timeout(_CATCHES_UP_WITHIN):
            while self.view.seq < newest:
                self._moved.clear()
                await self._moved.wait()
        folded, fresh = [line_of(each) for each in self.view.messages], [line_of(each) for each in history["messages"]]
        assert folded == fresh, f"the events give {folded[-6:]}, the history is {fresh[-6:]}"


async def replayed(client: Client, character: int, newest: int) -> Watcher:
    """Somebody who comes only now and replays everything from the first event."""
    late = Watcher(client, character)
    async with asyncio.timeout(_CATCHES_UP_WITHIN), client.socket(character, 0) as socket:
        while late.view.seq < newest:
            late._fold(await client.frame(socket))  # noqa: SLF001 - a watcher's own maker
    return late
