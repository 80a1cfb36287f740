"""The buttons under a reply and under what the bot says instead of one. Ids in a tap are checked like a stranger's."""

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from parley.features.bot.core.texts import talking as texts
from parley.features.bot.screens.characters.taps import Id, Page
from parley.features.bot.screens.showing import Row, button
from parley.features.chats.core import Message
from parley.kernel.ids import CharacterId, MessageId
from parley.kernel.sentences import Language


class Again(CallbackData, prefix="again"):
    """Another reply, or the one that never came, as long as this message is the newest of the chat."""

    character: Id
    newest: Id


class Variant(CallbackData, prefix="variant"):
    """Show another of a reply's variants."""

    character: Id
    reply: Id
    number: Page


class Stop(CallbackData, prefix="stop"):
    """End the reply that is being written."""

    character: Id


def under(reply: Message, character: CharacterId) -> InlineKeyboardMarkup:
    """The buttons under the newest reply: another one, and the way between those there are."""
    row = [button(texts.ANOTHER, Again(character=character, newest=reply.id))]
    if reply.variants_count > 1:
        row = [*_variants(reply, character), *row]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def _variants(reply: Message, character: CharacterId) -> list[InlineKeyboardButton]:
    number, count = reply.variant, reply.variants_count

    def to(shown: str, other: int) -> InlineKeyboardButton:
        return button(shown, Variant(character=character, reply=reply.id, number=other))

    earlier, later = max(number - 1, 1), min(number + 1, count)
    return [to(texts.EARLIER, earlier), to(f"{number}/{count}", number), to(texts.LATER, later)]


def try_again(character: CharacterId, newest: MessageId, language: Language) -> list[Row]:
    """The button under an apology."""
    return [[button(texts.TRY_AGAIN[language], Again(character=character, newest=newest))]]


def stop(character: CharacterId, language: Language) -> InlineKeyboardMarkup:
    """The button under a reply that is being written into a message."""
    return InlineKeyboardMarkup(inline_keyboard=[[button(texts.STOP[language], Stop(character=character))]])
