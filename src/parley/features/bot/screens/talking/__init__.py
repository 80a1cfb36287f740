"""Talking with a character in the chat itself.

`listening` → `answering` (the turn) → `drafting` (while it is written) → `delivering` (what is stored);
`again`, `editing` and `stopping` are what a person may do about a reply; `excuses` say why there is none.
`stage` knows what goes on at this moment.

The turn is one like any other, so the person's Mini App shows it live, word by word. The other way round a bot cannot
speak in a person's name: what is said in the Mini App, and what is answered there, is not repeated into Telegram. Both
stand in one history, so the character knows of it here too.

A reply's rest comes as `Later`: it ends by itself when its turn does, also when the turns are drained.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import F, Router
from aiogram.types import TelegramObject

from parley.features.bot.screens.talking import again, editing, listening, stopping, taps
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.stage import Stage


def router() -> Router:
    """Handlers of messages to characters, of their edits, and of the buttons under replies."""
    talking, stage = Router(name="talking"), Stage()

    async def calling(
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]], event: TelegramObject, data: dict[str, Any]
    ) -> Any:
        caller = Caller(data["services"], stage, data["person"], data["language"], data["update_id"])
        return await handler(event, {**data, "caller": caller})

    observers = (talking.message, talking.edited_message, talking.callback_query, talking.stopped_message_generation)
    for observer in observers:
        observer.middleware(calling)
    talking.message.register(listening.said, F.text)
    talking.edited_message.register(editing.edited, F.text, ~F.text.startswith("/"))
    talking.callback_query.register(again.again, taps.Again.filter())
    talking.callback_query.register(again.switched, taps.Variant.filter())
    talking.callback_query.register(stopping.stop_tapped, taps.Stop.filter())
    talking.stopped_message_generation.register(stopping.draft_stopped)
    return talking
