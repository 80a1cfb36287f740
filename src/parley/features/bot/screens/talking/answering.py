"""One reply from the wish to its last part in the chat, however it was asked for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from parley.features.bot.core.texts import talking as texts
from parley.features.bot.screens.talking import delivering, excuses
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.drafting import Live
from parley.features.bot.screens.talking.stage import Talk
from parley.features.bot.service import Later
from parley.features.characters.core import Character
from parley.features.idempotency.service import Claim
from parley.features.turns.core import AnsweredBefore, Begun, Ended, Wish
from parley.features.turns.service.opening import Asked
from parley.features.turns.service.turns import Turn
from parley.kernel.errors import AppError, Conflict, ServiceUnavailable
from parley.kernel.ids import CharacterId, MessageId


class Kept(msgspec.Struct):
    """What is kept under an update's key: its reply, and the one whose place this took."""

    reply: int
    replaced: int | None


def kept(begun: Begun, ended: Ended) -> str:
    """What to find when the update comes again."""
    replaced = None if begun.replaces is None else begun.replaces.id
    return msgspec.json.encode(Kept(ended.message.id, replaced)).decode()


@dataclass(frozen=True, slots=True)
class Instead:
    """Telegram messages that a reply may take, if this is the message of the chat that it answers or replaces."""

    message: MessageId
    places: Sequence[int]


async def answer(
    caller: Caller, character: Character, wish: Wish, claim: Claim, talk: Talk, instead: Instead | None = None
) -> Later | None:
    """Put the wish in the chat's line, and see it through beside the lane."""
    answering = Answering(caller, talk, instead)
    asked = Asked(caller.person, character, wish, claim)
    try:
        talk.turn = await caller.services.turns.start(asked, kept, answering.begin)
    except Conflict:
        await excuses.say(caller, texts.TOO_MANY_WAIT[caller.language])
        return None
    caller.stage.enter(talk)
    return Later(answering.see_through(talk.turn))


async def deliver_kept(caller: Caller, character: CharacterId, answered: str, tapped: int | None = None) -> None:
    """The update comes again: what is not yet in the chat of the reply that it got."""
    found = msgspec.json.decode(answered, type=Kept)
    reply = await caller.stored(character, MessageId(found.reply))
    if reply is None:
        return
    free = [] if tapped is None else [tapped]
    if found.replaced is not None:
        free = await delivering.places_of(caller, MessageId(found.replaced))
    await delivering.deliver_rest(caller, character, reply, free)


@dataclass(slots=True)
class Answering:
    """One talk, seen through."""

    caller: Caller
    talk: Talk
    instead: Instead | None
    live: Live = field(init=False)
    _begun: Begun | None = None

    def __post_init__(self) -> None:
        self.live = Live(self.caller, self.talk, self._tidy)

    def begin(self, begun: Begun) -> None:
        """The turn begins: whose place the reply takes is settled."""
        self._begun = begun
        if self.instead is not None and self.instead.message == begun.anchor:
            self.talk.places = list(self.instead.places)
        self.live.open(begun)

    async def see_through(self, turn: Turn) -> None:
        """Wait for the reply while it is shown, then deliver it, or say why there is none."""
        try:
            await self._answer(turn)
        except ServiceUnavailable:
            raise
        except AppError as error:
            await self._excuse(error)
        finally:
            self.caller.stage.leave(self.talk)

    async def _answer(self, turn: Turn) -> None:
        # The turn goes on without us if this process ends the update's handling, hence the shields.
        begun = await asyncio.shield(turn.begun)
        if isinstance(begun, AnsweredBefore):
            if begun.reply is not None:
                await delivering.deliver_rest(self.caller, self.talk.character, begun.reply)
            return
        async with self.live.shown():
            ended = await asyncio.shield(turn.ended)
        assert isinstance(ended, Ended)
        if not self.talk.is_superseded:
            await delivering.deliver(self.caller, self.talk.character, ended.message, free=self.talk.places)
            await self.live.tidied()

    async def _excuse(self, error: AppError) -> None:
        if self._begun is None:
            await excuses.before(self.caller, error)
        elif not self.talk.is_superseded:
            await excuses.after(self.caller, self.talk, self._begun, error)

    async def _tidy(self) -> None:
        """The reply before this one is no longer the newest: its buttons go."""
        begun = self._begun
        if begun is None or begun.replaces is not None:
            return
        previous = next((each for each in reversed(begun.scene.history) if each.role == "assistant"), None)
        if previous is None:
            return
        try:
            places = await delivering.places_of(self.caller, previous.id)
        except ServiceUnavailable:
            return  # buttons that stay say that they are out of date
        if places:
            await delivering.without_buttons(self.caller, places[-1])
