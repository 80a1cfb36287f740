"""Counting together: exact at once, forgotten by itself, and away without harm."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog

from parley.adapters.rates.redis import RedisRateWindow
from parley.adapters.redis import open_redis
from parley.features.limits.core import SEND, SlidingWindow
from parley.features.limits.service import Rates
from parley.kernel.errors import RateLimited, ServiceUnavailable
from support.redis import PASSWORD, RedisForTests
from support.virtual_clock import VirtualClock


@pytest.fixture
async def windows(mortal_redis: RedisForTests) -> AsyncIterator[list[RedisRateWindow]]:
    """Two processes whose server may die, and one clock."""
    clock = VirtualClock()
    clients = [open_redis(mortal_redis.url) for _ in range(2)]
    yield [RedisRateWindow(client, "test", clock) for client in clients]
    for client in clients:
        await client.aclose()


async def test_many_at_once_on_two_processes_are_counted_exactly(windows: list[RedisRateWindow]) -> None:
    for window in windows:
        window.patience = 30.0  # thirty connections are opened at once, on a machine that may have other work
    waits = await asyncio.gather(*(windows[number % 2].admit("send:1", 10, 60.0) for number in range(60)))
    assert sum(wait is None for wait in waits) == 10
    assert all(wait is None or 0 < wait <= 60 for wait in waits)


async def test_what_was_counted_is_forgotten_by_itself(
    windows: list[RedisRateWindow], mortal_redis: RedisForTests
) -> None:
    client = open_redis(mortal_redis.url)
    assert await windows[0].admit("send:1", 10, 60.0) is None
    assert await client.keys() == [b"test:rate:send:1"]
    assert 0 < await client.pttl("test:rate:send:1") <= 60_000
    await client.aclose()


async def test_a_server_that_went_and_came_counts_again(
    windows: list[RedisRateWindow], mortal_redis: RedisForTests
) -> None:
    window = windows[0]
    clock = window.clock
    assert isinstance(clock, VirtualClock)
    assert await window.admit("send:1", 1, 60.0) is None
    mortal_redis.kill()
    with pytest.raises(ServiceUnavailable):
        await window.admit("send:1", 1, 60.0)
    mortal_redis.start()
    with pytest.raises(ServiceUnavailable):  # not asked again for a second
        await window.admit("send:1", 1, 60.0)
    clock.advance(1.0)
    assert await window.admit("send:1", 1, 60.0) is None
    assert await window.admit("send:1", 1, 60.0) is not None


async def test_while_the_server_stands_still_one_request_waits_for_all(
    windows: list[RedisRateWindow], mortal_redis: RedisForTests
) -> None:
    window = windows[0]
    clock = window.clock
    assert isinstance(clock, VirtualClock)
    process = await mortal_redis.hold_still()
    try:
        with pytest.raises(ServiceUnavailable):
            await window.admit("send:1", 1, 60.0)
        clock.advance(1.0)
        trying = asyncio.create_task(window.admit("send:1", 1, 60.0))
        await asyncio.sleep(0)
        with pytest.raises(ServiceUnavailable):
            async with asyncio.timeout(0):  # it does not even wait a step
                await window.admit("send:1", 1, 60.0)
        assert not trying.done()
        with pytest.raises(ServiceUnavailable):
            await trying
    finally:
        mortal_redis.go_on(process)


async def test_without_the_server_a_process_goes_on_from_what_it_has_admitted_itself(
    windows: list[RedisRateWindow], mortal_redis: RedisForTests
) -> None:
    rates = Rates(SlidingWindow(), windows[0].clock, is_on=True, shared=windows[0])
    for _ in range(SEND.limit - 1):
        await rates.count("1", SEND)
    mortal_redis.kill()
    await rates.count("1", SEND)
    with pytest.raises(RateLimited):
        await rates.count("1", SEND)
    await rates.count("2", SEND)


async def test_what_others_admitted_counts_here(windows: list[RedisRateWindow]) -> None:
    here, there = (Rates(SlidingWindow(), window.clock, is_on=True, shared=window) for window in windows)
    for _ in range(SEND.limit):
        await there.count("1", SEND)
    with pytest.raises(RateLimited) as refused:
        await here.count("1", SEND)
    assert 1 <= refused.value.retry_after <= 60


async def test_an_outage_is_logged_once_and_without_the_password(
    windows: list[RedisRateWindow], mortal_redis: RedisForTests
) -> None:
    window = windows[0]
    mortal_redis.kill()
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(ServiceUnavailable):
                await window.admit("send:1", 1, 60.0)
            assert isinstance(window.clock, VirtualClock)
            window.clock.advance(1.0)
    assert [each["event"] for each in logs] == ["redis_away"]
    assert PASSWORD not in f"{logs}{window!r}"
