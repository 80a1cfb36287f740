"""The document a person gets: piece by piece, one item a line, values as the API tells them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.privacy import core
from parley.features.privacy.core import Document


def written(document: bytes) -> Any:
    return json.loads(document)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("created_at", 1_767_614_400_000, "2026-01-05T12:00:00Z"),
        ("edited_at", None, None),
        ("is_partial", 0, False),
        ("is_adult_confirmed", 1, True),
        ("pinned", 1, True),
        ("day", 20_458, "2026-01-05"),
        ("importance", 1, 1),
        ("content", "1", "1"),
    ],
)
def test_values_are_told_as_the_api_tells_them(column: str, value: Any, told: Any) -> None:
    assert core.value_of(column, value) == told
    assert type(core.value_of(column, value)) is type(told)


VALUES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20)


@given(st.dictionaries(st.text(max_size=10), VALUES), st.lists(st.dictionaries(st.text(max_size=10), VALUES)))
def test_a_document_written_in_pieces_is_json(members: dict[str, Any], items: list[dict[str, Any]]) -> None:
    pieces: list[bytes] = []
    document = Document(pieces.append)
    with document.members():
        document.add(members, "first")
        with document.items("list"):
            for item in items:
                with document.members():
                    for name, value in item.items():
                        document.add(value, name)
                    with document.items("empty"):
                        pass
        document.add({"receipt": core.value_of("receipt", '{"a":1}')}, "last")
    expected = [{name: value for name, value in item.items() if name != "empty"} for item in items]
    got = written(b"".join(pieces))
    assert got["first"] == members
    assert [{name: value for name, value in item.items() if name != "empty"} for item in got["list"]] == expected
    assert all(item["empty"] == [] for item in got["list"])
    assert got["last"] == {"receipt": {"a": 1}}


def test_every_column_that_is_not_told_says_why() -> None:
    for table in core.ALL:
        assert table.told or table.untold
        assert all(table.untold.values())
        assert not set(table.told) & set(table.untold)


def test_lanes_are_those_of_a_private_chat() -> None:
    assert core.lanes_of(7) == ("chat 7", "stop 7", "payment 7")
