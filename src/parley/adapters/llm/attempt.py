"""One call to one provider, timed and reported."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

from parley.adapters.llm.observer import AttemptEnded, ModelObserver, Outcome
from parley.kernel.ports import Clock, Completion, FailureKind, Finish, ModelFailed, ModelPart, TextPart

Part = TypeVar("Part")
First = TypeVar("First")


class Attempt(ABC, Generic[Part, First]):
    """A call under way. `begin`, then `next` until None; `close` in any case."""

    def __init__(
        self, provider: int, model: str, parts: AsyncGenerator[Part, None], clock: Clock, observer: ModelObserver
    ) -> None:
        self._provider = provider
        self._model = model
        self._parts = parts
        self._clock = clock
        self._observer = observer
        self._started = clock.monotonic()
        self._first_text_seconds: float | None = None
        self._is_reported = False
        self._prompt_tokens: int | None = None
        self._completion_tokens: int | None = None
        observer.attempt_started(provider)

    async def begin(self, until: float) -> First:
        """The first part that says something. Raises ModelFailed, also if the reply ends without any; then it is
        closed.
        """
        first = None
        try:
            first = await self._first(until)
        finally:
            if first is None:
                await self.close()
        self._first_text_seconds = self._clock.monotonic() - self._started
        return first

    @abstractmethod
    async def _first(self, until: float) -> First:
        """The first part that says something."""

    @abstractmethod
    async def next(self, until: float) -> Part | None:
        """The next part; None after the last. Raises ModelFailed."""

    async def close(self) -> None:
        """End the call, whatever its state."""
        await self._parts.aclose()
        self._report("stopped")

    async def _awaited(self, until: float) -> Part | None:
        try:
            async with asyncio.timeout(max(0.0, until - self._clock.monotonic())):
                return await anext(self._parts, None)
        except TimeoutError:
            raise self._failed("timeout") from None
        except ModelFailed as failure:
            self._report(failure.kind)
            raise

    def _failed(self, kind: FailureKind) -> ModelFailed:
        self._report(kind)
        return ModelFailed(kind)

    def _report(self, outcome: Outcome) -> None:
        if self._is_reported:
            return
        self._is_reported = True
        self._observer.attempt_ended(
            AttemptEnded(
                provider=self._provider,
                model=self._model,
                outcome=outcome,
                seconds=self._clock.monotonic() - self._started,
                first_text_seconds=self._first_text_seconds,
                prompt_tokens=self._prompt_tokens,
                completion_tokens=self._completion_tokens,
            )
        )


class ReplyAttempt(Attempt[ModelPart, TextPart]):
    """A reply in text. It has begun with the first text that is not blank."""

    _is_finished = False

    async def _first(self, until: float) -> TextPart:
        held = ""
        while not held.strip():
            match await self._awaited(until):
                case TextPart(text):
                    held += text
                case Finish("content_filter"):
                    raise self._failed("bad_request")
                case _:
                    raise self._failed("protocol")
        return TextPart(held)

    async def next(self, until: float) -> ModelPart | None:
        if self._is_finished:
            return None
        part = await self._awaited(until)
        if part is None:
            raise self._failed("protocol")
        if isinstance(part, Finish):
            self._is_finished = True
            self._prompt_tokens, self._completion_tokens = part.prompt_tokens, part.completion_tokens
            self._report("ok")
        return part


class RelayAttempt(Attempt[Completion, Completion]):
    """An answer that is passed on, whole or in pieces. An empty one is an answer too, once it says why."""

    async def _first(self, until: float) -> Completion:
        part = await self._awaited(until)
        if part is None or not part.choices:
            raise self._failed("protocol")
        self._note(part)
        return part

    async def next(self, until: float) -> Completion | None:
        part = await self._awaited(until)
        if part is None:
            self._report("ok")
            return None
        self._note(part)
        return part

    def _note(self, part: Completion) -> None:
        if part.usage is not None:
            self._prompt_tokens, self._completion_tokens = part.usage.prompt_tokens, part.usage.completion_tokens
