"""Several providers behind one door: what is asked of them goes through the same tries, fallbacks and breakers."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

from parley.adapters.llm.attempt import RelayAttempt, ReplyAttempt
from parley.adapters.llm.breaker import BreakerState
from parley.adapters.llm.observer import ModelObserver
from parley.adapters.llm.tries import STANDARD_BUDGET, Begin, Budget, Tries
from parley.kernel.ports import (
    Chance,
    ChatModel,
    Clock,
    Completion,
    CompletionModel,
    CompletionRequest,
    ModelPart,
    ModelTraits,
    Prompt,
    TextPart,
)

_PATIENCE: Final = 2.0
"""Seconds a provider may ask a completion to wait: clients of this API wait by themselves when they are told to."""


class ModelRouter:
    """ChatModel over an ordered list of them. Before the first text it tries again and elsewhere, after it never."""

    def __init__(
        self,
        models: Sequence[ChatModel],
        clock: Clock,
        chance: Chance,
        observer: ModelObserver,
        budget: Budget = STANDARD_BUDGET,
    ) -> None:
        self._models = tuple(models)
        self._clock = clock
        self._observer = observer
        self.tries = Tries(len(self._models), clock, chance, budget)
        self._traits = _common_traits([model.traits for model in self._models])

    @property
    def traits(self) -> ModelTraits:
        return self._traits

    def breaker_states(self) -> tuple[BreakerState, ...]:
        """For metrics, in the order of the providers."""
        return self.tries.breaker_states()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        async def begin(provider: int, until: float) -> tuple[ReplyAttempt, TextPart]:
            model = self._models[provider]
            attempt = ReplyAttempt(provider, model.traits.name, model.stream(prompt), self._clock, self._observer)
            return attempt, await attempt.begin(until)

        ends = self.tries.ends()
        attempt, first = await self.tries.begun(begin, ends, self.tries.budget.first_text)
        try:
            yield first
            while (part := await attempt.next(ends)) is not None:
                yield part
        finally:
            await attempt.close()


class CompletionRouter:
    """CompletionModel over the same providers as a ModelRouter, by the same tries."""

    def __init__(self, models: Sequence[CompletionModel], tries: Tries, clock: Clock, observer: ModelObserver) -> None:
        self._models = tuple(models)
        self._tries = tries
        self._clock = clock
        self._observer = observer
        self._traits = _common_traits([model.traits for model in self._models])

    @property
    def traits(self) -> ModelTraits:
        return self._traits

    async def complete(self, request: CompletionRequest) -> Completion:
        ends = self._tries.ends()
        begin = self._beginning(lambda model: _alone(model, request))
        attempt, whole = await self._tries.begun(begin, ends, self._tries.budget.total, _PATIENCE)
        try:
            await attempt.next(ends)
        finally:
            await attempt.close()
        return whole

    async def relay(self, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        ends = self._tries.ends()
        begin = self._beginning(lambda model: model.relay(request))
        attempt, first = await self._tries.begun(begin, ends, self._tries.budget.first_text, _PATIENCE)
        try:
            yield first
            while (piece := await attempt.next(ends)) is not None:
                yield piece
        finally:
            await attempt.close()

    def _beginning(
        self, parts: Callable[[CompletionModel], AsyncGenerator[Completion, None]]
    ) -> Begin[tuple[RelayAttempt, Completion]]:
        async def begin(provider: int, until: float) -> tuple[RelayAttempt, Completion]:
            model = self._models[provider]
            attempt = RelayAttempt(provider, model.traits.name, parts(model), self._clock, self._observer)
            return attempt, await attempt.begin(until)

        return begin


async def _alone(model: CompletionModel, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
    """A whole answer as a stream of one piece."""
    yield await model.complete(request)


def _common_traits(traits: Sequence[ModelTraits]) -> ModelTraits:
    """The first model's, with bounds that hold for all: a prompt is built once and may go to any of them."""
    return ModelTraits(
        name=traits[0].name,
        context_tokens=min(each.context_tokens for each in traits),
        reply_tokens=min(each.reply_tokens for each in traits),
        languages=traits[0].languages,
        most_choices=min(each.most_choices for each in traits),
    )
