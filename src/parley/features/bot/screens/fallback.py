"""The last to be asked: what nobody else took."""

from typing import Final

from aiogram import Router
from aiogram.enums import ChatMemberStatus, ContentType
from aiogram.methods import AnswerPreCheckoutQuery
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, PreCheckoutQuery
from aiogram.utils.formatting import Text

from parley.features.bot.core.texts import fallback as texts
from parley.features.bot.core.texts import words
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, show
from parley.features.bot.service import Toast
from parley.features.identity.core import Person
from parley.kernel.sentences import Language

_SAID_WITHOUT_WORDS: Final = frozenset(
    {
        ContentType.ANIMATION, ContentType.AUDIO, ContentType.CONTACT, ContentType.DICE, ContentType.DOCUMENT,
        ContentType.GAME, ContentType.LOCATION, ContentType.PAID_MEDIA, ContentType.PHOTO, ContentType.POLL,
        ContentType.STICKER, ContentType.STORY, ContentType.VENUE, ContentType.VIDEO, ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)  # fmt: skip
"""What people send to be seen or heard. The other kinds are Telegram's own notes, and nobody waits for an answer."""


def router() -> Router:
    """Messages without text, taps that lead nowhere, payments for nothing, and who blocks the bot."""
    fresh = Router(name="fallback")
    fresh.message.register(_read_text_only, _is_without_words)
    fresh.callback_query.register(_out_of_date)
    fresh.pre_checkout_query.register(_nothing_for_sale)
    fresh.my_chat_member.register(_allowed_or_not)
    return fresh


async def _is_without_words(message: Message) -> bool:
    return message.content_type in _SAID_WITHOUT_WORDS


async def _read_text_only(_: Message, services: BotServices, person: Person, language: Language) -> None:
    await show(services, person, Screen(Text(texts.TEXT_ONLY[language])))


async def _out_of_date(_: CallbackQuery, language: Language) -> Toast:
    return Toast(words.OUT_OF_DATE[language])


async def _nothing_for_sale(query: PreCheckoutQuery, services: BotServices, language: Language) -> None:
    await services.outgoing.send(
        AnswerPreCheckoutQuery(pre_checkout_query_id=query.id, ok=False, error_message=texts.NOTHING_FOR_SALE[language])
    )


async def _allowed_or_not(event: ChatMemberUpdated, services: BotServices, person: Person) -> None:
    is_blocked = event.new_chat_member.status in {ChatMemberStatus.KICKED, ChatMemberStatus.LEFT}
    await services.dialogs.set_blocked(person.id, is_blocked=is_blocked)
