"""The last transaction of a turn: the reply and all that hangs on it, or the unit given back."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from parley.features.characters.service import Characters
from parley.features.chats.core import Reply, as_message
from parley.features.chats.service import Chats
from parley.features.idempotency.service import Idempotency
from parley.features.limits.service import Limits
from parley.features.prompts.core.build import Receipt
from parley.features.prompts.core.foreign import estimated_tokens
from parley.features.turns import store
from parley.features.turns.core import LONGEST_MODEL_NAME, MOST_TOKENS, Begun, Ended
from parley.features.turns.service.opening import Asked
from parley.features.turns.service.speaking import Speech
from parley.kernel.errors import Conflict
from parley.kernel.ids import ChatId, TurnId
from parley.kernel.ports import Clock, Database, Tx
from parley.kernel.text import one_line
from parley.kernel.wire import millis

Answer = Callable[[Begun, Ended], str]
"""Turns a finished turn into the JSON that a repeated request gets."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Ends turns."""

    db: Database
    clock: Clock
    chats: Chats
    limits: Limits
    characters: Characters
    idempotency: Idempotency

    async def store(self, asked: Asked, begun: Begun, speech: Speech, receipt: Receipt, answer: Answer) -> Ended:
        """Store the reply; raises Conflict if the turn lost its lease or nobody wants the reply any more."""
        reply = self._reply(begun, speech, receipt)
        async with self.db.begin() as tx:
            if not await store.end(tx, begun.chat.id, begun.turn):
                raise Conflict
            seq = await self._said(tx, begun, reply)
            await self.limits.settle(tx, begun.turn)
            await self.characters.count_use(tx, asked.character.id, messages=0 if begun.replaces else 2)
            ended = Ended(as_message(reply, begun.replaces), seq)
            if asked.claim is not None:
                await self.idempotency.keep(tx, asked.claim, answer(begun, ended))
        return ended

    async def _said(self, tx: Tx, begun: Begun, reply: Reply) -> int:
        """Store the reply, if what it answers is still there: looked at when no one else can take it away any more."""
        if begun.replaces is not None:
            return await self.chats.replace_reply(tx, begun.chat, begun.replaces, reply)
        seq = await self.chats.add_reply(tx, begun.chat, reply)
        if await self.chats.message_in(tx, begun.chat, begun.anchor) is None:
            raise Conflict
        return seq

    async def give_up(self, chat: ChatId, turn: TurnId) -> bool:
        """Free the chat and give the unit back; False if the turn had lost its lease, and somebody else did so."""
        async with self.db.begin() as tx:
            held = await store.end(tx, chat, turn)
            if held:
                await self.limits.refund(tx, turn)
        return held

    def _reply(self, begun: Begun, speech: Speech, receipt: Receipt) -> Reply:
        finish = speech.finish
        return Reply(
            begun.reply_id,
            speech.text,
            self._now(),
            _tokens(speech),
            one_line(receipt.model if finish is None else finish.model, LONGEST_MODEL_NAME),
            is_partial=finish is None,
            receipt=msgspec.json.encode(receipt).decode(),
        )

    def _now(self) -> int:
        return millis(self.clock.now())


def _tokens(speech: Speech) -> int:
    """What the reply cost: the provider's count where there is one. It counts a continuation by itself."""
    counted = None if speech.finish is None else speech.finish.completion_tokens
    if counted is None:
        return estimated_tokens(speech.text, 1.0)
    before = estimated_tokens(speech.text[: speech.broke_at], 1.0)
    return min(max(counted, 0), MOST_TOKENS - before) + before
