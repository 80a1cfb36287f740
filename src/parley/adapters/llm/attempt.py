"""One call to one provider, timed and reported."""

import asyncio

from parley.adapters.llm.observer import AttemptEnded, ModelObserver, Outcome
from parley.kernel.ports import ChatModel, Clock, FailureKind, Finish, ModelFailed, ModelPart, Prompt, TextPart


class Attempt:
    """A call under way. `begin`, then `next` until None; `close` in any case."""

    def __init__(self, provider: int, model: ChatModel, prompt: Prompt, clock: Clock, observer: ModelObserver) -> None:
        self._provider = provider
        self._model = model
        self._clock = clock
        self._observer = observer
        self._parts = model.stream(prompt)
        self._started = clock.monotonic()
        self._first_text_seconds: float | None = None
        self._finish: Finish | None = None
        self._is_reported = False
        observer.attempt_started(provider)

    async def begin(self, until: float) -> TextPart:
        """The first text that is not blank. Raises ModelFailed, also if the reply ends without any."""
        held = ""
        while not held.strip():
            part = await self._awaited(until)
            match part:
                case TextPart(text):
                    held += text
                case Finish("content_filter"):
                    raise self._failed("bad_request")
                case _:
                    raise self._failed("protocol")
        self._first_text_seconds = self._clock.monotonic() - self._started
        return TextPart(held)

    async def next(self, until: float) -> ModelPart | None:
        """The next part; None after the Finish. Raises ModelFailed."""
        if self._finish is not None:
            return None
        part = await self._awaited(until)
        if part is None:
            raise self._failed("protocol")
        if isinstance(part, Finish):
            self._finish = part
            self._report("ok")
        return part

    async def close(self) -> None:
        """End the call, whatever its state."""
        await self._parts.aclose()
        self._report("stopped")

    async def _awaited(self, until: float) -> ModelPart | None:
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
        finish = self._finish
        self._observer.attempt_ended(
            AttemptEnded(
                provider=self._provider,
                model=self._model.traits.name,
                outcome=outcome,
                seconds=self._clock.monotonic() - self._started,
                first_text_seconds=self._first_text_seconds,
                prompt_tokens=finish.prompt_tokens if finish else None,
                completion_tokens=finish.completion_tokens if finish else None,
            )
        )
