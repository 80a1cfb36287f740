import json
from typing import Any

import pytest

from parley.features.completions.core import failed
from parley.features.completions.wire.answers import ChunkWriter, Heading, answer, error_event
from parley.kernel.errors import AppError
from parley.kernel.ports import Completion, CompletionChoice, ModelFailed, TokenUsage

USAGE = TokenUsage(7, 2, b'{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9,"prompt_tokens_details":{}}')
HEADING = Heading("chatcmpl-1", 1735732800)


def events(text: bytes) -> list[Any]:
    """The data of the events, each of which is one line."""
    found = [each.removeprefix("data: ") for each in text.decode().split("\n\n")[:-1]]
    return [each if each == "[DONE]" else json.loads(each) for each in found]


def piece(*choices: CompletionChoice) -> Completion:
    return Completion('a "model"', choices)


def said(text: str, index: int = 0, finish: Any = None) -> CompletionChoice:
    return CompletionChoice(index, json.dumps({"content": text}).encode() if text else b"", finish)


def test_a_whole_answer_has_all_that_the_spec_names() -> None:
    told = CompletionChoice(0, b'{"role":"assistant","content":"Hi"}', "length", b'{"content":[]}')
    assert json.loads(answer(HEADING, piece(told), USAGE)) == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1735732800,
        "model": 'a "model"',
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hi"},
                "logprobs": {"content": []},
                "finish_reason": "length",
            }
        ],
        "usage": {**json.loads(USAGE.detail)},
    }


def test_a_name_it_was_asked_by_stands_before_the_providers() -> None:
    told = answer(Heading("x", 1, "character/5"), piece(said("Hi")), USAGE)
    assert json.loads(told)["model"] == "character/5"


def test_a_stream_has_the_role_first_then_the_text_then_the_reason() -> None:
    writer = ChunkWriter(HEADING, shows_usage=False)
    chunks = events(
        writer.events(piece(said("Hel"))) + writer.events(piece(said("lo", finish="stop"))) + writer.end(USAGE)
    )
    assert [each["choices"][0]["delta"] for each in chunks[:-1]] == [
        {"role": "assistant", "content": ""},
        {"content": "Hel"},
        {"content": "lo"},
        {},
    ]
    assert [each["choices"][0]["finish_reason"] for each in chunks[:-1]] == [None, None, None, "stop"]
    assert chunks[-1] == "[DONE]"
    heads = {(each["id"], each["created"], each["model"], each["object"]) for each in chunks[:-1]}
    assert heads == {("chatcmpl-1", 1735732800, 'a "model"', "chat.completion.chunk")}
    assert all("usage" not in each for each in chunks[:-1])


def test_usage_is_told_when_asked_for_and_null_before() -> None:
    writer = ChunkWriter(HEADING, shows_usage=True)
    *chunks, last, done = events(writer.events(piece(said("Hi", finish="stop"))) + writer.end(USAGE))
    assert {each["usage"] for each in chunks} == {None}
    assert (last["choices"], last["usage"], done) == ([], json.loads(USAGE.detail), "[DONE]")


def test_every_choice_begins_with_its_role() -> None:
    writer = ChunkWriter(HEADING, shows_usage=False)
    chunks = events(writer.events(piece(said("a"), said("b", 1))) + writer.events(piece(said("c", 1, "stop"))))
    deltas = [(each["choices"][0]["index"], each["choices"][0]["delta"]) for each in chunks]
    role = {"role": "assistant", "content": ""}
    assert deltas == [
        (0, role),
        (0, {"content": "a"}),
        (1, role),
        (1, {"content": "b"}),
        (1, {"content": "c"}),
        (1, {}),
    ]


def test_an_answer_without_text_has_role_and_reason() -> None:
    writer = ChunkWriter(HEADING, shows_usage=False)
    chunks = events(writer.events(piece(said("", finish="content_filter"))))
    assert [each["choices"][0]["finish_reason"] for each in chunks] == [None, "content_filter"]


@pytest.mark.parametrize("error", [failed(ModelFailed("cut")), AppError()])
def test_an_error_after_the_beginning_is_one_event(error: Any) -> None:
    (told,) = events(error_event(error))
    assert set(told) == {"error"}
    assert set(told["error"]) == {"message", "type", "param", "code"}
