"""Where in the catalogue a person stands."""

import dataclasses
from dataclasses import dataclass
from typing import Final, Literal

from parley.features.characters.core import Filters, Sort, Window

Order = Literal["p", "n", "r", "q"]
"""Popular, new, for you, and the order of a search."""

ORDERS_TO_CHOOSE: Final[tuple[Order, ...]] = ("p", "n", "r")
ON_A_PAGE: Final = 6
TAGS_ON_A_PAGE: Final = 16
LONGEST_QUERY: Final = 100
_SORTS: Final[dict[Order, Sort]] = {"p": "popular", "n": "new", "r": "recommended"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the catalogue, numbered from 0."""

    order: Order = "p"
    tag: int = 0
    """The id of the tag that all characters bear; 0: of none."""
    is_adult: bool = False
    """Characters for adults instead of those for everyone."""
    page: int = 0

    @property
    def sort(self) -> Sort:
        """The catalogue's name of the order; a search has its own."""
        return _SORTS.get(self.order, "popular")

    @property
    def window(self) -> Window:
        """What stands on the page."""
        return Window(ON_A_PAGE, self.page * ON_A_PAGE)

    def filters(self, tag: str | None) -> Filters:
        """Which characters are asked for; ``tag`` is the name of the shelf's."""
        return Filters(rating="nsfw" if self.is_adult else "sfw", tags=() if tag is None else (tag,))

    def at(self, page: int) -> "Shelf":
        """Another page of the same list."""
        return dataclasses.replace(self, page=page)

    def last(self, total: int) -> "Shelf":
        """The last page of so many characters."""
        return self.at(pages(total) - 1)

    def turned_to(self, offset: int) -> "Shelf":
        """The page that begins after so many characters."""
        return self.at(offset // ON_A_PAGE)

    def by(self, order: Order) -> "Shelf":
        """The beginning of the same characters in another order."""
        return dataclasses.replace(self, order=order, page=0)

    def without_tag(self) -> "Shelf":
        """The same list, not narrowed by a tag."""
        return dataclasses.replace(self, tag=0)


def pages(total: int, on_a_page: int = ON_A_PAGE) -> int:
    """How many pages so many things fill; an empty list has one too."""
    return max(-(-total // on_a_page), 1)
