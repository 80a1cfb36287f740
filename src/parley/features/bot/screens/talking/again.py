"""The buttons under a reply: another reply in its place, and the way back to those before."""

from aiogram.types import CallbackQuery

from parley.features.bot.core.texts import talking as texts
from parley.features.bot.screens.talking import delivering
from parley.features.bot.screens.talking.answering import Instead, answer, deliver_kept
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.stage import Talk
from parley.features.bot.screens.talking.taps import Again, Variant
from parley.features.bot.service import Later, Toast
from parley.features.characters.core import Character
from parley.features.chats.core import Message
from parley.features.limits.core import REGENERATE
from parley.features.turns.core import Regenerate
from parley.kernel.errors import MessageNotFound, NotFound
from parley.kernel.ids import CharacterId, MessageId


async def again(query: CallbackQuery, callback_data: Again, caller: Caller) -> Later | Toast | None:
    """Answer the chat's newest message anew, if it still is the one that the button was made for."""
    wanted, newest = CharacterId(callback_data.character), MessageId(callback_data.newest)
    if caller.stage.with_character(caller.telegram_chat, wanted):
        return Toast(texts.STILL_ANSWERING[caller.language])
    character = await caller.visible(wanted)
    await caller.count(REGENERATE)
    return await _answered_anew(caller, character, newest, _message_of(query))


async def _answered_anew(
    caller: Caller, character: Character, newest: MessageId, tapped: int | None
) -> Later | Toast | None:
    """Once, however often the tap comes."""
    claim = await caller.claim("bot again", f"{character.id} {newest}")
    if isinstance(claim, str):
        return Later(deliver_kept(caller, character.id, claim, tapped))
    stands = await caller.newest(character.id)
    if stands is None or stands.id != newest:
        await caller.services.idempotency.release(claim)
        return await _out_of_date(caller, tapped)
    places = await delivering.places_of(caller, newest) or ([] if tapped is None else [tapped])
    talk = Talk(caller.telegram_chat, character.id)
    return await answer(caller, character, Regenerate(), claim, talk, Instead(newest, places))


async def switched(query: CallbackQuery, callback_data: Variant, caller: Caller) -> Later | Toast | None:
    """Show another of the newest reply's variants, here and in the Mini App."""
    character, wanted = CharacterId(callback_data.character), MessageId(callback_data.reply)
    if caller.stage.with_character(caller.telegram_chat, character):
        return Toast(texts.STILL_ANSWERING[caller.language])
    newest = await caller.newest(character)
    if newest is None or newest.id != wanted:
        return await _out_of_date(caller, _message_of(query))
    if callback_data.number == newest.variant:
        return Toast(texts.which_variant(callback_data.number, newest.variants_count, caller.language))
    try:
        reply = await _selected(caller, character, wanted, callback_data.number)
    except (MessageNotFound, NotFound):
        return await _out_of_date(caller, _message_of(query))
    return Later(_put_in_place(caller, character, reply))


async def _selected(caller: Caller, character: CharacterId, reply: MessageId, number: int) -> Message:
    chats = caller.services.chats
    async with chats.db.begin() as tx:
        return await chats.select_variant(tx, caller.person.id, character, reply, number)


async def _put_in_place(caller: Caller, character: CharacterId, reply: Message) -> None:
    places = await delivering.places_of(caller, reply.id)
    await delivering.deliver(caller, character, reply, free=places)


async def _out_of_date(caller: Caller, tapped: int | None) -> Toast:
    if tapped is not None:
        await delivering.without_buttons(caller, tapped)
    return Toast(texts.OUT_OF_DATE[caller.language])


def _message_of(query: CallbackQuery) -> int | None:
    return None if query.message is None else query.message.message_id
