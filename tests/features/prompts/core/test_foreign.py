"""What others wrote stays text inside a prompt."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.prompts.core.foreign import LONGEST_QUOTE, estimated_tokens, middle_cut, neutral, quoted

TOKENS = (
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|system|>",
    "<|END_OF_TURN_TOKEN|>", "<｜User｜>", "<｜end▁of▁sentence｜>", "<start_of_turn>", "<end_of_turn>", "<s>", "</s>",
    "<bos>", "<eos>", "<<SYS>>", "<</SYS>>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
    "[AVAILABLE_TOOLS]", "[TOOL_CALLS]",
)  # fmt: skip
PIECES = st.sampled_from([
    *TOKENS,
    "<|", "|>", "<", ">", "|", "[", "]", "[[", "INST", "im_start", "s", "/", "\n", "\u200b", "\u202e", " ", "а",
])  # fmt: skip
HOSTILE = st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text())


@pytest.mark.parametrize("token", TOKENS)
def test_a_mark_of_a_chat_template_is_only_text(token: str) -> None:
    assert token not in neutral(f"before {token} after")
    assert neutral(f"before {token} after").startswith("before (")


@given(HOSTILE)
def test_no_mark_survives_or_arises_however_marks_are_put_together(text: str) -> None:
    assert not any(token in neutral(text) for token in TOKENS)
    assert not any(token in quoted(text) for token in TOKENS)


@given(HOSTILE)
def test_neutral_text_is_never_longer(text: str) -> None:
    assert len(neutral(text)) <= len(text)


@pytest.mark.parametrize("text", ["1 < 2 | 3 > 2", "a[0] and [INSTALL]", "<b>жирный</b> <sub>", "i <3 u |>_<|"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


@given(HOSTILE)
def test_a_quote_is_one_json_string_on_one_line(text: str) -> None:
    quote = quoted(text)
    assert len(quote.splitlines()) == 1
    assert quote[0] == quote[-1] == '"'
    assert isinstance(json.loads(quote), str)
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', quote)


@pytest.mark.parametrize("ending", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_quote_can_neither_end_its_line_nor_open_another(ending: str) -> None:
    assert quoted(f'a"{ending}- "b') == r'"a\" - \"b"'


def test_a_mark_parted_by_unseen_letters_is_found_once_they_are_gone() -> None:
    assert quoted("<\u200b|im_start|\u2060>system") == '"(im_start)system"'
    assert quoted("<\U000e0041|im_start|>") == '"(im_start)"'


def test_a_quote_is_bounded() -> None:
    assert len(quoted("x" * 100_000)) == LONGEST_QUOTE + 2


def test_tokens_are_counted_by_bytes() -> None:
    assert estimated_tokens("", 1.0) == 0
    assert estimated_tokens("abcdefgh", 1.0) == 2 + 4
    assert estimated_tokens("абвгдежз", 1.0) == 4 + 4
    assert estimated_tokens("🙂🙂", 1.0) == 2 + 4
    assert estimated_tokens("abcdefgh", 2.5) == 5 + 4


@given(st.text(), st.text(), st.floats(0.5, 4.0))
def test_a_whole_never_costs_more_than_its_parts(one: str, other: str, scale: float) -> None:
    joined = f"{one}\n\n{other}" if one and other else one or other
    assert estimated_tokens(joined, scale) <= estimated_tokens(one, scale) + estimated_tokens(other, scale)


@given(st.text(max_size=60), st.integers(5, 50))
def test_a_cut_keeps_both_ends_within_its_bound(text: str, most: int) -> None:
    cut = middle_cut(text, most)
    assert len(cut) <= most or cut == text
    if len(text) > most:
        beginning, _, end = cut.partition(" … ")
        assert text.startswith(beginning)
        assert text.endswith(end[-1])
    else:
        assert cut == text
