"""Keeps the search index in step with the database, and asks it."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from parley.features.characters.core.catalogue import Window
from parley.features.characters.service.version import CatalogueVersion
from parley.features.characters.store import feed
from parley.kernel.ids import CharacterId
from parley.kernel.ports import Database
from parley.kernel.search import CharacterIndex, Found

_BATCH: Final = 500
LARGE: Final = 2000
"""Characters. Beyond, a question about all of them may take longer than the event loop should wait."""


@dataclass(slots=True)
class CatalogueSearch:
    """The index of this process. It reads what changed since it last looked, in a thread."""

    db: Database
    index: CharacterIndex
    version: CatalogueVersion
    _seen: tuple[int, CharacterId] = (0, CharacterId(0))
    _indexed: int = -1
    _popularities: dict[CharacterId, int] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_large(self) -> bool:
        """Whether the catalogue is large, or not yet known to be small."""
        return self._indexed < 0 or self.index.size > LARGE

    async def find(self, text: str, labels: Collection[str], window: Window) -> Found:
        """The best matches, from an index that knows every change this process knows of."""
        await self.sync()
        if self.is_large:
            return await asyncio.to_thread(self._find, text, labels, window)
        return self._find(text, labels, window)

    async def sync(self) -> None:
        """Read what changed since the last time. Does nothing when nothing did."""
        async with self._turn:
            if self._indexed >= 0 and self._indexed >= self.version.value:
                return
            async with self.db.read() as tx:
                version = await feed.version(tx)
            await self._read_on()
            await asyncio.to_thread(self.index.publish)
            self._indexed = version
            self.version.raise_to(version)

    async def refresh_popularity(self) -> None:
        """Tell the index how popular characters have become, if that changes their order."""
        await self.sync()
        async with self._turn:
            async with self.db.read(long=True) as tx:
                now = await feed.popularities(tx)
            if _order(now) != _order(self._popularities):
                await self._feed_again([key for key, value in now.items() if self._popularities.get(key) != value])
                await asyncio.to_thread(self.index.publish)

    async def _read_on(self) -> None:
        while True:
            async with self.db.read(long=True) as tx:
                changes = await feed.changed_since(tx, *self._seen, limit=_BATCH)
            if changes.last is None:
                return
            await asyncio.to_thread(self._take, changes)
            self._seen = changes.last

    async def _feed_again(self, characters: list[CharacterId]) -> None:
        for start in range(0, len(characters), _BATCH):
            async with self.db.read(long=True) as tx:
                documents = await feed.documents(tx, characters[start : start + _BATCH])
            await asyncio.to_thread(self._take, feed.Changes(documents))

    def _take(self, changes: feed.Changes) -> None:
        self.index.remove(changes.gone)
        self.index.put(changes.documents)
        for character in changes.gone:
            self._popularities.pop(character, None)
        known = {document.id: document.popularity for document in changes.documents if document.popularity > 0}
        self._popularities.update(known)

    def _find(self, text: str, labels: Collection[str], window: Window) -> Found:
        return self.index.search(text, labels, limit=window.limit, offset=window.offset)


def _order(popularities: dict[CharacterId, int]) -> list[CharacterId]:
    return sorted(popularities, key=lambda character: (-popularities[character], character))
