"""The person has read enough: the reply ends where it is, and what there is of it stays."""

from aiogram.types import CallbackQuery, MessageGenerationStopped

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import talking as texts
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.taps import Stop
from parley.features.bot.service import Toast
from parley.kernel.ids import CharacterId


async def draft_stopped(event: MessageGenerationStopped, caller: Caller, dialog: Dialog) -> None:
    """The button under a draft."""
    talks = caller.stage.talks(caller.telegram_chat)
    # A process that began after the draft knows none, and takes it for one of the chosen character's.
    chosen = None if talks else dialog.character
    character = next((talk.character for talk in talks if talk.draft == event.draft_id), chosen)
    if character is not None:
        await stop(caller, character)


async def stop_tapped(_query: CallbackQuery, callback_data: Stop, caller: Caller) -> Toast:
    """The button under a reply that is written into a message."""
    stopped = await stop(caller, CharacterId(callback_data.character))
    return Toast((texts.STOPPING if stopped else texts.NOTHING_TO_STOP)[caller.language])


async def stop(caller: Caller, character: CharacterId) -> bool:
    """End the running reply; whether there was one."""
    async with caller.services.chats.db.begin() as tx:
        return await caller.services.turns.stop(tx, caller.person.id, character)
