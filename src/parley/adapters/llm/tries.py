"""Several providers in order: which to call, when again, when to leave one alone. The only retry loop there is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from parley.adapters.llm.breaker import Breaker, BreakerState
from parley.adapters.llm.retry import most_telling, pause_before_retry
from parley.kernel.ports import Chance, Clock, ModelFailed


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds a reply may take (contract §2)."""

    first_text: float = 30.0
    """For the first text of one provider, its retries included."""
    total: float = 120.0
    """For the whole reply, all providers included."""


STANDARD_BUDGET: Final = Budget()

Begun = TypeVar("Begun")
Begin = Callable[[int, float], Awaitable[Begun]]
"""Begin an answer at the provider of this place until this moment; raises ModelFailed."""


class Tries:
    """Tries again and elsewhere until an answer has begun, after that never. Whoever shares it shares the breakers."""

    def __init__(self, providers: int, clock: Clock, chance: Chance, budget: Budget = STANDARD_BUDGET) -> None:
        self._clock = clock
        self._chance = chance
        self._breakers = [Breaker() for _ in range(providers)]
        self.budget = budget

    def breaker_states(self) -> tuple[BreakerState, ...]:
        """For metrics, in the order of the providers."""
        now = self._clock.monotonic()
        return tuple(breaker.state(now) for breaker in self._breakers)

    def ends(self) -> float:
        """When an answer asked for now must be whole, by the clock's monotonic seconds."""
        return self._clock.monotonic() + self.budget.total

    async def begun(self, begin: Begin[Begun], ends: float, within: float, patience: float = float("inf")) -> Begun:
        """The first answer that began; ``within``: seconds one provider has for it. Raises the most telling failure.

        ``patience``: a provider that asks for more seconds than this is not waited for: the caller is told.
        """
        failures: list[ModelFailed] = []
        for provider in range(len(self._breakers)):
            until = min(ends, self._clock.monotonic() + within)
            begun = await self._begun_at(provider, begin, until, patience, failures)
            if begun is not None:
                return begun
            if self._clock.monotonic() >= ends:
                break
        raise most_telling(failures)

    async def _begun_at(
        self, provider: int, begin: Begin[Begun], until: float, patience: float, failures: list[ModelFailed]
    ) -> Begun | None:
        """An answer of this provider, retries included; None after adding to the failures."""
        tries = 0
        while True:
            try:
                return await self._tried(provider, begin, until)
            except ModelFailed as failure:
                failures.append(failure)
            tries += 1
            left = until - self._clock.monotonic()
            pause = pause_before_retry(failures[-1], tries, left, self._chance.fraction())
            if pause is None or (failures[-1].retry_after or 0.0) > patience:
                return None
            await self._clock.sleep(pause)

    async def _tried(self, provider: int, begin: Begin[Begun], until: float) -> Begun:
        is_probe = self._admitted_as_probe(provider)
        is_begun = False
        try:
            begun = await begin(provider, until)
            is_begun = True
        except ModelFailed as failure:
            self._breakers[provider] = self._breakers[provider].failed(
                failure.kind, self._clock.monotonic(), failure.retry_after
            )
            raise
        finally:
            if is_probe and not is_begun:
                self._breakers[provider] = self._breakers[provider].released()
        self._breakers[provider] = self._breakers[provider].succeeded()
        return begun

    def _admitted_as_probe(self, provider: int) -> bool:
        """Pass the breaker; whether this call decides if it closes. Raises ModelFailed when it is shut."""
        now = self._clock.monotonic()
        breaker = self._breakers[provider].admitted(now)
        if breaker is None:
            raise self._breakers[provider].refusal(now)
        self._breakers[provider] = breaker
        return breaker.state(now) == "half_open"
