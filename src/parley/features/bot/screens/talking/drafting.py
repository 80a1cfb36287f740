"""A reply is seen while it is written: as a draft, or where the server knows none, as a message that is edited.

Every look at it may be left out. None is on its way any more when the reply itself is sent: a draft that comes after it
would stand in the chat for half a minute.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramNotFound
from aiogram.methods import SendChatAction, SendMessageDraft

from parley.features.bot.core import drafting as core
from parley.features.bot.core.drafting import Pace, Show, Type, Wait
from parley.features.bot.core.split import NOTHING, Part, preview
from parley.features.bot.screens.talking import taps
from parley.features.bot.screens.talking.caller import Caller
from parley.features.bot.screens.talking.delivering import new_message, new_text, offer
from parley.features.bot.screens.talking.stage import Talk
from parley.features.turns.core import Begun
from parley.kernel.ports import Partial, Signal, Typing

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Live:
    """Shows one reply while it is written."""

    caller: Caller
    talk: Talk
    tidy: Callable[[], Awaitable[None]]
    """Something to be done in a quiet moment, once."""
    _begun: Begun | None = None
    _pace: Pace = field(default_factory=lambda: core.began(0.0))
    _text: str = ""
    _last: str = ""
    _is_tidy: bool = False
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _silence: Callable[[], None] = lambda: None

    def open(self, begun: Begun) -> None:
        """Look from here on: called in the step in which the turn begins, so nothing of it is missed."""
        self._begun = begun
        self.talk.draft = core.draft_of(begun.reply_id)
        self._pace = core.began(self._now())
        self._silence = self.caller.services.chats.bus.listen(begun.chat.id, self._hear)

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """While the block waits for the reply, what there is of it is shown; after the block nothing is."""
        drawing = asyncio.create_task(self._draw())
        try:
            yield
        except asyncio.CancelledError:
            drawing.cancel()
            raise
        finally:
            self._silence()
            self._end()
            await asyncio.gather(drawing, return_exceptions=True)

    async def tidied(self) -> None:
        """See to it that what waits for a quiet moment is done."""
        if not self._is_tidy:
            self._is_tidy = True
            await self.tidy()

    def _hear(self, signal: Signal) -> None:
        match signal:
            case Partial():
                self._read()
            case Typing(is_typing=False):
                self._end()
            case _:
                return

    def _read(self) -> None:
        """The reply is written in this process: it is read whole, and no lost piece leaves a gap in it."""
        assert self._begun is not None
        writing = self.caller.services.turns.writing(self._begun.chat.id)
        if writing is not None and writing.message_id == self._begun.reply_id:
            self._text = writing.text
            self._came.set()

    def _end(self) -> None:
        self._over.set()
        self._came.set()

    # --- the loop

    async def _draw(self) -> None:
        try:
            while not self._over.is_set():
                await self._step()
        except TelegramAPIError as refusal:
            # The reply itself will meet it too, and there it is settled.
            log.info("draft_refused", kind=type(refusal).__name__)
        except Exception:
            log.exception("draft_broke")

    async def _step(self) -> None:
        self._came.clear()
        match core.step(self._pace, len(self._text), self._now()):
            case Show():
                await self._show(self._text)
            case Type():
                await self._type()
            case Wait(seconds, for_text):
                await self._wait(self._came if for_text else self._over, seconds)

    async def _type(self) -> None:
        action = SendChatAction(chat_id=self.caller.telegram_chat, action="typing")
        await self.caller.services.outgoing.offer(action)
        self._pace = core.typed(self._pace, self._now())
        if not self._text:
            await self.tidied()

    async def _show(self, text: str) -> None:
        shown = preview(text)
        is_new = shown.text not in {NOTHING, self._last}
        if is_new and not await self._offered(shown):
            self._pace = core.left_out(self._pace, self._now())
            return
        self._last = shown.text
        self._pace = core.showed(self._pace, len(text), self._now())

    async def _offered(self, shown: Part) -> bool:
        """Whether the person sees it."""
        if self.talk.draft is None or self.talk.places or not self._may_draft:
            return await self._written(shown)
        try:
            return await self._drafted(shown, self.talk.draft)
        except (TelegramBadRequest, TelegramNotFound) as refusal:
            if self._last:
                raise  # this server knows drafts; it is this text that it does not like
            log.warning("drafts_not_possible", kind=type(refusal).__name__)
            self.caller.stage.drafts_refused_until = self._now() + core.DRAFTS_REFUSED_FOR
            return await self._written(shown)

    @property
    def _may_draft(self) -> bool:
        return self._now() >= self.caller.stage.drafts_refused_until

    async def _drafted(self, shown: Part, draft: int) -> bool:
        method = SendMessageDraft(
            chat_id=self.caller.telegram_chat,
            draft_id=draft,
            text=shown.text,
            entities=shown.entities,
            parse_mode=None,
            can_stop=True,
        )
        is_taken = await offer(self.caller, method)
        return is_taken is not None

    async def _written(self, shown: Part) -> bool:
        """The text so far in a message of its own, which the reply will take."""
        so_far = Part(core.unfinished(shown.text), shown.entities)
        keyboard = taps.stop(self.talk.character, self.caller.language)
        if self.talk.places:
            is_shown = (
                await offer(self.caller, new_text(self.caller, self.talk.places[0], so_far, keyboard)) is not None
            )
            self.talk.is_rewritten |= is_shown
            return is_shown
        sent = await offer(self.caller, new_message(self.caller, so_far, keyboard))
        if sent is not None:
            self.talk.places.append(sent.message_id)
        return sent is not None

    async def _wait(self, event: asyncio.Event, seconds: float | None) -> None:
        """Wait for the event, at most so long."""
        waits: list[asyncio.Task[object]] = [asyncio.create_task(event.wait())]
        if seconds is not None:
            waits.append(asyncio.create_task(self.caller.services.clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _now(self) -> float:
        return self.caller.services.clock.monotonic()
