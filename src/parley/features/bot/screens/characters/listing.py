"""Pages of the catalogue, and the tags they are narrowed by."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery

from parley.features.bot.core import shelf as places
from parley.features.bot.core.shelf import ORDERS_TO_CHOOSE, TAGS_ON_A_PAGE, Shelf
from parley.features.bot.core.texts import characters as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.characters import searching
from parley.features.bot.screens.characters.pages import page_at, rows_of
from parley.features.bot.screens.characters.taps import Browse, Search, Tags
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Row, Screen, button, on_command, paging, show, two_a_row
from parley.features.bot.screens.visitors import viewer_of
from parley.features.bot.service import Toast
from parley.features.characters.core import Tag
from parley.features.identity.core import Person
from parley.kernel.sentences import Language


def router() -> Router:
    """`/characters` and the buttons of its lists."""
    fresh = Router(name="listing")
    fresh.message.register(_open, on_command("characters"))
    fresh.callback_query.register(_browse, Browse.filter())
    fresh.callback_query.register(_tags, Tags.filter())
    return fresh


async def _open(_: object, command: CommandObject, services: BotServices, person: Person, language: Language) -> None:
    if command.args:
        await searching.show_found(services, person, language, command.args, Shelf("q"))
        return
    await show(services, person, await _shelf_screen(services, person, language, Shelf()))


async def _browse(
    query: CallbackQuery, callback_data: Browse, services: BotServices, person: Person, language: Language
) -> Toast | None:
    if callback_data.order == "q":
        return await searching.browse(query, callback_data.shelf, services, person, language)
    await show(services, person, await _shelf_screen(services, person, language, callback_data.shelf), query)
    return None


async def _shelf_screen(services: BotServices, person: Person, language: Language, shelf: Shelf) -> Screen:
    """A page; a tag that is no longer used narrows nothing."""
    tag = await _tag_of(services, shelf)
    shelf = shelf if tag is not None else shelf.without_tag()
    name = None if tag is None else tag.name
    viewer, filters = viewer_of(person), shelf.filters(name)
    page = await page_at(shelf, lambda window: services.characters.page(viewer, filters, shelf.sort, window))
    shelf = shelf.turned_to(page.window.offset)
    text = texts.shelf(page.entries, page.total, shelf.order, name, language, is_adult=shelf.is_adult)
    rows = [*rows_of(page, shelf), *_ways(person, shelf, name, language)]
    return Screen(text, rows)


async def _tag_of(services: BotServices, shelf: Shelf) -> Tag | None:
    if not shelf.tag:
        return None
    return next((tag for tag in await services.characters.tags() if tag.id == shelf.tag), None)


def _ways(person: Person, shelf: Shelf, tag: str | None, language: Language) -> list[Row]:
    """Other orders, tags, search, and what is for adults."""
    orders = [
        button(words.chosen(texts.ORDERS[order][language], is_it=order == shelf.order), Browse.at(shelf.by(order)))
        for order in ORDERS_TO_CHOOSE
    ]
    tags = texts.TAGS[language] if tag is None else words.chosen(texts.tag(tag, language), is_it=True)
    narrower = [button(tags, Tags(order=shelf.order, adult=shelf.is_adult))]
    if person.is_adult_confirmed:
        other = Shelf(shelf.order, shelf.tag, not shelf.is_adult)
        narrower.append(button(words.chosen(words.ADULTS_ONLY, is_it=shelf.is_adult), Browse.at(other)))
    return [orders, [*narrower, button(texts.SEARCH[language], Search())]]


# --- tags


async def _tags(
    query: CallbackQuery, callback_data: Tags, services: BotServices, person: Person, language: Language
) -> None:
    tags = await services.characters.tags()
    count = places.pages(len(tags), TAGS_ON_A_PAGE)
    page = min(callback_data.page, count - 1)
    shelf = Shelf(callback_data.order, 0, callback_data.adult)
    labels = [
        button(texts.tag(tag.name, language), Browse.at(Shelf(shelf.order, tag.id, shelf.is_adult)))
        for tag in tags[page * TAGS_ON_A_PAGE : (page + 1) * TAGS_ON_A_PAGE]
    ]
    turning = paging(page, count, lambda number: Tags(order=shelf.order, adult=shelf.is_adult, page=number))
    back = texts.ANY_TAG[language] if tags else words.BACK[language]
    text = texts.tags_heading(language) if tags else texts.no_tags(language)
    await show(services, person, Screen(text, [*two_a_row(labels), turning, [button(back, Browse.at(shelf))]]), query)
