import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.llm.reply import MAX_DOCUMENT, MAX_TEXT, ReplyReader
from parley.kernel.ports import Finish, ModelFailed
from support.fake_answers import chunk, document_script, event, odd_script, stream_script

TEXT = "Привет, it is me 🙂 again"
STREAM = b"".join(stream_script("fake", TEXT, with_usage=True).writes)
ODD = b"".join(odd_script("fake", TEXT).writes)
DOCUMENT = b"".join(document_script("fake", TEXT).writes)


def replied(*received: bytes) -> tuple[str, ReplyReader]:
    reply = ReplyReader("asked-for")
    text = "".join(reply.feed(piece) for piece in received)
    if not reply.is_complete:
        text += reply.end()
    return text, reply


def read(*received: bytes) -> tuple[str, Finish]:
    text, reply = replied(*received)
    if reply.failure is not None:
        raise reply.failure
    return text, reply.finish()


def said(content: Any, finish: str | None = None) -> bytes:
    return event(chunk("fake", {"content": content}, finish))


@pytest.mark.parametrize("body", [STREAM, ODD, DOCUMENT], ids=["stream", "odd", "document"])
@given(cuts=st.lists(st.integers(0, 600), max_size=5).map(sorted))
def test_any_cutting_of_an_answer_gives_the_same_reply(body: bytes, cuts: list[int]) -> None:
    borders = [0, *cuts, len(body)]
    pieces = [body[start:end] for start, end in pairwise(borders)]
    text, finish = read(*pieces)
    assert text == TEXT
    assert (finish.reason, finish.prompt_tokens, finish.completion_tokens) == ("stop", 7, 6)


@given(cuts=st.lists(st.integers(0, 600), max_size=5).map(sorted), at=st.integers(0, 5))
def test_any_cutting_of_a_failing_answer_gives_the_same_text_before_the_failure(cuts: list[int], at: int) -> None:
    events = [said("Hi"), said(" there"), said(" Lena"), said("", "stop")]
    body = b"".join([*events[:at], event({"error": {"code": 429}}), *events[at:]])
    text, reply = replied(*(body[start:end] for start, end in pairwise([0, *cuts, len(body)])))
    assert text == "".join(["Hi", " there", " Lena"][:at])
    assert reply.failure is not None
    assert reply.failure.kind == "rate"


def test_the_model_is_called_what_the_provider_calls_it() -> None:
    assert read(ODD)[1].model == "fake-0613"
    assert read(event({"choices": [{"finish_reason": "stop"}]}))[1].model == "asked-for"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("content_filter", "content_filter"),
        ("function_call", "tool_calls"),
        ("eos_token", "stop"),
    ],
)
def test_every_reason_to_end_gets_a_standard_word(told: str, reason: str) -> None:
    assert read(said("Hi", told))[1].reason == reason


def test_an_empty_reason_is_none() -> None:
    with pytest.raises(ModelFailed, match="cut"):
        read(said("Hi", ""))


def test_done_without_a_reason_is_an_ordinary_end() -> None:
    assert read(said("Hi"), event("[DONE]"))[1].reason == "stop"


def test_the_first_reason_stands() -> None:
    assert read(said("Hi", "length"), said("", "stop"))[1].reason == "length"


def test_other_choices_are_not_mixed_in() -> None:
    other = event({"choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": None}]})
    assert read(said("Hi"), other, said("", "stop"))[0] == "Hi"


def test_thoughts_are_never_text() -> None:
    parts = [{"type": "thinking", "text": "hidden"}, {"type": "text", "text": "Hi"}, {"type": "text"}]
    thought = event(chunk("fake", {"reasoning": "hidden", "reasoning_content": "hidden"}))
    assert read(thought, said(parts), said(None, "stop"))[0] == "Hi"


def test_blanks_before_a_document_are_keep_alives() -> None:
    assert read(b"\n\n", b"  ", DOCUMENT)[0] == TEXT


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "protocol"),
        (b"  \n", "protocol"),
        (b"<!doctype html><p>Sign in</p>", "protocol"),
        (b": ping\n\n", "protocol"),
        (b"{", "protocol"),
        (b'{"choices": 3}', "protocol"),
        (b"data: {\n\n", "protocol"),
        (b'data: {"choices": [{"delta": {"content": "\xff"}}]}\n\n', "protocol"),
        (b"data: " + b"x" * 300_000, "protocol"),
        (b"{" + b" " * MAX_DOCUMENT, "protocol"),
        (said("Hi"), "cut"),
        (said("Hi") + said("there", "stop")[:-9], "cut"),
        (b'{"choices": [{"message": {"content": "Hi"}}]}', "cut"),
        (said("Hi", "error"), "server"),
        (event({"error": "down"}), "server"),
        (event({"error": {}}), "server"),
        (event({"error": {"code": 429}}), "rate"),
        (b'{"error": {"message": "no", "code": "model_not_found"}}', "not_found"),
    ],
)
def test_what_is_no_whole_reply_fails(body: bytes, kind: str) -> None:
    with pytest.raises(ModelFailed) as failure:
        read(body)
    assert failure.value.kind == kind


def test_a_reply_ends_at_its_bound_between_two_letters() -> None:
    text, finish = read(said("я" * 40_000 + "a"), said("never read"))
    assert text == "я" * (MAX_TEXT // 2)
    assert finish.reason == "length"


def test_a_reply_of_just_the_bound_is_whole() -> None:
    text, finish = read(said("x" * MAX_TEXT), said("", "stop"))
    assert len(text) == MAX_TEXT
    assert finish.reason == "stop"


def test_nothing_after_the_end_is_read() -> None:
    reply = ReplyReader("fake")
    assert reply.feed(said("Hi", "stop") + event("[DONE]") + said("more") + b"data: {\n\n") == "Hi"


def test_lone_surrogates_of_a_provider_do_not_get_through() -> None:
    with pytest.raises(ModelFailed, match="protocol"):
        read(b"data: " + json.dumps(chunk("fake", {"content": "\ud800"})).encode() + b"\n\n")
