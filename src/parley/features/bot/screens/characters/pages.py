"""A page of the catalogue, however it was found, and the buttons under it."""

from collections.abc import Awaitable, Callable

from aiogram.types import InlineKeyboardButton

from parley.features.bot.core import shelf as places
from parley.features.bot.core.shelf import Shelf
from parley.features.bot.core.texts import characters as texts
from parley.features.bot.screens.characters.taps import Browse, Look
from parley.features.bot.screens.showing import Row, button, paging
from parley.features.characters.core import CataloguePage, Entry, Window


async def page_at(shelf: Shelf, read: Callable[[Window], Awaitable[CataloguePage]]) -> CataloguePage:
    """The page, or the last one if the list has become shorter."""
    page = await read(shelf.window)
    return page if page.entries or not page.total else await read(shelf.last(page.total).window)


def rows_of(page: CataloguePage, shelf: Shelf) -> list[Row]:
    """A button for each character, and those that turn the page."""
    names: list[Row] = [[_name(entry, shelf)] for entry in page.entries]
    return [*names, paging(shelf.page, places.pages(page.total), lambda number: Browse.at(shelf.at(number)))]


def _name(entry: Entry, shelf: Shelf) -> InlineKeyboardButton:
    return button(texts.label(entry), Look.from_shelf(entry.id, shelf))
