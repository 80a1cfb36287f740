"""What a person is told when there is no reply: in their language, with a button that helps where one does."""

from collections.abc import Sequence

from aiogram.utils.formatting import Text

from parley.features.bot.core.split import Part
from parley.features.bot.core.texts import talking as texts
from parley.features.bot.screens.showing import Row, Screen, show
from parley.features.bot.screens.talking import delivering, taps
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.stage import Talk
from parley.features.bot.screens.visitors import zone_of
from parley.features.chats.core import LONGEST_MESSAGE
from parley.features.turns.core import Begun
from parley.kernel.errors import AppError, Conflict, DailyLimitExceeded


async def before(caller: Caller, error: AppError) -> None:
    """Why nothing was begun; raises what every screen tells alike."""
    if not isinstance(error, DailyLimitExceeded):
        raise error
    zone = zone_of(caller.person, caller.services)
    await say(caller, texts.used_up(error.limits, caller.language, zone))


async def unreadable(caller: Caller, text: str) -> None:
    """Why a message was not taken: it is too long, or there is nothing in it that can be kept."""
    why = texts.TOO_LONG if len(text.strip()) > LONGEST_MESSAGE else texts.NOTHING_SAID
    await say(caller, why[caller.language])


async def after(caller: Caller, talk: Talk, begun: Begun, error: AppError) -> None:
    """Why what had begun came to no reply. What was said or answered before stands, as long as the chat has it."""
    newest = await caller.newest(talk.character)
    if newest is None or newest.id != begun.anchor:
        await _leave_no_trace(caller, talk, begun)
        return
    if begun.replaces is not None:
        await _restore(caller, talk, begun)
        if isinstance(error, Conflict):
            return
    text = texts.STOPPED if isinstance(error, Conflict) else texts.NO_ANSWER
    free = talk.places if begun.replaces is None else []
    keyboard = taps.try_again(talk.character, begun.anchor, caller.language)
    await say(caller, text[caller.language], keyboard, free[0] if free else None)


async def say(caller: Caller, text: str, rows: Sequence[Row] = (), place: int | None = None) -> None:
    """A sentence of the bot's own, in the message ``place`` if there is one."""
    screen = Screen(Text(text), rows)
    if place is None or not await delivering.rewrite(caller, place, Part(text), screen.keyboard):
        await show(caller.services, caller.person, screen)


async def _restore(caller: Caller, talk: Talk, begun: Begun) -> None:
    """Another reply was tried and did not come: the one that it was to replace stands again."""
    if talk.is_rewritten and begun.replaces is not None:
        places = await delivering.places_of(caller, begun.replaces.id)
        await delivering.deliver(caller, talk.character, begun.replaces, free=places)


async def _leave_no_trace(caller: Caller, talk: Talk, begun: Begun) -> None:
    """The person began anew meanwhile: a reply that was half written goes too."""
    for place in talk.places:
        await delivering.take_away(caller, place, begun.reply_id)
