import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from parley.adapters.llm.relay import MAX_DOCUMENT, RelayReader, delta_of, message_of, usage_of, whole
from parley.kernel.ports import CompletionChoice, ModelFailed
from support.fake_answers import document_script, event, odd_script, stream_script, usage

TEXT = "Привет, it is me 🙂 again"
STREAM = b"".join(stream_script("fake", TEXT, with_usage=True).writes)
ODD = b"".join(odd_script("fake", TEXT).writes)
DOCUMENT = b"".join(document_script("fake", TEXT).writes)


def relayed(*received: bytes, choices: int = 1) -> tuple[list[CompletionChoice], RelayReader]:
    """Everything that these bytes say."""
    reply = RelayReader("asked-for", choices)
    pieces = [reply.feed(each) for each in received]
    if not reply.is_complete:
        pieces.append(reply.end())
    return [choice for piece in pieces if piece is not None for choice in piece.choices], reply


def text_of(choices: list[CompletionChoice], index: int = 0) -> str:
    said = [json.loads(each.said) for each in choices if each.index == index and each.said]
    return "".join(each.get("content") or "" for each in said)


def reasons(choices: list[CompletionChoice]) -> list[tuple[int, str]]:
    return [(each.index, each.finish_reason) for each in choices if each.finish_reason is not None]


def said(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> bytes:
    return event({"choices": [{"index": index, "delta": delta, "finish_reason": finish}]})


@pytest.mark.parametrize("body", [STREAM, ODD, DOCUMENT], ids=["stream", "odd", "document"])
@given(cuts=st.lists(st.integers(0, 600), max_size=5).map(sorted))
def test_any_cutting_of_an_answer_says_the_same(body: bytes, cuts: list[int]) -> None:
    choices, reply = relayed(*(body[start:end] for start, end in pairwise([0, *cuts, len(body)])))
    assert text_of(choices) == TEXT
    assert reasons(choices) == [(0, "stop")]
    assert reply.failure is None
    told = reply.finish().usage
    assert told is not None
    assert (told.prompt_tokens, told.completion_tokens, json.loads(told.detail)) == (7, 6, usage(TEXT))


def test_what_is_said_has_no_role_and_nothing_that_is_empty() -> None:
    body = said({"role": "assistant", "content": ""}) + said({"role": "assistant", "content": "Hi"}) + said({}, "stop")
    choices, _ = relayed(body)
    assert [json.loads(each.said) for each in choices if each.said] == [{"content": "Hi"}]


def test_all_that_a_provider_says_beside_the_text_is_kept() -> None:
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    choices, _ = relayed(said({"role": "assistant", "content": None, "tool_calls": [call]}) + said({}, "tool_calls"))
    assert json.loads(choices[0].said) == {"tool_calls": [call]}
    assert reasons(choices) == [(0, "tool_calls")]


def test_several_choices_are_kept_apart_and_each_is_finished() -> None:
    body = said({"content": "a"}) + said({"content": "b"}, index=1) + said({}, "stop") + said({"content": "c"}, index=1)
    choices, reply = relayed(body + event("[DONE]"), choices=2)
    assert (text_of(choices), text_of(choices, 1)) == ("a", "bc")
    assert reasons(choices) == [(0, "stop"), (1, "stop")]
    assert reply.failure is None


def test_choices_that_nobody_asked_for_are_left_out() -> None:
    choices, _ = relayed(said({"content": "a"}) + said({"content": "b"}, index=1) + said({}, "stop") + event("[DONE]"))
    assert {each.index for each in choices} == {0}


def test_an_answer_without_text_is_an_answer_once_it_says_why() -> None:
    choices, reply = relayed(said({"role": "assistant", "content": ""}) + said({}, "content_filter") + event("[DONE]"))
    assert (choices, reply.failure) == ([CompletionChoice(0, b"", "content_filter")], None)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (event("[DONE]"), "protocol"),
        (b"", "protocol"),
        (said({"content": "a"}), "cut"),
        (said({"content": "a"}) + event('{"choices": ['), "protocol"),
        (said({"content": "a"}) + event({"error": {"code": 429}}), "rate"),
        (said({"content": "a"}) + said({}, "error"), "server"),
        (said({"content": "a"}) + b"data: " + b"x" * 2**20, "protocol"),
        (b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n', "protocol"),
        (said({"content": "a"}) + b'data: {"choices":[{"delta":[NaN]}]}\n\n', "protocol"),
    ],
)
def test_what_is_not_whole_has_failed(body: bytes, kind: str) -> None:
    _, reply = relayed(body)
    assert reply.failure is not None
    assert reply.failure.kind == kind


