import json

from hypothesis import given
from hypothesis import strategies as st

from parley.features.completions.core import estimated


@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_an_estimate_is_whole_and_adds_up(asked: bytes, said: int) -> None:
    usage = estimated(asked, said)
    assert json.loads(usage.detail) == {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
    assert usage.prompt_tokens * 4 >= len(asked) > usage.prompt_tokens * 4 - 4
    assert (usage.completion_tokens == 0) == (said == 0)
