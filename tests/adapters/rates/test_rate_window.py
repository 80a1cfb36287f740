"""What a sliding window promises, asked of both: the one of a process and the one that processes share.

Moments are given, in quarters of a second, so that both count the same.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.clock import SystemClock
from parley.adapters.rates.redis import RedisRateWindow
from parley.adapters.redis import open_redis
from parley.features.limits.core import WINDOW, Rate, SlidingWindow
from support.redis import RedisForTests

Admit = Callable[[str, Rate, float], Awaitable[float | None]]
moments = st.lists(st.integers(0, 120).map(lambda quarters: quarters / 4), max_size=40).map(
    lambda gaps: [sum(gaps[: count + 1]) for count in range(len(gaps))]
)


@asynccontextmanager
async def a_window(kind: str, server: RedisForTests) -> AsyncIterator[Admit]:
    """A window in which nothing has been counted."""
    if kind == "local":
        window = SlidingWindow()

        async def admit_here(caller: str, rate: Rate, now: float) -> float | None:
            return window.admit(caller, rate, now)

        yield admit_here
        return
    await server.empty()
    client = open_redis(server.url)
    shared = RedisRateWindow(client, "test", SystemClock())

    async def admit_together(caller: str, rate: Rate, now: float) -> float | None:
        return await shared.admit_at(now, f"{rate.name}:{caller}", rate.limit, WINDOW)

    yield admit_together
    await client.aclose()


class NaiveWindow:
    """All that was ever admitted, looked through each time."""

    def __init__(self) -> None:
        self._admitted: dict[tuple[str, str], list[float]] = {}

    def admit(self, caller: str, rate: Rate, now: float) -> float | None:
        """As slow as it is plain."""
        admitted = self._admitted.setdefault((rate.name, caller), [])
        recent = [moment for moment in admitted if moment > now - WINDOW]
        if len(recent) >= rate.limit:
            return min(recent) + WINDOW - now
        admitted.append(now)
        return None


@pytest.mark.parametrize("kind", ["local", "redis"])
@given(
    moments=moments,
    callers=st.lists(st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["send", "other"])), min_size=40),
    limit=st.integers(1, 4),
)
async def test_it_decides_as_a_naive_window_does(
    redis_server: RedisForTests, kind: str, moments: list[float], callers: list[tuple[str, str]], limit: int
) -> None:
    naive = NaiveWindow()
    async with a_window(kind, redis_server) as admit:
        for now, (caller, name) in zip(moments, callers, strict=False):
            rate = Rate(name, limit)
            assert await admit(caller, rate, now) == naive.admit(caller, rate, now)


@pytest.mark.parametrize("kind", ["local", "redis"])
async def test_a_minute_later_to_the_moment_one_more_is_admitted(redis_server: RedisForTests, kind: str) -> None:
    rate = Rate("send", 2)
    async with a_window(kind, redis_server) as admit:
        assert await admit("1", rate, 0.0) is None
        assert await admit("1", rate, 10.0) is None
        assert await admit("1", rate, 59.75) == 0.25
        assert await admit("1", rate, 60.0) is None
        assert await admit("1", rate, 60.0) == 10.0


@pytest.mark.parametrize("kind", ["local", "redis"])
async def test_a_refused_request_does_not_count(redis_server: RedisForTests, kind: str) -> None:
    rate = Rate("send", 1)
    async with a_window(kind, redis_server) as admit:
        assert await admit("1", rate, 0.0) is None
        assert [await admit("1", rate, float(second)) for second in range(50, 60)] == [
            float(60 - second) for second in range(50, 60)
        ]
        assert await admit("1", rate, 60.0) is None
