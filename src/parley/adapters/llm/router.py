"""Several providers behind one door: retries, fallbacks, breakers and the deadline. The only retry loop there is."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final

from parley.adapters.llm.attempt import Attempt
from parley.adapters.llm.breaker import Breaker, BreakerState
from parley.adapters.llm.observer import ModelObserver
from parley.adapters.llm.retry import most_telling, pause_before_retry
from parley.kernel.ports import Chance, ChatModel, Clock, ModelFailed, ModelPart, ModelTraits, Prompt, TextPart


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds a reply may take (contract §2)."""

    first_text: float = 30.0
    """For the first text of one provider, its retries included."""
    total: float = 120.0
    """For the whole reply, all providers included."""


STANDARD_BUDGET: Final = Budget()


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
        self._chance = chance
        self._observer = observer
        self._budget = budget
        self._breakers = [Breaker() for _ in self._models]
        self._traits = _common_traits([model.traits for model in self._models])

    @property
    def traits(self) -> ModelTraits:
        return self._traits

    def breaker_states(self) -> tuple[BreakerState, ...]:
        """For metrics, in the order of the providers."""
        now = self._clock.monotonic()
        return tuple(breaker.state(now) for breaker in self._breakers)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        ends = self._clock.monotonic() + self._budget.total
        attempt, first = await self._begun(prompt, ends)
        try:
            yield first
            while (part := await attempt.next(ends)) is not None:
                yield part
        finally:
            await attempt.close()

    async def _begun(self, prompt: Prompt, ends: float) -> tuple[Attempt, TextPart]:
        """The first attempt that gave text. Raises the most telling failure."""
        failures: list[ModelFailed] = []
        for provider in range(len(self._models)):
            begun = await self._begun_at(provider, prompt, ends, failures)
            if begun is not None:
                return begun
            if self._clock.monotonic() >= ends:
                break
        raise most_telling(failures)

    async def _begun_at(
        self, provider: int, prompt: Prompt, ends: float, failures: list[ModelFailed]
    ) -> tuple[Attempt, TextPart] | None:
        """An attempt with this provider, retries included; None after adding to the failures."""
        until = min(ends, self._clock.monotonic() + self._budget.first_text)
        tries = 0
        while True:
            try:
                return await self._tried(provider, prompt, until)
            except ModelFailed as failure:
                failures.append(failure)
            tries += 1
            left = until - self._clock.monotonic()
            pause = pause_before_retry(failures[-1], tries, left, self._chance.fraction())
            if pause is None:
                return None
            await self._clock.sleep(pause)

    async def _tried(self, provider: int, prompt: Prompt, until: float) -> tuple[Attempt, TextPart]:
        is_probe = self._admitted_as_probe(provider)
        attempt = Attempt(provider, self._models[provider], prompt, self._clock, self._observer)
        first = None
        try:
            first = await attempt.begin(until)
        except ModelFailed as failure:
            self._breakers[provider] = self._breakers[provider].failed(failure.kind, self._clock.monotonic())
            raise
        finally:
            if first is None:
                if is_probe:
                    self._breakers[provider] = self._breakers[provider].released()
                await attempt.close()
        self._breakers[provider] = self._breakers[provider].succeeded()
        return attempt, first

    def _admitted_as_probe(self, provider: int) -> bool:
        """Pass the breaker; whether this call decides if it closes. Raises ModelFailed when it is shut."""
        now = self._clock.monotonic()
        breaker = self._breakers[provider].admitted(now)
        if breaker is None:
            raise ModelFailed("breaker", retry_after=self._breakers[provider].wait(now))
        self._breakers[provider] = breaker
        return breaker.state(now) == "half_open"


def _common_traits(traits: Sequence[ModelTraits]) -> ModelTraits:
    """The first model's, with bounds that hold for all: a prompt is built once and may go to any of them."""
    return ModelTraits(
        name=traits[0].name,
        context_tokens=min(each.context_tokens for each in traits),
        reply_tokens=min(each.reply_tokens for each in traits),
        languages=traits[0].languages,
    )
