"""The daily quota's arithmetic and the sliding window, by their laws."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.limits import core
from parley.features.limits.core import Rate, SlidingWindow, Subscription, rate_of
from parley.kernel.errors import LimitState

THREE = Rate("three", 3)
moments = st.lists(st.integers(0, 600), max_size=60).map(sorted)


def admitted(window: SlidingWindow, caller: str, rate: Rate, now: float) -> bool:
    return window.admit(caller, rate, now) is None


# --- the window ------------------------------------------------------------------------------------


def test_the_window_slides_request_by_request() -> None:
    window = SlidingWindow()
    assert [admitted(window, "a", THREE, at) for at in (0, 10, 20, 30, 59.9)] == [True, True, True, False, False]
    assert [admitted(window, "a", THREE, at) for at in (60, 61, 70, 71, 80)] == [True, False, True, False, True]


def test_a_refusal_says_exactly_how_long_to_wait() -> None:
    window = SlidingWindow()
    for at in (0.0, 15.0, 20.0):
        window.admit("a", THREE, at)
    assert window.admit("a", THREE, 15.5) == 44.5
    assert window.admit("a", THREE, 59.0) == 1.0
    assert window.admit("a", THREE, 60.0) is None
    assert window.admit("a", THREE, 60.0) == 15.0


def test_a_refused_request_does_not_count() -> None:
    window = SlidingWindow()
    for _ in range(3):
        window.admit("a", THREE, 0)
    for _ in range(100):
        assert not admitted(window, "a", THREE, 59)
    assert [admitted(window, "a", THREE, 60) for _ in range(4)] == [True, True, True, False]


def test_callers_and_rates_are_counted_apart() -> None:
    window, other = SlidingWindow(), Rate("other", 1)
    assert [admitted(window, "a", other, 0), admitted(window, "a", other, 0)] == [True, False]
    assert admitted(window, "b", other, 0)
    assert admitted(window, "a", THREE, 0)


@given(moments)
def test_in_no_minute_are_more_admitted_than_the_rate(at: list[int]) -> None:
    window = SlidingWindow()
    let_in = [moment for moment in at if admitted(window, "a", THREE, moment)]
    assert all(later - earlier >= core.WINDOW for earlier, later in zip(let_in, let_in[3:], strict=False))


@given(moments)
def test_nobody_within_the_rate_is_refused(at: list[int]) -> None:
    window, let_in = SlidingWindow(), list[int]()
    for moment in at:
        recent = [earlier for earlier in let_in if moment - earlier < core.WINDOW]
        assert admitted(window, "a", THREE, moment) == (len(recent) < THREE.limit)
        if len(recent) < THREE.limit:
            let_in.append(moment)


@given(moments, st.integers(0, 600))
def test_who_waits_as_told_is_let_in(at: list[int], asked: int) -> None:
    window = SlidingWindow()
    for moment in at:
        window.admit("a", THREE, moment)
    now = max([asked, *at])
    wait = window.admit("a", THREE, now)
    if wait is not None:
        assert 0 < wait <= core.WINDOW
        assert admitted(window, "a", THREE, now + core.whole_seconds(wait))


def test_the_silent_are_forgotten() -> None:
    window = SlidingWindow()
    for number in range(1000):
        window.admit(str(number), THREE, number / 1000)
    window.admit("last", THREE, 100)
    assert len(window._requests) == 1  # noqa: SLF001 - what is kept cannot be seen from outside


@pytest.mark.parametrize(("wait", "seconds"), [(0.001, 1), (1.0, 1), (1.001, 2), (44.5, 45), (60.0, 60)])
def test_a_wait_is_told_in_whole_seconds_rounded_up(wait: float, seconds: int) -> None:
    assert core.whole_seconds(wait) == seconds


@pytest.mark.parametrize(
    ("method", "path", "rate"),
    [
        ("POST", "/api/chats/1/messages", core.SEND),
        ("POST", "/api/chats/x/messages", core.SEND),
        ("POST", "/api/chats/1/regenerate", core.REGENERATE),
        ("GET", "/api/characters", core.CHARACTERS),
        ("GET", "/api/characters/search", core.CHARACTERS),
        ("GET", "/api/characters/1", core.CHARACTERS),
        ("HEAD", "/api/characters", core.CHARACTERS),
        ("GET", "/api/chats/1/messages", core.HISTORY),
        ("GET", "/api/chats/1/messages/2/variants", core.OTHER),
        ("DELETE", "/api/chats/1/messages/2", core.OTHER),
        ("POST", "/api/chats/1/messages/2/variants/1/select", core.OTHER),
        ("POST", "/api/chats/1/stop", core.OTHER),
        ("GET", "/api/users/limits", core.OTHER),
        ("GET", "/api/tags", core.OTHER),
        ("POST", "/api/characters", core.OTHER),
        ("GET", "/api/charactersx", core.OTHER),
    ],
)
def test_each_row_of_the_table_counts_its_own_requests(method: str, path: str, rate: Rate) -> None:
    assert rate_of(method, path) == rate


def test_the_rates_are_the_specs() -> None:
    rates = (core.SEND, core.REGENERATE, core.CHARACTERS, core.HISTORY, core.WEBSOCKET, core.OTHER)
    assert [rate.limit for rate in rates] == [10, 5, 60, 30, 30, 120]
    assert len({rate.name for rate in rates}) == len(rates)


# --- the quota -------------------------------------------------------------------------------------


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - given as UTC below
def test_a_day_is_utc_and_its_quota_is_fresh_at_the_next_midnight(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    day = core.day_of(int(now.timestamp() * 1000))
    fresh = datetime.strptime(core.resets_at(day), "%Y-%m-%dT%H:%M:%S%z")
    assert fresh.time() == datetime.min.time()
    assert timedelta() < fresh - now.replace(microsecond=0) <= timedelta(days=1)
    assert core.day_of(int(fresh.timestamp() * 1000)) == day + 1


@pytest.mark.parametrize(("used", "remaining"), [(0, 50), (1, 49), (50, 0), (60, 0)])
def test_what_remains_is_never_below_zero(used: int, remaining: int) -> None:
    assert core.limited(used, 50, 20_089) == LimitState(remaining, 50, "2025-01-02T00:00:00Z")


def test_without_limit_is_minus_one_and_never_resets() -> None:
    assert LimitState(-1, -1, None) == core.UNLIMITED


@pytest.mark.parametrize(
    ("status", "now", "is_running"),
    [
        ("active", 99, False),
        ("active", 100, True),
        ("active", 199, True),
        ("active", 200, False),
        ("refunded", 150, False),
    ],
)
def test_a_subscription_entitles_from_its_start_until_its_end(status: str, now: int, *, is_running: bool) -> None:
    assert Subscription(status, 100, 200).is_running(now) is is_running
