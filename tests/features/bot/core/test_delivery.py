"""Which part of a reply goes where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.bot.core.delivery import Placed, meaning, plan


def test_parts_take_the_free_messages_in_order_and_then_new_ones() -> None:
    found = plan(3, (), [11, 12])
    assert found.parts == (Placed(0, 11), Placed(1, 12), Placed(2, None))
    assert found.surplus == ()


def test_messages_that_no_part_needs_are_surplus() -> None:
    assert plan(1, (), [11, 12, 13]).surplus == (12, 13)


def test_what_stands_there_is_left_alone() -> None:
    assert plan(3, {0}, [12]).parts == (Placed(1, 12), Placed(2, None))


@given(st.integers(0, 8), st.sets(st.integers(0, 7)), st.lists(st.integers(1, 99), unique=True, max_size=8))
def test_every_part_has_one_place_and_every_message_one_use(count: int, done: set[int], free: list[int]) -> None:
    found = plan(count, done, free)
    assert [each.part for each in found.parts] == [part for part in range(count) if part not in done]
    used = [each.telegram_message for each in found.parts if each.telegram_message is not None]
    assert [*used, *found.surplus] == free


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Bad Request: can't parse entities: unsupported start tag", "unreadable"),
        ("Bad Request: message is not modified: specified new message content is exactly the same", "same"),
        ("Bad Request: message to edit not found", "gone"),
        ("Bad Request: message can't be edited", "gone"),
        ("Bad Request: MESSAGE_ID_INVALID", "gone"),
        ("Bad Request: chat not found", "other"),
    ],
)
def test_refusals_are_told_apart(description: str, expected: str) -> None:
    assert meaning(description) == expected
