from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.llm.sse import SseDecoder

lines = st.sampled_from(
    [b"data: one", b"data:two", b"data:  padded", b"data", b"data:", b": ping", b"event: x", b"id", b"", b"", b"", b":"]
)
line_ends = st.sampled_from([b"\n", b"\r", b"\r\n"])
streams = st.lists(st.tuples(lines | st.binary(max_size=8), line_ends), max_size=20).map(
    lambda pairs: b"".join(line + end for line, end in pairs)
)


def decoded(*received: bytes) -> list[bytes]:
    decoder = SseDecoder()
    events = [event for piece in received for event in decoder.feed(piece)]
    return events + decoder.end()


def decoded_within_bounds(*received: bytes) -> tuple[list[bytes], bool]:
    decoder = SseDecoder(max_line=8, max_event=12)
    events = [event for piece in received for event in decoder.feed(piece)]
    return events + decoder.end(), decoder.is_overrun


@given(st.data(), streams)
def test_any_cutting_of_the_bytes_gives_the_same_events(data: st.DataObject, stream: bytes) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    borders = [0, *cuts, len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(borders)]
    assert decoded(*pieces) == decoded(stream)
    assert decoded_within_bounds(*pieces) == decoded_within_bounds(stream)


@given(streams)
def test_one_byte_at_a_time_gives_the_same_events(stream: bytes) -> None:
    assert decoded(*(stream[place : place + 1] for place in range(len(stream)))) == decoded(stream)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), max_size=5), line_ends)
def test_what_was_sent_as_events_comes_out_as_events(texts: list[str], end: bytes) -> None:
    stream = b"".join(b"data: " + text.encode() + end + end for text in texts)
    assert decoded(stream) == [text.encode() for text in texts]


def test_lines_of_data_are_joined_and_all_else_is_dropped() -> None:
    assert decoded(b": hello\nevent: message\ndata: one\nid: 3\ndata: two\nretry: 5\nnonsense\n\n") == [b"one\ntwo"]


def test_an_event_without_data_is_none() -> None:
    assert decoded(b"event: ping\n\n\n\n") == []


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert decoded(b"\xef\xbb", b"\xbfdata: one\n\n") == [b"one"]


def test_a_carriage_return_ends_a_line_before_the_next_bytes_come() -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: one\r\r") == [b"one"]
    assert decoder.feed(b"\ndata: two\r\n") == []
    assert decoder.feed(b"\r\n") == [b"two"]


def test_an_event_whose_last_line_is_not_whole_is_dropped_at_the_end() -> None:
    assert decoded(b"data: one\n\ndata: tw") == [b"one"]
    assert decoded(b"data: one\n\ndata: two\n") == [b"one", b"two"]


def test_a_line_over_its_bound_is_refused_before_it_ends() -> None:
    decoder = SseDecoder(max_line=10)
    decoder.feed(b"data: 7890")
    assert not decoder.is_overrun
    decoder.feed(b"1")
    assert decoder.is_overrun


def test_what_comes_before_a_line_over_its_bound_is_given_and_nothing_after_it() -> None:
    decoder = SseDecoder(max_line=10)
    assert decoder.feed(b"data: one\n\ndata: 78901\n\ndata: two\n\n") == [b"one"]
    assert decoder.feed(b"data: two\n\n") + decoder.end() == []


def test_an_event_over_its_bound_is_refused() -> None:
    decoder = SseDecoder(max_event=20)
    assert decoder.feed(b"data: 123456\n" * 3 + b"\n") == []
    assert decoder.is_overrun
