"""Characters' services on a test's database, with the real search index."""

from dataclasses import dataclass
from typing import Any

from parley.adapters.search.index import TantivyCharacterIndex
from parley.features.characters.core import Filters, Sort, Viewer, Window
from parley.features.characters.service import Cards, CatalogueVersion, Characters
from parley.kernel.ids import CharacterId, UserId
from parley.kernel.ports import Database
from support.cards import a_card
from support.virtual_clock import VirtualClock

MINOR = Viewer(UserId(1), is_adult=False, display_name="Ann")
ADULT = Viewer(UserId(1), is_adult=True, display_name="Ann")


@dataclass(slots=True)
class Catalogue:
    """One process's view of a catalogue."""

    db: Database
    clock: VirtualClock
    cards: Cards
    characters: Characters

    async def add(self, name: str, **fields: Any) -> CharacterId:
        """A character of this name, a second after the one before."""
        self.clock.advance(1)
        return (await self.cards.put(a_card(name, **fields))).id

    async def use(self, character: CharacterId, times: int = 1) -> None:
        """So many answered turns."""
        for _ in range(times):
            async with self.db.begin() as tx:
                await self.characters.count_use(tx, character)

    async def names(
        self, viewer: Viewer = MINOR, sort: Sort = "popular", window: Window | None = None, **filters: Any
    ) -> list[str]:
        """The names on a page."""
        page = await self.characters.page(viewer, Filters(**filters), sort, window or Window())
        return [entry.name for entry in page.entries]

    async def found(self, text: str, viewer: Viewer = MINOR, **filters: Any) -> list[str]:
        """The names a search finds."""
        page = await self.characters.search(viewer, text, Filters(**filters), Window())
        assert page.total == len(page.entries)
        return [entry.name for entry in page.entries]


def catalogue_on(db: Database) -> Catalogue:
    """A process of its own: it shares nothing but the database."""
    clock, version = VirtualClock(), CatalogueVersion()
    characters = Characters(db, clock, TantivyCharacterIndex(), version)
    return Catalogue(db, clock, Cards(db, clock, version), characters)
