"""Chats, and the taps on inline buttons."""

from collections.abc import Mapping
from typing import Final

from parley_simulator.bot_api.call import Call, Method
from parley_simulator.refusal import bad_request
from parley_simulator.wire import Json

_LONGEST_ANSWER: Final = 200


async def get_chat(call: Call) -> Json:
    """What the bot may know of a private chat."""
    person = call.person()
    if person.id not in call.bot.chats:
        raise bad_request("chat not found")
    usernames = {"active_usernames": [person.username]} if person.username else {}
    return person.chat | usernames | {
        "accent_color_id": person.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
    }  # fmt: skip


async def answer_callback_query(call: Call) -> bool:
    """Answer a tap: the person's button stops spinning, and they read the text. The first answer counts."""
    text = call.params.text("text")
    number = call.params.text("callback_query_id")
    callback = call.world.callbacks.get(number)
    if callback is None or callback.bot != call.bot.id or callback.expires < call.world.clock.now():
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(text) > _LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if not callback.answered:
        callback.answered = True
        callback.text = text or None
        callback.show_alert = call.params.flag("show_alert")
        callback.url = call.params.text("url") or None
        call.world.watchers.tell(
            kind="callback", id=number, text=callback.text, show_alert=callback.show_alert, url=callback.url
        )
    return True


METHODS: Final[Mapping[str, Method]] = {"getChat": get_chat, "answerCallbackQuery": answer_callback_query}