def test_json_over_several_lines_becomes_one() -> None:
    spread = 'data: {"choices":[{"delta":{\ndata: "content":"a"},"logprobs":{\ndata: "content":[]}}],"usage":{\n'
    rest = 'data: "prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n'
    choices, reply = relayed(spread.encode() + rest.encode() + said({}, "stop") + event("[DONE]"))
    assert (choices[0].said, choices[0].logprobs) == (b'{"content":"a"}', b'{"content":[]}')
    told = reply.finish().usage
    assert told is not None
    assert told.detail == b'{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}'


def test_content_in_parts_is_joined() -> None:
    parts = [{"type": "thinking", "text": "hm"}, {"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]
    assert json.loads(delta_of(json.dumps({"content": parts}).encode())) == {"content": "Hello"}
    assert json.loads(message_of(json.dumps({"content": parts}).encode()))["content"] == "Hello"


@given(st.dictionaries(st.sampled_from(["role", "content", "reasoning", "x"]), st.text() | st.none(), max_size=4))
def test_a_delta_keeps_its_texts_whatever_they_are(delta: dict[str, Any]) -> None:
    kept = delta_of(json.dumps(delta, ensure_ascii=False).encode())
    assert b"\n" not in kept
    wanted = {name: value for name, value in delta.items() if value and name != "role"}
    found = json.loads(kept) if kept else {}
    assert {name: value for name, value in found.items() if value} == wanted


# --- whole answers -----------------------------------------------------------------------------------


def test_a_whole_answer_is_told_with_its_counts() -> None:
    told = whole(DOCUMENT, "asked-for")
    assert told.model == "fake"
    assert json.loads(told.choices[0].said) == {"role": "assistant", "content": TEXT}
    assert told.choices[0].finish_reason == "stop"
    assert told.usage is not None
    assert told.usage.completion_tokens == 6


def test_a_message_always_has_its_role_and_content() -> None:
    assert json.loads(message_of(b'{"tool_calls":[{"id":"c"}]}')) == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c"}],
    }


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (b"<html>", "protocol"),
        (b"[]", "protocol"),
        (b"{}", "protocol"),
        (b'{"choices":[]}', "protocol"),
        (b'{"choices":[{"message":5}]}', "protocol"),
        (b'{"choices":[{"message":{"content":"\xff"}}]}', "protocol"),
        (b'{"choices":[{"index":0}]}', "protocol"),
        (b'{"error":{"code":"rate_limit_exceeded"}}', "rate"),
    ],
)
def test_a_document_that_is_no_answer_has_failed(document: bytes, kind: str) -> None:
    with pytest.raises(ModelFailed) as failed:
        whole(document, "m")
    assert failed.value.kind == kind


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 300])
def test_a_name_that_is_none_is_not_passed_on(name: str) -> None:
    document = json.dumps({"model": name, "choices": [{"message": {"content": "a"}}]}).encode()
    assert whole(document, "asked-for").model == "asked-for"


@pytest.mark.parametrize(
    "told", [b"", b"null", b"5", b"{}", b'{"prompt_tokens":-1,"completion_tokens":1}', b'{"prompt_tokens":"1"}']
)
def test_counts_that_are_not_whole_are_none(told: bytes) -> None:
    assert usage_of(Raw(told)) is None


def test_a_missing_total_is_added() -> None:
    told = usage_of(Raw(b'{"prompt_tokens":3,"completion_tokens":4}'))
    assert told is not None
    assert json.loads(told.detail) == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def test_a_document_without_end_is_given_up() -> None:
    reply = RelayReader("m", 1)
    reply.feed(b"{")
    reply.feed(b" " * MAX_DOCUMENT)
    assert reply.failure is not None
