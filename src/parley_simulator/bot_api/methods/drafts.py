"""What a person sees of a message before it is there: drafts and chat actions."""

from collections.abc import Mapping
from typing import Final

from parley_simulator.bot_api.call import Call, Method
from parley_simulator.bot_api.formatting import text
from parley_simulator.refusal import bad_request
from parley_simulator.state import Draft

_DRAFT_LIVES: Final = 30.0
_ACTION_LIVES: Final = 5.0
_ACTIONS: Final = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "record_audio",
        "upload_audio", "upload_document", "choose_sticker", "pick_up_location", "find_location",
        "record_video_note", "upload_video_note",
    }
)  # fmt: skip


async def send_message_draft(call: Call) -> bool:
    """Show a message as it is being written; the same id changes it, another replaces it."""
    plain, entities = text(call, may_be_empty=True)
    chat = call.open_chat(call.person())
    number = call.params.integer("draft_id")
    if number == 0:
        raise bad_request("RANDOM_ID_INVALID")
    call.world.limits.hint(call.bot.id, chat.id)
    chat.draft = Draft(
        number,
        plain,
        entities,
        expires=call.world.clock.now() + _DRAFT_LIVES,
        can_stop=call.params.flag("can_stop"),
        keep_on_stop=call.params.flag("keep_on_stop"),
    )
    call.world.chat_changed(call.bot, chat.id, ends_after=_DRAFT_LIVES)
    return True


async def send_chat_action(call: Call) -> bool:
    """Show what the bot is doing, for a moment; "cancel" ends it."""
    action = call.params.text("action")
    if action not in _ACTIONS and action != "cancel":
        raise bad_request("wrong parameter action in request")
    chat = call.open_chat(call.person())
    call.world.limits.hint(call.bot.id, chat.id)
    chat.action = None if action == "cancel" else action
    chat.action_expires = call.world.clock.now() + _ACTION_LIVES
    call.world.chat_changed(call.bot, chat.id, ends_after=_ACTION_LIVES)
    return True


METHODS: Final[Mapping[str, Method]] = {"sendMessageDraft": send_message_draft, "sendChatAction": send_chat_action}
