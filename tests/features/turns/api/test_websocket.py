from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.turns.api.websocket import after_of, init_data_candidates
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import MAX_ID

RAW = "query_id=AAH&user=%7B%22first_name%22%3A%22A%2BB%22%7D&auth_date=1&hash=ab"
pairs = st.lists(
    st.tuples(st.text("abc_", min_size=1), st.text(min_size=1).filter(lambda value: value.isprintable())), min_size=1
)


@pytest.mark.parametrize(
    "query",
    [
        f"initData={RAW}",
        f"initData={quote(RAW, safe='')}",
        f"after=5&initData={RAW}",
        f"initData={RAW}&after=5",
        f"initData={quote(RAW, safe='')}&after=5",
        f"after=5&initData={quote(RAW, safe='')}",
    ],
)
def test_both_forms_are_among_the_candidates(query: str) -> None:
    assert RAW in list(init_data_candidates(query))


@given(pairs)
def test_any_init_data_is_found_in_both_forms(told: list[tuple[str, str]]) -> None:
    raw = "&".join(f"{name}={quote(value, safe='')}" for name, value in told)
    assert raw in list(init_data_candidates(f"initData={raw}"))
    assert raw in list(init_data_candidates(f"initData={quote(raw, safe='')}"))


def test_what_is_encoded_is_decoded_once_and_plus_is_a_plus() -> None:
    first, *_ = init_data_candidates("initData=user%3D%257B%252B%2B+")
    assert first == unquote("user%3D%257B%252B%2B") + "+" == "user=%7B%2B++"


def test_without_init_data_there_is_no_candidate() -> None:
    assert list(init_data_candidates("after=5&x=1")) == []
    assert list(init_data_candidates("")) == []


@pytest.mark.parametrize(("query", "after"), [("", None), ("after=0", 0), ("x=1&after=42", 42), ("xafter=1", None)])
def test_the_number_to_replay_from_is_the_one_named(query: str, after: int | None) -> None:
    assert after_of(query) == after


def test_a_number_beyond_all_is_the_last() -> None:
    assert after_of(f"after={10**19 - 1}") == MAX_ID


@pytest.mark.parametrize("after", ["", "x", "-1", "1.0", "1" * 20, "%31", "٣"])
def test_what_is_no_number_is_refused(after: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        after_of(f"after={after}")
    assert refused.value.field == "after"
