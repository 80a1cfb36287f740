"""The daily quota and the request rates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.limits.core import (
    CHARACTERS,
    DAY,
    HISTORY,
    OTHER,
    REGENERATE,
    SEND,
    WINDOW,
    Rate,
    SlidingWindow,
    Subscription,
    day_of,
    limited,
    rate_of,
    resets_at,
    whole_seconds,
)
from parley.kernel.errors import LimitState

# --- request rates ---------------------------------------------------------------------------------


class NaiveWindow:
    """What a sliding window is: every admitted request of the last minute, counted anew each time."""

    def __init__(self) -> None:
        self.admitted: list[tuple[str, str, float]] = []

    def admit(self, caller: str, rate: Rate, now: float) -> float | None:
        recent = [at for name, who, at in self.admitted if (name, who) == (rate.name, caller) and at > now - WINDOW]
        if len(recent) >= rate.limit:
            return min(recent) + WINDOW - now
        self.admitted.append((rate.name, caller, now))
        return None


RATES = (Rate("a", 1), Rate("b", 3), Rate("c", 10))
REQUESTS = st.lists(
    st.tuples(st.sampled_from(["anya", "boris"]), st.sampled_from(RATES), st.sampled_from([0.0, 0.5, 7.0, 29.5, 59.5, 60.0])),
    max_size=120,
)  # fmt: skip


@given(REQUESTS)
def test_a_window_admits_what_the_naive_model_admits(requests: list[tuple[str, Rate, float]]) -> None:
    window, naive, now = SlidingWindow(), NaiveWindow(), 1000.0
    for caller, rate, later in requests:
        now += later
        assert window.admit(caller, rate, now) == naive.admit(caller, rate, now)


@given(REQUESTS)
def test_no_minute_holds_more_than_the_rate(requests: list[tuple[str, Rate, float]]) -> None:
    window, now = SlidingWindow(), 0.0
    admitted: dict[tuple[str, str], list[float]] = {}
    for caller, rate, later in requests:
        now += later
        if window.admit(caller, rate, now) is None:
            times = admitted.setdefault((caller, rate.name), [])
            times.append(now)
            assert sum(at > now - WINDOW for at in times) <= rate.limit


def test_who_waits_as_long_as_told_is_admitted_and_not_a_moment_sooner() -> None:
    window, rate = SlidingWindow(), Rate("r", 2)
    assert [window.admit("anya", rate, at) for at in (0.0, 10.0)] == [None, None]
    wait = window.admit("anya", rate, 20.0)
    assert wait == 40.0
    assert window.admit("anya", rate, 59.9) is not None
    assert window.admit("anya", rate, 20.0 + wait) is None


def test_refused_requests_do_not_count() -> None:
    window, rate = SlidingWindow(), Rate("r", 1)
    assert window.admit("anya", rate, 0.0) is None
    for at in range(1, 60):
        assert window.admit("anya", rate, float(at)) is not None
    assert window.admit("anya", rate, 60.0) is None


def test_people_and_rates_are_counted_apart() -> None:
    window = SlidingWindow()
    assert window.admit("anya", Rate("a", 1), 0.0) is None
    assert window.admit("boris", Rate("a", 1), 0.0) is None
    assert window.admit("anya", Rate("b", 1), 0.0) is None
    assert window.admit("anya", Rate("a", 1), 0.0) is not None


def test_who_has_been_silent_for_a_minute_is_forgotten() -> None:
    window = SlidingWindow()
    for number in range(1000):
        window.admit(f"person {number}", OTHER, 0.0)
    window.admit("anya", OTHER, 61.0)
    assert repr(window).count("person") == 0


@pytest.mark.parametrize(("wait", "seconds"), [(0.0, 1), (0.001, 1), (1.0, 1), (1.2, 2), (59.99, 60), (60.0, 60)])
def test_a_wait_is_told_in_whole_seconds_and_is_at_least_one(wait: float, seconds: int) -> None:
    assert whole_seconds(wait) == seconds


@pytest.mark.parametrize(
    ("method", "path", "rate"),
    [
        ("POST", "/api/chats/1/messages", SEND),
        ("POST", "/api/chats/1/messages/", SEND),
        ("POST", "/api/chats/x/messages", SEND),
        ("POST", "/api/chats/1/regenerate", REGENERATE),
        ("GET", "/api/characters", CHARACTERS),
        ("GET", "/api/characters/", CHARACTERS),
        ("GET", "/api/characters/search", CHARACTERS),
        ("GET", "/api/characters/1", CHARACTERS),
        ("HEAD", "/api/characters", CHARACTERS),
        ("GET", "/api/chats/1/messages", HISTORY),
        ("HEAD", "/api/chats/1/messages", HISTORY),
        ("GET", "/api/chats/1/messages/2/receipt", OTHER),
        ("PATCH", "/api/chats/1/messages/2", OTHER),
        ("POST", "/api/chats/1/stop", OTHER),
        ("GET", "/api/charactersx", OTHER),
        ("GET", "/api/tags", OTHER),
        ("GET", "/api/users/limits", OTHER),
        ("GET", "/api/chats", OTHER),
    ],
)
def test_every_request_is_counted_in_its_row_of_the_table(method: str, path: str, rate: Rate) -> None:
    assert rate_of(method, path) == rate


def test_the_table_is_the_specs() -> None:
    assert [each.limit for each in (SEND, REGENERATE, CHARACTERS, HISTORY, OTHER)] == [10, 5, 60, 30, 120]
    assert WINDOW == 60.0


# --- the daily quota -------------------------------------------------------------------------------


def test_a_day_ends_at_midnight_utc() -> None:
    noon = 1_735_732_800_000  # 2025-01-01T12:00:00Z
    assert resets_at(day_of(noon)) == "2025-01-02T00:00:00Z"
    assert day_of(noon + DAY // 2) == day_of(noon) + 1
    assert day_of(noon + DAY // 2 - 1) == day_of(noon)


@given(st.integers(0, 200), st.integers(0, 200))
def test_what_remains_is_never_below_nothing(used: int, total: int) -> None:
    state = limited(used, total, 0)
    assert state == LimitState(max(0, total - used), total, "1970-01-02T00:00:00Z")


def test_a_subscription_runs_from_its_start_until_its_end() -> None:
    running = Subscription("active", 100, 200)
    assert [running.is_running(at) for at in (99, 100, 199, 200)] == [False, True, True, False]
    assert not Subscription("refunded", 100, 200).is_running(150)
