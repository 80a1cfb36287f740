"""A stored reply comes to stand in the chat: part by part, each noted as soon as it is there.

A process that dies on the way leaves at most the one part that was sent and not yet noted to come a second time.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import DeleteMessage, EditMessageReplyMarkup, EditMessageText, SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardMarkup

from parley.features.bot.core import delivery as core
from parley.features.bot.core.delivery import Placed
from parley.features.bot.core.dialogs import Delivered
from parley.features.bot.core.split import Part, parts
from parley.features.bot.screens.showing import NO_PREVIEW
from parley.features.bot.screens.talking import taps
from parley.features.bot.screens.talking.caller import Caller
from parley.features.chats.core import Message
from parley.kernel.ids import CharacterId, MessageId

_PLAINER: Final = ({"entities": None}, {"reply_markup": None})
"""What a text can do without, one after the other."""

Answer = TypeVar("Answer")


async def send(caller: Caller, method: TelegramMethod[Answer]) -> Answer:
    """A call that must take place; without its marks, then without its buttons, where Telegram refuses it with them.

    A reply must not be lost for what adorns it. Raises what Telegram says of the bare text.
    """
    for plainer in _PLAINER:
        try:
            return await caller.services.outgoing.send(method)
        except TelegramBadRequest as refusal:
            if core.meaning(refusal.message) in {"same", "gone"}:
                raise
            method = method.model_copy(update=plainer)
    return await caller.services.outgoing.send(method)


async def offer(caller: Caller, method: TelegramMethod[Answer]) -> Answer | None:
    """A call that may be left out; without its marks where Telegram refuses it with them."""
    try:
        return await caller.services.outgoing.offer(method)
    except TelegramBadRequest as refusal:
        if core.meaning(refusal.message) != "unreadable":
            raise
        return await caller.services.outgoing.offer(method.model_copy(update=_PLAINER[0]))


def new_message(caller: Caller, shown: Part, keyboard: InlineKeyboardMarkup | None) -> SendMessage:
    """The call that shows a part in a message of its own."""
    return SendMessage(
        chat_id=caller.telegram_chat,
        text=shown.text,
        entities=shown.entities,
        parse_mode=None,
        link_preview_options=NO_PREVIEW,
        reply_markup=keyboard,
    )


def new_text(
    caller: Caller, telegram_message: int, shown: Part, keyboard: InlineKeyboardMarkup | None
) -> EditMessageText:
    """The call that shows a part in a message that is there."""
    return EditMessageText(
        chat_id=caller.telegram_chat,
        message_id=telegram_message,
        text=shown.text,
        entities=shown.entities,
        parse_mode=None,
        link_preview_options=NO_PREVIEW,
        reply_markup=keyboard,
    )


async def deliver(
    caller: Caller, character: CharacterId, reply: Message, *, free: Sequence[int] = (), done: Collection[int] = ()
) -> None:
    """Make the reply stand in the chat: in the ``free`` Telegram messages first, then in new ones.

    ``done``: its parts that stand there already.
    """
    shown = parts(reply.text)
    plan = core.plan(len(shown), done, free)
    for placed in plan.parts:
        is_last = placed.part == len(shown) - 1
        message = await _put(caller, placed, shown[placed.part], taps.under(reply, character) if is_last else None)
        delivered = Delivered(caller.telegram_chat, message, reply.id, placed.part)
        await caller.services.dialogs.deliver(caller.person.id, character, delivered)
    for surplus in plan.surplus:
        await take_away(caller, surplus, reply.id)


async def deliver_rest(caller: Caller, character: CharacterId, reply: Message, free: Sequence[int] = ()) -> None:
    """The like for a reply of which a process that died may have delivered some parts."""
    stand = await caller.services.dialogs.delivered(caller.person.id, reply.id)
    taken = {each.telegram_message for each in stand}
    left = [place for place in free if place not in taken]
    await deliver(caller, character, reply, free=left, done={each.part for each in stand})


async def places_of(caller: Caller, reply: MessageId) -> list[int]:
    """The Telegram messages in which the reply stands, in order."""
    return [each.telegram_message for each in await caller.services.dialogs.delivered(caller.person.id, reply)]


async def without_buttons(caller: Caller, telegram_message: int) -> None:
    """Take the buttons from under a message, if there is room for it; one that stays answers that it is out of date."""
    bare = EditMessageReplyMarkup(chat_id=caller.telegram_chat, message_id=telegram_message, reply_markup=None)
    with suppress(TelegramBadRequest):  # they are gone, or the message is
        await caller.services.outgoing.offer(bare)


async def _put(caller: Caller, placed: Placed, shown: Part, keyboard: InlineKeyboardMarkup | None) -> int:
    """Put a part where it belongs; the Telegram message that it stands in."""
    if placed.telegram_message is not None and await rewrite(caller, placed.telegram_message, shown, keyboard):
        return placed.telegram_message
    sent = await send(caller, new_message(caller, shown, keyboard))
    return sent.message_id


async def rewrite(caller: Caller, telegram_message: int, shown: Part, keyboard: InlineKeyboardMarkup | None) -> bool:
    """Give a message of the bot another text; False if it is there no more."""
    try:
        await send(caller, new_text(caller, telegram_message, shown, keyboard))
    except TelegramBadRequest as refusal:
        match core.meaning(refusal.message):
            case "gone":
                return False
            case "same":
                return True
            case _:
                raise
    return True


async def take_away(caller: Caller, telegram_message: int, reply: MessageId) -> None:
    """A message that shows nothing of the reply any more."""
    delete = DeleteMessage(chat_id=caller.telegram_chat, message_id=telegram_message)
    with suppress(TelegramBadRequest):  # the person was faster
        await caller.services.outgoing.send(delete)
    gone = Delivered(caller.telegram_chat, telegram_message, reply, 0)
    await caller.services.dialogs.withdraw(caller.person.id, gone)
