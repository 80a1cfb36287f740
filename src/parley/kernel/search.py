"""The door to full-text search over the catalogue. An adapter stands behind it, the same for both databases."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from parley.kernel.ids import CharacterId


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A character as it can be found."""

    id: CharacterId
    name: str
    tags: tuple[str, ...]
    description: str
    labels: frozenset[str]
    """Exact marks a search can ask for, such as ``rating:sfw`` and ``tag:friendly``."""
    popularity: int


@dataclass(frozen=True, slots=True)
class Found:
    """A part of what a search found, best first, and how many it found in all."""

    ids: tuple[CharacterId, ...]
    total: int


class CharacterIndex(Protocol):
    """Every active character by its words. Calls block: short ones may run on the event loop, long ones in a thread.

    One thread may change it while others search; a search sees the state of the last `publish`.
    """

    @property
    def size(self) -> int:
        """How many characters can be found."""
        ...

    def put(self, documents: Iterable[SearchDocument], /) -> None:
        """Add these, each in the place of an earlier one with its id. Not seen before `publish`."""
        ...

    def remove(self, characters: Collection[CharacterId], /) -> None:
        """Take these out. Not seen before `publish`."""
        ...

    def publish(self) -> None:
        """Make all changes since the last call visible at once."""
        ...

    def search(self, text: str, labels: Collection[str], /, *, limit: int, offset: int) -> Found:
        """The characters that bear all the labels and fit the text: best match, then popularity, then id."""
        ...
