"""Search. What was searched for stands in the message that shows the results, so further pages find it there."""

from aiogram import Bot, Router
from aiogram.enums import MessageEntityType
from aiogram.types import CallbackQuery, Message
from aiogram.utils.formatting import Text

from parley.features.bot.core import shown
from parley.features.bot.core.shelf import LONGEST_QUERY, Shelf
from parley.features.bot.core.texts import characters as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.characters.pages import page_at, rows_of
from parley.features.bot.screens.characters.taps import Browse, Search
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, ask, button, show
from parley.features.bot.screens.visitors import viewer_of
from parley.features.bot.service import Toast
from parley.features.identity.core import Person
from parley.kernel.sentences import Language


def router() -> Router:
    """The button that asks for a word, and the reply to it."""
    fresh = Router(name="searching")
    fresh.callback_query.register(_ask, Search.filter())
    fresh.message.register(_answer, _is_answer)
    return fresh


async def _ask(_: CallbackQuery, services: BotServices, person: Person, language: Language) -> None:
    await ask(services, person, Text(texts.QUESTION[language]), texts.PLACEHOLDER[language])


async def _is_answer(message: Message, bot: Bot) -> bool:
    """Whether the message replies to our question, in whichever language it was asked. A command is none."""
    asked = message.reply_to_message
    if asked is None or asked.from_user is None or asked.from_user.id != bot.id or not message.text:
        return False
    return asked.text in texts.QUESTION.values() and not message.text.startswith("/")


async def _answer(message: Message, services: BotServices, person: Person, language: Language) -> None:
    await show_found(services, person, language, message.text or "", Shelf("q"))


async def browse(
    tap: CallbackQuery, shelf: Shelf, services: BotServices, person: Person, language: Language
) -> Toast | None:
    """Turn to another page of the search that the tapped message shows."""
    query = query_of(tap)
    if query is None:
        return Toast(words.OUT_OF_DATE[language])
    await show_found(services, person, language, query, shelf, tap)
    return None


def query_of(tap: CallbackQuery) -> str | None:
    """What was searched for: the first bold words of the message that bears the button."""
    message = tap.message
    if not isinstance(message, Message) or message.text is None:
        return None
    marked = next((each for each in message.entities or () if each.type == MessageEntityType.BOLD), None)
    return None if marked is None else marked.extract_from(message.text).strip() or None


async def show_found(
    services: BotServices,
    person: Person,
    language: Language,
    query: str,
    shelf: Shelf,
    tap: CallbackQuery | None = None,
) -> None:
    """A page of what the words find."""
    query = shown.line(query, LONGEST_QUERY)
    viewer, filters = viewer_of(person), shelf.filters(None)
    page = await page_at(shelf, lambda window: services.characters.search(viewer, query, filters, window))
    shelf = shelf.turned_to(page.window.offset)
    ways = [button(texts.ALL[language], Browse()), button(texts.SEARCH[language], Search())]
    text = texts.found(query, page.entries, page.total, language)
    await show(services, person, Screen(text, [*rows_of(page, shelf), ways]), tap)
