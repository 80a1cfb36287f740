import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.completions.core import Line, Refused
from parley.features.completions.wire.chat import as_persona, chat_body, dialogue, passed
from parley.kernel.ports import PromptMessage

HI = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}


def asked(**members: Any) -> bytes:
    return json.dumps({"model": "default", "messages": [HI], **members}).encode()


def refused(body: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        chat_body(body)
    return refused.value


def sent(**members: Any) -> dict[str, Any]:
    """What a provider would be sent of this, beside what is Parley's side."""
    found: dict[str, Any] = json.loads(b"{" + passed(chat_body(asked(**members))).members + b"}")
    return found


# --- what is refused ---------------------------------------------------------------------------------

WRONG: dict[str, tuple[Any, ...]] = {
    "model": ("", 5, None, ["default"]),
    "messages": ([], "Hi", 5, None, {}),
    "temperature": (-0.1, 2.1, "1", True, 1e300, -1e300),
    "max_tokens": (0, -1, 1.5, "5", True, 10**30),
    "max_completion_tokens": (0, -1, 1.5, "5", 10**30),
    "top_p": (-0.1, 1.1, "1"),
    "presence_penalty": (-2.1, 2.1),
    "frequency_penalty": (-2.1, 2.1),
    "n": (0, 129, 1.5, "2"),
    "seed": (2**63, "1", 1.5),
    "stop": (5, {"a": 1}, [5], ["x"] * 17),
    "stream": ("yes", 1, "true"),
    "stream_options": ({}, {"include_usage": True}),
    "logprobs": ("yes", 1),
    "top_logprobs": (21, -1, 5),
    "tools": ("f", [5], {"a": 1}),
    "tool_choice": (5, ["auto"]),
    "response_format": ("json", 5, []),
}


@pytest.mark.parametrize(("member", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_by_the_name_of_its_member(member: str, value: Any) -> None:
    found = refused(asked(**{member: value}))
    assert (found.reason, (found.param or "").partition("[")[0]) == ("invalid", member)


@pytest.mark.parametrize("member", ["model", "messages"])
def test_what_is_needed_and_missing_is_named(member: str) -> None:
    body = {"model": "default", "messages": [HI]}
    del body[member]
    assert refused(json.dumps(body).encode()).param == member


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "robot", "content": "Hi"}, "role"),
        ({"role": "", "content": "Hi"}, "role"),
        ({"role": 5, "content": "Hi"}, "role"),
        ({"content": "Hi"}, "role"),
        ({"role": "user"}, "content"),
        ({"role": "user", "content": None}, "content"),
        ({"role": "user", "content": 5}, "content"),
        ({"role": "user", "content": []}, "content"),
        ({"role": "assistant", "content": None}, "content"),
        ({"role": "tool", "content": "5"}, "tool_call_id"),
        ({"role": "user", "content": [{"type": "text"}]}, "content[0].text"),
        ({"role": "user", "content": [{"type": "hologram", "text": "x"}]}, "content[0].type"),
        ({"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "image_url"}]}, "content[1].image_url"),
        ({"role": "user", "content": [{"text": "x"}]}, "content[0].type"),
        ({"role": "user", "content": [{"type": "text", "text": 5}]}, "content[0].text"),
    ],
)
def test_a_wrong_message_is_named_by_its_place(message: Any, param: str) -> None:
    assert refused(asked(messages=[HI, message])).param == f"messages[1].{param}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b'{"model":"default","messages":[{"role":"user","content":"\xff"}]}',
        b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"x":"\xff"}',
        b'{"model":"default","messages":[{"role":"user","content":"\\ud800"}]}',
        b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"temperature":NaN}',
        b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"tools":[{"a":NaN}]}',
        b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"temperature":1e999}',
        b'{"model":"default","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"model":"default","messages":[{"role":"user","content":"Hi"}],"x":' + b'{"a":' * 100_000,
    ],
)
def test_what_is_no_such_json_is_refused(body: bytes) -> None:
    assert refused(body).reason == "invalid"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_at_all_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        chat_body(body)


# --- what goes on to a provider ------------------------------------------------------------------------


def test_what_a_provider_understands_goes_on_as_it_came() -> None:
    members = {
        "top_p": 0.5,
        "presence_penalty": 1.5,
        "frequency_penalty": -1.0,
        "seed": 7,
        "stop": ["a", "b"],
        "logprobs": True,
        "top_logprobs": 3,
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
        "tools": [TOOL],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "parallel_tool_calls": False,
        "reasoning_effort": "low",
    }
    assert sent(**members) == {"messages": [HI], **members}


