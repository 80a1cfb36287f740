"""When a reply in the making is shown."""

from hypothesis import given
from hypothesis import strategies as st

from parley.features.bot.core import drafting
from parley.features.bot.core.drafting import SHOW_AGAIN, SHOW_EVERY, TYPE_AFTER, TYPE_EVERY, Show, Type, Wait
from parley.kernel.ids import MessageId


def test_the_first_text_is_shown_at_once() -> None:
    assert drafting.step(drafting.began(0.0), 1, 0.0) == Show()


def test_a_quiet_chat_says_after_a_moment_that_the_character_writes() -> None:
    pace = drafting.began(0.0)
    assert drafting.step(pace, 0, 0.0) == Wait(TYPE_AFTER, for_text=True)
    assert drafting.step(pace, 0, TYPE_AFTER) == Type()
    typed = drafting.typed(pace, 0.0)
    assert drafting.step(typed, 0, 0.0) == Wait(TYPE_EVERY, for_text=True)
    assert drafting.step(typed, 0, TYPE_EVERY) == Type()


def test_more_text_is_shown_when_the_last_look_is_long_enough_ago() -> None:
    pace = drafting.showed(drafting.began(0.0), 5, 0.0)
    assert drafting.step(pace, 6, 0.0) == Wait(SHOW_EVERY, for_text=False)
    assert drafting.step(pace, 6, SHOW_EVERY) == Show()


def test_the_same_text_is_not_shown_again_and_typing_is_over() -> None:
    pace = drafting.showed(drafting.began(0.0), 5, 0.0)
    assert drafting.step(pace, 5, 100.0) == Wait(None, for_text=True)


def test_a_look_that_was_left_out_is_offered_again_soon() -> None:
    pace = drafting.left_out(drafting.began(0.0), 0.0)
    assert drafting.step(pace, 1, 0.0) == Wait(SHOW_AGAIN, for_text=False)
    assert drafting.step(pace, 1, SHOW_AGAIN) == Show()


@given(st.integers(1, 2**63 - 1))
def test_a_drafts_number_is_never_zero_and_fits_into_32_bits(reply: int) -> None:
    assert 1 <= drafting.draft_of(MessageId(reply)) < 2**31


def test_neighbouring_replies_have_drafts_of_their_own() -> None:
    assert len({drafting.draft_of(MessageId(reply)) for reply in range(2**31 - 50, 2**31 + 50)}) == 100


def test_a_short_unfinished_text_says_that_more_is_to_come() -> None:
    assert drafting.unfinished("Так") == "Так …"
    assert drafting.unfinished("x" * 4000) == "x" * 4000
