"""A person says something in the chat, and the character answers."""

from dataclasses import replace

from aiogram.types import Message

from parley.features.bot.core.dialogs import Dialog, Heard, client_id
from parley.features.bot.screens import age
from parley.features.bot.screens.chosen import chosen
from parley.features.bot.screens.showing import show
from parley.features.bot.screens.talking import delivering, excuses
from parley.features.bot.screens.talking.answering import answer
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.stage import Talk
from parley.features.bot.service import Later
from parley.features.characters.core import Character
from parley.features.turns import core as turns
from parley.features.turns.core import Say
from parley.kernel.errors import AgeConfirmationRequired, InvalidInput
from parley.kernel.ids import CharacterId


async def said(message: Message, caller: Caller, dialog: Dialog) -> Later | None:
    """What is said to the chosen character. An update that comes again is said to the one it was said to before."""
    services, person, chat = caller.services, caller.person, caller.telegram_chat
    heard = await services.dialogs.heard(person.id, chat, message.message_id)
    if heard is not None:
        dialog = replace(dialog, character=heard.character)
    try:
        character = await chosen(services, person, dialog, caller.language)
        wish = turns.say(message.text or "", client_id(message.message_id))
    except AgeConfirmationRequired:
        assert dialog.character is not None
        await show(services, person, age.question(caller.language, dialog.character))
        return None
    except InvalidInput:
        await excuses.unreadable(caller, message.text or "")
        return None
    if character is None:
        return None
    if heard is None:
        await services.dialogs.hear(Heard(person.id, chat, message.message_id, character.id))
    return await _answered(caller, character, wish, message.message_id)


async def _answered(caller: Caller, character: Character, wish: Say, telegram_message: int) -> Later | None:
    """Answer once, however often the update comes."""
    claim = await caller.claim("bot message", wish.text)
    if isinstance(claim, str):
        return Later(_deliver_stored(caller, character.id, wish.client_id or ""))
    if claim.message is not None and await caller.stored(character.id, claim.message) is None:
        await caller.services.idempotency.release(claim)
        return None  # the person began anew while no process was there to answer
    talk = Talk(caller.telegram_chat, character.id, telegram_message)
    return await answer(caller, character, wish, claim, talk)


async def _deliver_stored(caller: Caller, character: CharacterId, own_id: str) -> None:
    """The reply that the message has got by now: it may be another than the first."""
    _, reply = await caller.said(character, own_id)
    if reply is not None and reply.role == "assistant":
        await delivering.deliver_rest(caller, character, reply)
