"""Signals on their way between processes."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.bus.wire import decoded, encoded
from parley.kernel.ids import MessageId, TurnId
from parley.kernel.ports import (
    Advanced,
    Joined,
    Partial,
    Resync,
    Rewound,
    Signal,
    StopAsked,
    TurnFailed,
    Typing,
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
signals: st.SearchStrategy[Signal] = st.one_of(
    st.builds(Advanced, st.integers(0, 2**63 - 1)),
    st.builds(Typing, st.booleans()),
    st.builds(Partial, st.integers(1, 2**63 - 1).map(MessageId), st.integers(0, 9999), texts),
    st.builds(TurnFailed, texts),
    st.builds(StopAsked, texts.map(TurnId)),
    st.just(Rewound()),
    st.just(Joined()),
    st.builds(Resync, st.booleans()),
)


@given(signals)
def test_a_signal_arrives_as_it_was_sent(signal: Signal) -> None:
    assert decoded(encoded("me", signal)) == ("me", signal)


def test_every_kind_of_signal_is_tried() -> None:
    assert len(get_args(Signal)) == 8


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff", b"{}", b'["me"]', b'["me","Unknown",{}]', b'["me","Advanced",{}]', b'["me","Advanced",{"seq":"1"}]'],
)
def test_what_this_version_does_not_know_is_passed_over(payload: bytes) -> None:
    assert decoded(payload) is None
