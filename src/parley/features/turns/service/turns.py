"""Turns, from the wish to the stored reply. A turn is a task of its own: it outlives whoever asked for it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from parley.features.chats.service import Chats
from parley.features.idempotency.service import Idempotency
from parley.features.prompts.core import build as prompts
from parley.features.prompts.core.build import Built, PromptTooLong
from parley.features.turns import store
from parley.features.turns.core import AnsweredBefore, Begun, Ended
from parley.features.turns.service.closing import Answer, Closing
from parley.features.turns.service.opening import Asked, ChatTaken, Opening
from parley.features.turns.service.queue import Place, TurnQueue
from parley.features.turns.service.speaking import Speaker, Speech
from parley.features.workers.service import BEAT_EVERY
from parley.kernel.errors import AppError, Conflict, LlmError, ServiceUnavailable
from parley.kernel.ids import CharacterId, ChatId, UserId
from parley.kernel.ports import (
    Bus,
    ChatModel,
    Clock,
    Database,
    Joined,
    ModelFailed,
    Partial,
    Rewound,
    Signal,
    StopAsked,
    TurnFailed,
    Tx,
    Typing,
)

_ASK_AGAIN: Final = 0.2
"""Seconds between two looks at a chat that another process answers in."""
_TRY_AGAIN: Final = 1.0
"""Seconds between two tries to undo a failed turn while the database is away."""
_WAIT_FOR_CHAT: Final = 180.0
"""Seconds after which waiting for another process's turn ends: longer than any generation may take."""

log = structlog.get_logger(__name__)


OnBegun = Callable[[Begun], None]


@dataclass(slots=True, eq=False)
class Turn:
    """A turn on its way. Both futures fail with the AppError that ended it."""

    begun: asyncio.Future[Begun | AnsweredBefore]
    ended: asyncio.Future[Ended | AnsweredBefore]
    on_begun: OnBegun | None

    @classmethod
    def waiting(cls, on_begun: OnBegun | None) -> "Turn":
        """A turn that has not begun."""
        loop = asyncio.get_running_loop()
        turn = cls(loop.create_future(), loop.create_future(), on_begun)
        for future in (turn.begun, turn.ended):
            # Nobody may be left to look: the bus has told everyone who is.
            future.add_done_callback(lambda done: None if done.cancelled() else done.exception() and None)
        return turn

    def begin(self, begun: Begun | AnsweredBefore) -> None:
        """Tell whoever waits that it has begun."""
        if self.on_begun is not None and isinstance(begun, Begun):
            self.on_begun(begun)
        self.begun.set_result(begun)

    def fail(self, error: AppError) -> None:
        """Tell whoever waits."""
        for future in (self.begun, self.ended):
            if not future.done():
                future.set_exception(error)


