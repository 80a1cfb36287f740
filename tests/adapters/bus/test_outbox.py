"""What waits to leave the process."""

from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.bus.outbox import MOST_LOST, MOST_WAITING, Outbox
from parley.kernel.ids import ChatId, MessageId
from parley.kernel.ports import Advanced, Joined, Partial, Resync, Signal, TurnFailed

PARTIAL = Partial(MessageId(1), 0, "text")
signals: st.SearchStrategy[Signal] = st.one_of(
    st.builds(Advanced, st.integers(1, 99)), st.just(PARTIAL), st.just(Joined()), st.just(TurnFailed("conflict"))
)
chats = st.integers(1, 5).map(ChatId)


@given(st.lists(st.tuples(chats, signals), max_size=50), st.integers(1, 9))
def test_what_goes_in_comes_out_in_order(letters: list[tuple[ChatId, Signal]], at_once: int) -> None:
    outbox = Outbox()
    for letter in letters:
        outbox.put(*letter)
    taken = []
    while some := outbox.take(at_once):
        assert len(some) <= at_once
        taken += some
    assert taken == letters
    assert not outbox


def test_a_full_box_drops_partial_text_before_anything_else() -> None:
    outbox = Outbox()
    for number in range(MOST_WAITING):
        outbox.put(ChatId(1), PARTIAL if number % 2 else Advanced(number))
    outbox.put(ChatId(2), Advanced(1))
    left = outbox.take(MOST_WAITING)
    assert left == [*((ChatId(1), Advanced(number)) for number in range(0, MOST_WAITING, 2)), (ChatId(2), Advanced(1))]


def test_a_full_box_takes_no_more_partial_text() -> None:
    outbox = Outbox()
    for number in range(MOST_WAITING):
        outbox.put(ChatId(1), Advanced(number))
    outbox.put(ChatId(1), PARTIAL)
    assert outbox.take(MOST_WAITING + 1) == [(ChatId(1), Advanced(number)) for number in range(MOST_WAITING)]


def test_who_lost_a_lasting_signal_to_the_bound_is_told_to_read_the_log() -> None:
    outbox = Outbox()
    outbox.put(ChatId(7), Advanced(1))
    for number in range(MOST_WAITING):
        outbox.put(ChatId(1), Advanced(number))
    assert outbox.take(MOST_WAITING) == [(ChatId(7), Resync(after_gap=True))]
    assert outbox.take(MOST_WAITING) == [(ChatId(1), Advanced(number)) for number in range(MOST_WAITING)]


@given(st.lists(st.tuples(chats, signals), max_size=30), st.lists(st.tuples(chats, signals), max_size=30))
def test_after_a_break_each_chat_that_lost_something_is_told_once(
    before: list[tuple[ChatId, Signal]], during: list[tuple[ChatId, Signal]]
) -> None:
    outbox = Outbox()
    for letter in before:
        outbox.put(*letter)
    outbox.broke(outbox.take(10))
    for letter in during:
        outbox.put(*letter)
    told = outbox.take(100)
    outbox.mended()
    outbox.put(ChatId(1), Advanced(5))
    assert {chat for chat, _ in told} == {chat for chat, _ in (*before, *during)}
    assert len({chat for chat, _ in told}) == len(told)
    assert all(signal == Resync(after_gap=True) for _, signal in told)
    assert outbox.take(100) == [(ChatId(1), Advanced(5))]


def test_a_long_break_takes_bounded_memory() -> None:
    outbox = Outbox()
    outbox.broke([])
    for number in range(MOST_LOST + 10):
        outbox.put(ChatId(number), Advanced(1))
    assert len(outbox.take(2 * MOST_LOST)) == MOST_LOST
