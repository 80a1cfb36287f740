from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.telegram.budget import BOT_BURST, BOT_PER_SECOND, CHAT_BURST, CHAT_PER_SECOND, Budget


def test_a_short_burst_goes_out_at_once_and_the_rest_at_telegrams_pace() -> None:
    budget = Budget()
    waits = [budget.take(7, 0.0) for _ in range(int(CHAT_BURST) + 2)]
    assert waits[: int(CHAT_BURST)] == [0.0] * int(CHAT_BURST)
    assert waits[-1] - waits[-2] == 1 / CHAT_PER_SECOND


def test_one_chat_does_not_wait_for_another() -> None:
    budget = Budget()
    for _ in range(10):
        budget.take(7, 0.0)
    assert budget.take(8, 0.0) == 0.0


def test_a_draft_leaves_something_for_the_reply() -> None:
    budget = Budget()
    drafts = [budget.try_take(7, 0.0) for _ in range(10)]
    assert 0 < sum(drafts) < CHAT_BURST
    assert budget.take(7, 0.0) == 0.0


def test_silence_is_kept_for_as_long_as_telegram_asks() -> None:
    budget = Budget()
    budget.shut(7, 30.0)
    assert budget.wait(7, 0.0) == 30.0
    assert budget.take(7, 10.0) == 20.0
    assert not budget.try_take(7, 29.0)
    assert budget.try_take(7, 31.0)
    assert budget.wait(8, 0.0) == 0.0


def test_silence_about_no_chat_holds_for_all() -> None:
    budget = Budget()
    budget.shut(None, 5.0)
    assert budget.wait(7, 0.0) == budget.wait(8, 0.0) == 5.0


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 2)), min_size=1, max_size=200))
def test_no_chat_and_not_all_together_ever_exceed_their_pace(calls: list[tuple[int, float]]) -> None:
    budget, now, made = Budget(), 0.0, list[tuple[float, int]]()
    for chat, pause in calls:
        now += pause
        made.append((now + budget.take(chat, now), chat))
    for chat in {chat for _, chat in made}:
        times = sorted(at for at, of in made if of == chat)
        for first in range(len(times)):
            in_ten_seconds = sum(times[first] <= at < times[first] + 10 for at in times)
            assert in_ten_seconds <= CHAT_BURST + 10 * CHAT_PER_SECOND + 1
    times = sorted(at for at, _ in made)
    assert all(sum(each <= at < each + 1 for at in times) <= BOT_BURST + BOT_PER_SECOND + 1 for each in times)


def test_chats_that_are_silent_take_no_room() -> None:
    budget = Budget()
    for chat in range(1, 30_000):
        budget.take(chat, float(chat))
    assert budget.remembered < 10_001
