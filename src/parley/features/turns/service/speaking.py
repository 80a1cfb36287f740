"""The time with the model: no transaction is open, and whoever asked may be gone.

Pieces are told over the bus as they come, gathered for a moment; a break after some text is mended once.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field

from parley.features.prompts.core import build as prompts
from parley.features.prompts.core.languages import reply_language
from parley.features.turns.core import COALESCE_SECONDS, LONGEST_REPLY, Begun, Stopped, sayable
from parley.kernel.ids import ChatId, MessageId
from parley.kernel.ports import Bus, ChatModel, Clock, Finish, ModelFailed, Partial, Prompt, TextPart


@dataclass(slots=True)
class Speech:
    """A reply while it is being said."""

    bus: Bus
    clock: Clock
    chat: ChatId
    message: MessageId
    text: str = ""
    finish: Finish | None = None
    """The provider's closing word; None while it speaks, and when it broke off."""
    broke_at: int = 0
    """How many code points had been said when the reply broke off and was continued; 0: it did not."""
    _told: int = 0
    """How many code points everyone has been told."""
    _told_at: float = -1.0
    _teller: "asyncio.Task[None] | None" = field(default=None, repr=False)

    @property
    def told(self) -> str:
        """The text that everyone has been told."""
        return self.text[: self._told]

    async def add(self, piece: str) -> None:
        """Take a piece; the first is told at once, later ones gathered."""
        self.text += sayable(piece)
        if self._teller is not None:
            return
        since = self.clock.monotonic() - self._told_at
        if since >= COALESCE_SECONDS:
            await self.tell()
        else:
            self._teller = asyncio.create_task(self._tell_later(COALESCE_SECONDS - since))

    async def _tell_later(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self._teller = None
        await self.tell()

    async def tell(self) -> None:
        """Tell what has not been told."""
        untold, offset = self.text[self._told :], self._told
        if untold:
            self._told, self._told_at = len(self.text), self.clock.monotonic()
            await self.bus.publish(self.chat, Partial(self.message, offset, untold))

    async def end(self) -> None:
        """Tell the rest; no piece comes any more."""
        teller, self._teller = self._teller, None
        if teller is not None:
            teller.cancel()
        await self.tell()


@dataclass(slots=True)
class Speaker:
    """Lets a model answer one turn. `interrupt` ends it early; the text so far stays in the speech."""

    model: ChatModel
    begun: Begun
    speech: Speech
    prompt: Prompt
    stopped: Stopped | None = None
    _task: "asyncio.Task[None] | None" = field(default=None, repr=False)

    async def speak(self) -> None:
        """Say the whole reply, mending one break; raises ModelFailed if there is no text at all."""
        if self.stopped is not None:
            return
        self._task = asyncio.create_task(self._speak())
        try:
            await asyncio.shield(self._task)
        except asyncio.CancelledError:
            self._task.cancel()
            if self.stopped is None:
                raise
        finally:
            await asyncio.gather(self._task, return_exceptions=True)
            await self.speech.end()

    def interrupt(self, why: Stopped) -> None:
        """End the reply now."""
        if self.stopped is None:
            self.stopped = why
        if self._task is not None:
            self._task.cancel()

    async def _speak(self) -> None:
        ends = self.speech.clock.monotonic() + LONGEST_REPLY
        try:
            await self._listen(self.prompt)
        except ModelFailed:
            if not self.speech.text:
                raise
            self.speech.broke_at = len(self.speech.text)
            await self._go_on(ends - self.speech.clock.monotonic())

    async def _go_on(self, left: float) -> None:
        """One attempt to continue in the seconds left (contract §2); if it fails, the text so far is the reply."""
        profile = self.begun.scene.profile.language
        language = reply_language([self.speech.text], profile)
        try:
            async with asyncio.timeout(left):
                await self._listen(prompts.continuation(self.prompt, self.speech.text, language))
        except (ModelFailed, TimeoutError):
            return

    async def _listen(self, prompt: Prompt) -> None:
        async with aclosing(self.model.stream(prompt)) as parts:
            async for part in parts:
                match part:
                    case TextPart(text):
                        await self.speech.add(text)
                    case Finish():
                        self.speech.finish = part
