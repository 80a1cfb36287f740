"""A person corrects what they said: the newest message is answered anew, of an older one only the text changes."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from aiogram.types import Message

from parley.features.bot.core.dialogs import client_id
from parley.features.bot.screens.talking import delivering, excuses
from parley.features.bot.screens.talking.answering import Instead, answer, deliver_kept
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.stage import Talk
from parley.features.bot.screens.talking.stopping import stop
from parley.features.bot.service import Later
from parley.features.characters.core import Character
from parley.features.chats.core import Message as Stored
from parley.features.idempotency.service import Claim
from parley.features.limits.core import REGENERATE
from parley.features.turns import core as turns
from parley.features.turns.core import Regenerate
from parley.kernel.errors import InvalidInput, MessageNotFound


async def edited(message: Message, caller: Caller) -> Later | None:
    """A message of the person has another text. What was never said to a character concerns nobody."""
    heard = await caller.services.dialogs.heard(caller.person.id, caller.telegram_chat, message.message_id)
    if heard is None:
        return None
    character = await caller.visible(heard.character)
    try:
        text = turns.say(message.text or "").text
    except InvalidInput:
        await excuses.unreadable(caller, message.text or "")
        return None
    await caller.count(REGENERATE)
    correction = Correction(caller, character, message.message_id, text)
    waiting = correction.waiting()
    # Only what stands in the line is waited for beside the lane; the rest is done before the next message is heard.
    return await correction.make() if waiting is None else Later(correction.make_after(waiting))


@dataclass(frozen=True, slots=True)
class Correction:
    """One edit of one message."""

    caller: Caller
    character: Character
    telegram_message: int
    text: str

    def waiting(self) -> Talk | None:
        """The talk of this message, while it stands in the line."""
        return next(
            (talk for talk in self._talks() if talk.telegram_message == self.telegram_message and talk.waits), None
        )

    async def make_after(self, waiting: Talk) -> None:
        """Make it as soon as the message is stored."""
        if waiting.turn is not None:
            await asyncio.wait({waiting.turn.begun})
        later = await self.make()
        if later is not None:
            await later.rest

    async def make(self) -> Later | None:
        """Give the message its text; if it is the newest that was said, end its answer and give another."""
        claim = await self.caller.claim("bot edit", self.text)
        if isinstance(claim, str):
            return Later(deliver_kept(self.caller, self.character.id, claim))
        said, reply = await self._found()
        if said is None or (said.text == self.text and claim.message is None):
            await self._done(claim)
            return None
        if not await self._is_newest(said, reply):
            await self._write(said)
            await self._done(claim)
            return None
        silenced = await self._silence()
        await self._note(claim, said)
        await self._write(said)
        return await self._answer_anew(claim, silenced)

    async def _found(self) -> tuple[Stored | None, Stored | None]:
        """The message and its reply, as they stand."""
        said, following = await self.caller.said(self.character.id, client_id(self.telegram_message))
        return said, following if following is not None and following.role == "assistant" else None

    async def _is_newest(self, said: Stored, reply: Stored | None) -> bool:
        """Whether nothing was said after it, and nothing waits to be."""
        if any(talk.telegram_message not in {None, self.telegram_message} for talk in self._talks()):
            return False
        newest = await self.caller.newest(self.character.id)
        return newest is not None and newest.id == (said if reply is None else reply).id

    async def _silence(self) -> list[int]:
        """End every answer to the old text; the Telegram messages that they had taken."""
        talks = self._talks()
        for talk in talks:
            talk.is_superseded = True
        await stop(self.caller, self.character.id)
        for talk in talks:
            await talk.over.wait()
        return [place for talk in talks for place in talk.places]

    async def _note(self, claim: Claim, said: Stored) -> None:
        """An edit that comes again after this is one that was begun, although the text is there already."""
        idempotency = self.caller.services.idempotency
        async with idempotency.db.begin() as tx:
            await idempotency.remember_message(tx, claim, said.id)

    async def _write(self, said: Stored) -> None:
        with suppress(MessageNotFound):  # the person began anew meanwhile
            await self.caller.services.chats.edit(self.caller.person.id, self.character.id, said.id, self.text)

    async def _answer_anew(self, claim: Claim, silenced: list[int]) -> Later | None:
        said, reply = await self._found()
        newest = said if reply is None else reply
        if newest is None:
            await self._done(claim)
            return None
        places = [] if reply is None else await delivering.places_of(self.caller, reply.id)
        if self._talks():  # more was said while this waited: the answer that was cut short is the one there is
            await self._done(claim)
            return None if reply is None else Later(delivering.deliver_rest(self.caller, self.character.id, reply))
        instead = Instead(newest.id, [*places, *(place for place in silenced if place not in places)])
        talk = Talk(self.caller.telegram_chat, self.character.id, self.telegram_message)
        return await answer(self.caller, self.character, Regenerate(), claim, talk, instead)

    async def _done(self, claim: Claim) -> None:
        """There is nothing to answer."""
        await self.caller.services.idempotency.release(claim)

    def _talks(self) -> list[Talk]:
        return self.caller.stage.with_character(self.caller.telegram_chat, self.character.id)
