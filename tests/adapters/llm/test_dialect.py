from parley.adapters.llm.dialect import Dialect
from parley.adapters.llm.wire import encoded
from parley.kernel.ports import Prompt, PromptMessage

PROMPT = Prompt((PromptMessage("user", "Привет"),), max_tokens=5, temperature=0.5, stop=("\n",))


def test_a_request_says_just_what_the_prompt_says() -> None:
    assert (
        encoded(Dialect().request("m", PROMPT, {"2": 4.0}))
        == (
            '{"model":"m","messages":[{"role":"user","content":"Привет"}],"stream":true,'
            '"stream_options":{"include_usage":true},"max_tokens":5,"temperature":0.5,"stop":["\\n"],"logit_bias":{"2":4.0}}'
        ).encode()
    )


def test_what_a_prompt_leaves_open_is_left_to_the_provider() -> None:
    bare = encoded(Dialect(usage_in_streams=False).request("m", Prompt(()), {}))
    assert bare == b'{"model":"m","messages":[],"stream":true}'


def test_each_refused_member_is_left_out_or_renamed() -> None:
    dialect = Dialect().proven()
    sent = dialect.request("m", PROMPT, {})
    assert dialect.after_refusal(sent, "unknown stream_options") == Dialect(usage_in_streams=False, is_proven=True)
    assert dialect.after_refusal(sent, "use 'max_completion_tokens'") == Dialect(old_max_tokens=False, is_proven=True)
    assert dialect.after_refusal(sent, "temperature must be 1") == Dialect(temperature=False, is_proven=True)


def test_the_new_name_of_the_bound_carries_it() -> None:
    request = Dialect(old_max_tokens=False, temperature=False).request("m", PROMPT, {})
    assert (request.max_tokens, request.max_completion_tokens, request.temperature) == (None, 5, None)


def test_a_silent_refusal_is_put_down_to_the_stream_options_until_they_were_taken_once() -> None:
    sent = Dialect().request("m", PROMPT, {})
    assert Dialect().after_refusal(sent, "bad request") == Dialect(usage_in_streams=False)
    assert Dialect().proven().after_refusal(sent, "bad request") is None


def test_what_was_not_sent_is_not_taken_back() -> None:
    bare = Dialect(usage_in_streams=False)
    sent = bare.request("m", Prompt(()), {})
    assert bare.after_refusal(sent, "stream_options, max_completion_tokens, temperature") is None
