"""A ChatModel in the test's hands: it says what it was told, when it is told, and remembers what it was asked."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from parley.kernel.ports import Finish, FinishReason, ModelFailed, ModelPart, ModelTraits, Prompt, TextPart

SCRIPTED: ModelTraits = ModelTraits("scripted", context_tokens=8192, reply_tokens=1024)


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer."""

    pieces: tuple[str, ...]
    failure: ModelFailed | None = None
    """Raised after the pieces, instead of a Finish."""
    reason: FinishReason = "stop"
    wait: asyncio.Event | None = None
    """Awaited before every piece but the first, and before the end."""


class ScriptedModel:
    """Says the scripted replies in order; with none left it repeats ``default``."""

    def __init__(self, *replies: str, traits: ModelTraits = SCRIPTED, default: str = "All right.") -> None:
        self._traits = traits
        self._default = default
        self._replies: deque[Reply] = deque()
        self.asked: list[Prompt] = []
        self.closed_early = 0
        """How many streams were closed before their end."""
        self.said = asyncio.Event()
        """Set after every piece said; clear it to wait for the next."""
        for reply in replies:
            self.will_say(reply)

    @property
    def traits(self) -> ModelTraits:
        return self._traits

    def will_say(
        self,
        *pieces: str,
        wait: asyncio.Event | None = None,
        reason: FinishReason = "stop",
        failure: ModelFailed | None = None,
    ) -> None:
        """Queue a reply. One piece is said word by word; several just as they are."""
        parts = _words(pieces[0]) if len(pieces) == 1 else pieces
        self._replies.append(Reply(tuple(parts), failure, reason, wait))

    def will_fail(self, failure: ModelFailed, *, after: tuple[str, ...] = ()) -> None:
        """Queue a reply that breaks off after these pieces."""
        self._replies.append(Reply(after, failure))

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        self.asked.append(prompt)
        reply = self._replies.popleft() if self._replies else Reply(tuple(_words(self._default)))
        has_ended = False
        try:
            for number, piece in enumerate(reply.pieces):
                await _turn(reply, is_first=number == 0)
                self.said.set()
                yield TextPart(piece)
            await _turn(reply, is_first=not reply.pieces)
            has_ended = True
            if reply.failure is not None:
                raise reply.failure
            yield self._finish(prompt, reply)
        finally:
            self.closed_early += not has_ended

    def _finish(self, prompt: Prompt, reply: Reply) -> Finish:
        letters = sum(len(message.content) for message in prompt.messages)
        return Finish(reply.reason, self._traits.name, letters // 4, len(reply.pieces))


async def _turn(reply: Reply, *, is_first: bool) -> None:
    if reply.wait is not None and not is_first:
        await reply.wait.wait()
    else:
        await asyncio.sleep(0)


def _words(text: str) -> list[str]:
    words = text.split(" ")
    return [word if number == 0 else f" {word}" for number, word in enumerate(words)] if text else []
