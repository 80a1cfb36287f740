"""Answer a repeated request as the first time.

Two shapes: a change that fits one transaction (`answer`: key, change and answer become durable together), and a turn,
which waits for a model between two transactions (`claim`, then `keep` or `release`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from parley.features.idempotency import core, store
from parley.features.idempotency.core import Asked
from parley.features.workers.service import Workers
from parley.kernel.errors import Conflict
from parley.kernel.ids import MessageId
from parley.kernel.ports import Clock, Database, Tx
from parley.kernel.wire import millis


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a key, and the message an earlier try left behind."""

    asked: Asked
    message: MessageId | None


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The keeper of first answers."""

    db: Database
    clock: Clock
    workers: Workers

    async def answer(self, asked: Asked | None, change: Callable[[Tx], Awaitable[str]]) -> str:
        """Make the change once and give its JSON answer, the kept one if the request was answered before."""
        async with self.db.begin() as tx:
            if asked is None:
                return await change(tx)
            if not await store.claim(tx, asked, None, self._now()):
                record = await store.record(tx, asked)
                kept = None if record is None else core.replay(asked, record)
                if kept is not None:
                    return kept
            answer = await change(tx)
            await store.keep(tx, asked, answer)
            return answer

    async def claim(self, asked: Asked) -> Claim | str:
        """The right to work on a turn's key, or the kept answer; raises Conflict while another works on it."""
        async with self.db.begin() as tx:
            if await store.claim(tx, asked, self.workers.me, self._now()):
                return Claim(asked, None)
            record = await store.record(tx, asked)
            if record is None:
                raise Conflict
            kept = core.replay(asked, record)
            if kept is not None:
                return kept
            if record.worker is not None and await self.workers.is_alive(tx, record.worker):
                raise Conflict
            if not await store.take_over(tx, asked, self.workers.me, record.worker):
                raise Conflict
            return Claim(asked, record.message_id)

    async def remember_message(self, tx: Tx, claim: Claim, message: MessageId) -> None:
        """Note the stored user message in the transaction that stores it."""
        await store.remember_message(tx, claim.asked, message)

    async def keep(self, tx: Tx, claim: Claim, answer: str) -> None:
        """Keep the turn's answer in the transaction that stores the reply."""
        await store.keep(tx, claim.asked, answer)

    async def release(self, claim: Claim) -> None:
        """The turn failed: the same key may try again."""
        async with self.db.begin() as tx:
            await store.release(tx, claim.asked, self.workers.me)

    async def forget_old(self) -> int:
        """Drop what is past its day; how many."""
        async with self.db.begin() as tx:
            return await store.forget_older(tx, self._now() - core.KEPT_FOR)

    def _now(self) -> int:
        return millis(self.clock.now())
