"""The buttons of the catalogue."""

from typing import Annotated, Self

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from parley.features.bot.core.shelf import Order, Shelf
from parley.kernel.ids import MAX_ID

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
IdOrNone = Annotated[int, Field(ge=0, le=MAX_ID)]
"""0 stands for none."""
Page = Annotated[int, Field(ge=0, le=99_999)]


class Browse(CallbackData, prefix="list"):
    """Show a page of the catalogue."""

    order: Order = "p"
    tag: IdOrNone = 0
    adult: bool = False
    page: Page = 0

    @classmethod
    def at(cls, shelf: Shelf) -> Self:
        """The button that leads there."""
        return cls(order=shelf.order, tag=shelf.tag, adult=shelf.is_adult, page=shelf.page)

    @property
    def shelf(self) -> Shelf:
        """Where it leads."""
        return Shelf(self.order, self.tag, self.adult, self.page)


class Tags(CallbackData, prefix="tags"):
    """Show the tags to choose one from; the order and the rating stay."""

    order: Order
    adult: bool
    page: Page = 0


class Look(CallbackData, prefix="card"):
    """Show a character's card, and from where it was reached."""

    character: Id
    order: Order = "p"
    tag: IdOrNone = 0
    adult: bool = False
    page: Page = 0

    @classmethod
    def from_shelf(cls, character: int, shelf: Shelf) -> Self:
        """The button on a shelf that shows this character."""
        return cls(character=character, order=shelf.order, tag=shelf.tag, adult=shelf.is_adult, page=shelf.page)

    @property
    def shelf(self) -> Shelf:
        """Where to go back to."""
        return Shelf(self.order, self.tag, self.adult, self.page)


class Talk(CallbackData, prefix="talk"):
    """Talk with this character from now on."""

    character: Id


class Leave(CallbackData, prefix="leave"):
    """Talk with nobody from now on."""


class Search(CallbackData, prefix="find"):
    """Ask for a word to search for."""
