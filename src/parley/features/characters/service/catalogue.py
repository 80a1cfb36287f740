"""The catalogue as people see it."""

import dataclasses
from collections.abc import Collection
from typing import Final

from parley.features.characters.core import catalogue as core
from parley.features.characters.core.catalogue import (
    CataloguePage,
    Character,
    Entry,
    Filters,
    Sort,
    Tag,
    TagCategory,
    Viewer,
    Window,
)
from parley.features.characters.core.pictures import Picture
from parley.features.characters.core.searching import labels_asked
from parley.features.characters.service.remembered import Remembered
from parley.features.characters.service.search import CatalogueSearch
from parley.features.characters.service.version import CatalogueVersion
from parley.features.characters.store import cards, listing
from parley.kernel.errors import NotFound
from parley.kernel.ids import CharacterId
from parley.kernel.ports import Clock, Database, Tx
from parley.kernel.search import CharacterIndex

_CHARACTER_SECONDS: Final = 300
_TAGS_SECONDS: Final = 600
"""Both by the spec's table of what is cached."""
_FOREVER: Final = float("inf")
_MOST_CHARACTERS: Final = 2000
_MOST_TOTALS: Final = 500


class Characters:
    """Lists, finds and shows characters. Who may see what is decided here, for every edge alike."""

    def __init__(self, db: Database, clock: Clock, index: CharacterIndex, version: CatalogueVersion) -> None:
        self._db = db
        self._version = version
        self._search = CatalogueSearch(db, index, version)
        self._characters: Remembered[CharacterId, Character | None] = Remembered(
            clock, version, seconds=_CHARACTER_SECONDS, most=_MOST_CHARACTERS
        )
        self._prompts: dict[CharacterId, tuple[int, str]] = {}
        self._tags: Remembered[None, tuple[Tag, ...]] = Remembered(clock, version, seconds=_TAGS_SECONDS, most=1)
        self._totals: Remembered[Filters, int] = Remembered(clock, version, seconds=_FOREVER, most=_MOST_TOTALS)

    def catalogue_is(self, version: int) -> None:
        """Take note of the catalogue's version as the database has it: what is remembered of older ones is void."""
        self._version.raise_to(version)

    async def sync_index(self) -> None:
        """Bring the search index up to the newest version known. Cheap when it is."""
        await self._search.sync()

    async def refresh_popularity(self) -> None:
        """Bring the order among equal matches of a search up to date with use. Wanted about once a minute."""
        await self._search.refresh_popularity()

    async def page(self, viewer: Viewer, filters: Filters, sort: Sort, window: Window) -> CataloguePage:
        """Active characters that fit. Raises AgeConfirmationRequired."""
        filters = _rated(filters, viewer)
        total = self._totals.peek(filters)
        async with self._db.read(long=self._search.is_large) as tx:
            if total is None:
                total = await self._totals.get(filters, lambda: listing.count(tx, filters))
            entries = await listing.page(tx, viewer.user, filters, sort, window)
        return CataloguePage(entries, total, window)

    async def search(self, viewer: Viewer, text: str, filters: Filters, window: Window) -> CataloguePage:
        """Active characters whose name, tags or description fit the text, best first."""
        filters = _rated(filters, viewer)
        found = await self._search.find(text, labels_asked(filters), window)
        entries = await self.entries(found.ids)
        best_first = (entries[character] for character in found.ids if character in entries)
        still = (entry for entry in best_first if entry.is_active and entry.content_rating == filters.rating)
        return CataloguePage(tuple(still), found.total, window)

    async def entries(self, characters: Collection[CharacterId]) -> dict[CharacterId, Entry]:
        """These characters as the catalogue shows them, also those that are no longer active."""
        async with self._db.read() as tx:
            return {entry.id: entry for entry in await listing.entries(tx, characters)}

    async def entry(self, viewer: Viewer, character: CharacterId) -> Entry:
        """One active character with its counts. Raises CharacterNotFound and AgeConfirmationRequired."""
        found = (await self.entries([character])).get(character)
        active = found if found is not None and found.is_active else None
        core.check_visible(None if active is None else active.content_rating, viewer)
        assert active is not None
        return active

    async def visible(self, viewer: Viewer, character: CharacterId) -> Character:
        """The one door to a character for other features. Raises CharacterNotFound and AgeConfirmationRequired."""
        known = await self._characters.get(character, lambda: self._read(character))
        core.check_visible(None if known is None else known.content_rating, viewer)
        assert known is not None
        return known

    async def tags(self, category: TagCategory | None = None) -> tuple[Tag, ...]:
        """The tags in use, all or those of a category."""
        tags = await self._tags.get(None, self._read_tags)
        return tuple(tag for tag in tags if category is None or tag.category == category)

    async def avatar(self, character: CharacterId, digest: str) -> Picture:
        """The picture of this very digest. Raises NotFound."""
        async with self._db.read(long=True) as tx:
            picture = await listing.avatar(tx, character, digest)
        if picture is None:
            raise NotFound
        return picture

    async def count_use(self, tx: Tx, character: CharacterId, messages: int = 2) -> None:
        """Count one answered turn, within its transaction."""
        await cards.count_use(tx, character, messages)

    async def _read(self, character: CharacterId) -> Character | None:
        """The character with its prompt. A prompt is kept without end; its revision tells whether it still holds."""
        async with self._db.read() as tx:
            found = await listing.character_of(tx, character)
            if found is None:
                return None
            without_prompt, revision = found
            kept = self._prompts.get(character)
            prompt = kept[1] if kept is not None and kept[0] == revision else None
            if prompt is None:
                prompt = await listing.system_prompt(tx, character)
        self._keep_prompt(character, revision, prompt)
        return dataclasses.replace(without_prompt, system_prompt=prompt)

    def _keep_prompt(self, character: CharacterId, revision: int, prompt: str) -> None:
        self._prompts.pop(character, None)
        self._prompts[character] = (revision, prompt)
        if len(self._prompts) > _MOST_CHARACTERS:
            del self._prompts[next(iter(self._prompts))]

    async def _read_tags(self) -> tuple[Tag, ...]:
        async with self._db.read(long=self._search.is_large) as tx:
            return await listing.tags(tx)


def _rated(filters: Filters, viewer: Viewer) -> Filters:
    return dataclasses.replace(filters, rating=core.rating_for(filters.rating, viewer))