@dataclass(slots=True)
class Turns:
    """Answers people. One generation a chat at a time; what waits is neither stored nor counted."""

    db: Database
    bus: Bus
    clock: Clock
    model: ChatModel
    chats: Chats
    idempotency: Idempotency
    opening: Opening
    closing: Closing
    _queue: TurnQueue = field(default_factory=TurnQueue)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)
    _speakers: dict[ChatId, Speaker] = field(default_factory=dict, repr=False)
    _scale: float = 1.0
    _is_closing: bool = False

    async def start(self, asked: Asked, answer: Answer, on_begun: OnBegun | None = None) -> Turn:
        """Put a turn in the chat's line; raises Conflict when that is full, ServiceUnavailable on the way down.

        ``answer`` makes the JSON that is kept under the request's idempotency key; ``on_begun`` is called in the very
        step in which the turn begins, before anything else is told of it.
        """
        try:
            if self._is_closing:
                raise ServiceUnavailable
            place = self._queue.join((asked.person.id, asked.character.id))
        except AppError:
            await self._release(asked)
            raise
        turn = Turn.waiting(on_begun)
        task = asyncio.create_task(self._run(turn, asked, place, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return turn

    async def stop(self, tx: Tx, user: UserId, character: CharacterId) -> bool:
        """End the chat's running generation and keep the text so far; whether one was running."""
        chat = await self.chats.open(tx, user, character)
        turn = await store.ask_stop(tx, user, chat.id)
        if turn is None:
            return False
        tx.after_commit(lambda: self.bus.publish(chat.id, StopAsked(turn)))
        return True

    @property
    def under_way(self) -> int:
        """How many turns wait or run in this process."""
        return len(self._tasks)

    def writing(self, chat: ChatId) -> Partial | None:
        """The reply being written in the chat by this process, whole so far: for those who come in the middle."""
        speaker = self._speakers.get(chat)
        return None if speaker is None else Partial(speaker.begun.reply_id, 0, speaker.speech.told)

    async def drain(self, seconds: float) -> None:
        """Take no more turns; let the running ones finish, then end them with what they have."""
        self._is_closing = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for speaker in list(self._speakers.values()):
            speaker.interrupt("shutdown")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- the story

    async def _run(self, turn: Turn, asked: Asked, place: Place, answer: Answer) -> None:
        try:
            async with place.turn():
                await self._take_turn(turn, asked, answer)
        except AppError as error:
            await self._release(asked)
            turn.fail(error)
        except asyncio.CancelledError:
            turn.fail(ServiceUnavailable())
            raise
        except Exception:  # a fault of ours must still free the chat and reach the person as internal_error
            log.exception("turn_broke")
            await self._release(asked)
            turn.fail(AppError())

    async def _take_turn(self, turn: Turn, asked: Asked, answer: Answer) -> None:
        begun = await self._begin(asked)
        if isinstance(begun, AnsweredBefore):
            turn.begin(begun)
            await self._release(asked)
            turn.ended.set_result(begun)
            return
        try:
            turn.begin(begun)
            turn.ended.set_result(await self._answer(asked, begun, answer))
        except BaseException as error:
            await self._give_up(turn, begun, error)
            raise

    async def _begin(self, asked: Asked) -> Begun | AnsweredBefore:
        """Open the turn, waiting while another process answers in the chat."""
        until = self.clock.monotonic() + _WAIT_FOR_CHAT
        while self.clock.monotonic() < until and not self._is_closing:
            try:
                return await self.opening.begin(asked)
            except ChatTaken:
                await self.clock.sleep(_ASK_AGAIN)
        raise ServiceUnavailable

    async def _answer(self, asked: Asked, begun: Begun, answer: Answer) -> Ended:
        built = self._prompt(begun)
        speech = Speech(self.bus, self.clock, begun.chat.id, begun.reply_id)
        speaker = Speaker(self.model, begun, speech, built.prompt)
        await self.bus.publish(begun.chat.id, Typing(is_typing=True))
        with self._hearing(speaker):
            try:
                await speaker.speak()
            except ModelFailed as failure:
                log.warning("model_failed", kind=failure.kind, status=failure.status)
                raise LlmError from failure
        self._require_wanted(speaker)
        self._learn(built, speech)
        await self.bus.publish(begun.chat.id, Typing(is_typing=False))
        return await self.closing.store(asked, begun, speech, built.receipt, answer)

    def _prompt(self, begun: Begun) -> Built:
        try:
            return prompts.build(begun.scene, self.model.traits, scale=self._scale)
        except PromptTooLong as error:
            log.warning("prompt_too_long", character=begun.chat.character, context=self.model.traits.context_tokens)
            raise LlmError from error

    def _require_wanted(self, speaker: Speaker) -> None:
        """A stop without any text, or a message gone in the meantime, leaves nothing to store."""
        if speaker.stopped == "unwanted":
            raise Conflict
        if speaker.speech.text.strip():
            return
        match speaker.stopped:
            case "stop":
                raise Conflict
            case "shutdown":
                raise ServiceUnavailable
            case None:
                raise LlmError

    def _learn(self, built: Built, speech: Speech) -> None:
        counted = None if speech.finish is None or speech.broke_at else speech.finish.prompt_tokens
        self._scale = prompts.learnt_scale(self._scale, built.receipt.estimated_tokens, counted)

    async def _give_up(self, turn: Turn, begun: Begun, error: BaseException) -> None:
        """Free the chat, give the unit back, tell everyone; then the error goes on its way."""
        told = error if isinstance(error, AppError) else ServiceUnavailable()
        held = await self._persistently(turn, told, lambda: self.closing.give_up(begun.chat.id, begun.turn))
        if held is not False:  # else whoever took the lease has told everyone
            await self.bus.publish(begun.chat.id, Typing(is_typing=False))
            await self.bus.publish(begun.chat.id, TurnFailed(told.code))

    async def _release(self, asked: Asked) -> None:
        """Let the request's key be tried again."""
        claim = asked.claim
        if claim is not None:
            await self._persistently(None, None, lambda: self.idempotency.release(claim))

    async def _persistently(
        self, turn: Turn | None, told: AppError | None, undo: Callable[[], Awaitable[object]]
    ) -> object:
        """Undo what a failed turn holds. While the database is away nobody waits for it, but it is tried again."""
        while True:
            try:
                return await undo()
            except ServiceUnavailable:
                log.warning("undo_postponed")
                if turn is not None and told is not None:
                    turn.fail(told)
                if self._is_closing:
                    return None  # the next process recovers what this one leaves
                await self.clock.sleep(_TRY_AGAIN)

    # --- what may cut a reply short

    async def watch_stops(self) -> None:
        """Heed stops whose signal got lost, until cancelled."""
        while True:
            await self.clock.sleep(BEAT_EVERY)
            if self._speakers:
                await self._heed_stops()

    async def _heed_stops(self) -> None:
        try:
            async with self.db.read() as tx:
                stopped = await store.stop_asked(tx, self.idempotency.workers.me)
        except ServiceUnavailable:
            return
        for chat in stopped:
            if chat in self._speakers:
                self._speakers[chat].interrupt("stop")

    @contextmanager
    def _hearing(self, speaker: Speaker) -> Iterator[None]:
        """While a reply is spoken: known to those who come in, and open to a stop."""
        chat = speaker.begun.chat.id
        reactions: set[asyncio.Task[None]] = set()

        def react(reaction: Coroutine[None, None, None]) -> None:
            task = asyncio.create_task(reaction)
            reactions.add(task)
            task.add_done_callback(reactions.discard)

        def on_signal(signal: Signal) -> None:
            match signal:
                case StopAsked(turn) if turn == speaker.begun.turn:
                    speaker.interrupt("stop")
                case Rewound():
                    react(self._stop_if_unwanted(speaker))
                case Joined():
                    react(self._tell_again(speaker))
                case _:
                    return

        self._speakers[chat] = speaker
        silence = self.bus.listen(chat, on_signal)
        try:
            yield
        finally:
            silence()
            del self._speakers[chat]

    async def _tell_again(self, speaker: Speaker) -> None:
        """Somebody came in the middle, perhaps on another process: the reply from its beginning."""
        chat = speaker.begun.chat.id
        writing = self.writing(chat)
        if writing is not None:
            await self.bus.publish(chat, Typing(is_typing=True))
            await self.bus.publish(chat, writing)

    async def _stop_if_unwanted(self, speaker: Speaker) -> None:
        """The chat was rewound: is the message still there that this reply answers?"""
        begun = speaker.begun
        try:
            async with self.db.read() as tx:
                anchor = await self.chats.message_in(tx, begun.chat, begun.anchor)
        except ServiceUnavailable:
            return  # closing the turn looks again
        if anchor is None:
            speaker.interrupt("unwanted")