def test_what_is_null_is_as_if_it_were_not_there() -> None:
    names = ("temperature", "max_tokens", "n", "stop", "top_p", "tools", "response_format", "stream_options", "seed")
    assert sent(**dict.fromkeys(names)) == {"messages": [HI]}


REDIRECTS = {
    "base_url": "http://127.0.0.1:9/v1",
    "api_base": "http://127.0.0.1:9/v1",
    "api_key": "sk-other",
    "api_version": "1",
    "extra_headers": {"Authorization": "Bearer sk-other"},
    "extra_body": {"model": "other"},
    "extra_query": {"a": "b"},
    "headers": {"Host": "other"},
    "organization": "org",
    "custom_llm_provider": "other",
    "model_list": [{"model_name": "x"}],
    "fallbacks": ["other"],
    "metadata": {"user_api_key": "x"},
    "user": "42",
    "store": True,
    "service_tier": "priority",
    "logit_bias": {"5": 100},
    "web_search_options": {},
    "stream_options ": {},
}


def test_nothing_in_a_body_says_where_a_call_goes() -> None:
    assert sent(**REDIRECTS) == {"messages": [HI]}


def test_members_of_a_message_that_nobody_knows_go_nowhere() -> None:
    told = sent(messages=[{**HI, "cache_control": {"a": 1}, "base_url": "http://x", "name": "anya"}])
    assert told["messages"] == [{**HI, "name": "anya"}]


def test_a_member_told_twice_counts_once_and_goes_on_once() -> None:
    twice = b'{"model":"other","model":"default","n":1,"messages":[],"messages":[{"role":"user","content":"Hi"}],"n":2}'
    request = passed(chat_body(twice))
    assert request.choices == 2
    assert request.members == b'"messages":[{"role":"user","content":"Hi"}]'


@given(st.dictionaries(st.text(max_size=8), st.recursive(st.none() | st.text(max_size=8), st.lists, max_leaves=5)))
def test_json_that_goes_on_as_it_came_can_add_no_member(schema: dict[str, Any]) -> None:
    told = sent(response_format=schema, tools=[schema])
    assert told == {"messages": [HI], "response_format": schema, "tools": [schema]}


def test_developers_speak_as_the_system_does() -> None:
    told = sent(messages=[{"role": "developer", "content": "Be brief."}, HI])
    assert [each["role"] for each in told["messages"]] == ["system", "user"]


def test_parts_and_calls_of_tools_go_on() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "What is it?"}, IMAGE]},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "5"},
    ]
    assert sent(messages=messages)["messages"] == messages


@pytest.mark.parametrize("temperature", [0, 1, 2, 0.7])
def test_a_temperature_may_be_whole_or_not(temperature: float) -> None:
    assert passed(chat_body(asked(temperature=temperature))).temperature == temperature


@pytest.mark.parametrize(
    ("members", "most"),
    [
        ({}, None),
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 6}, 6),
        ({"max_tokens": 5, "max_completion_tokens": 6}, 6),
    ],
)
def test_either_name_bounds_the_answer(members: dict[str, int], most: int | None) -> None:
    assert passed(chat_body(asked(**members))).max_tokens == most


# --- characters ----------------------------------------------------------------------------------------


def test_a_dialogue_is_plain_text() -> None:
    parts = [{"type": "text", "text": "What"}, {"type": "text", "text": "is it?"}]
    messages = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}]
    assert dialogue(chat_body(asked(messages=messages))) == [Line("system", "Be brief."), Line("user", "What\nis it?")]


@pytest.mark.parametrize(
    "message", [{"role": "user", "content": [IMAGE]}, {"role": "tool", "tool_call_id": "c", "content": "5"}]
)
def test_a_character_reads_nothing_else(message: Any) -> None:
    body = chat_body(asked(messages=[HI, message]))
    with pytest.raises(Refused) as refused:
        dialogue(body)
    assert (refused.value.param or "").startswith("messages[1].")


@pytest.mark.parametrize(("asked_for", "most"), [(None, 100), (50, 50), (500, 100)])
def test_a_characters_answer_is_bounded_by_its_model(asked_for: int | None, most: int) -> None:
    body = chat_body(asked(max_tokens=asked_for, temperature=1.5, stop="x", tools=[TOOL], logprobs=True))
    request = as_persona(body, [PromptMessage("system", "You are Kira.")], 100)
    assert (request.max_tokens, request.temperature) == (most, 1.5)
    told = json.loads(b"{" + request.members + b"}")
    assert told == {"messages": [{"role": "system", "content": "You are Kira."}], "stop": "x"}
