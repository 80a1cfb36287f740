"""The two spellings of named parameters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.db.parameters import for_postgres, for_sqlite, postgres_values, sqlite_values

OPAQUE = st.sampled_from(
    ["SELECT ", " 'it''s :name' ", ' "a :name" ', " -- :name\n", " /* :name\n */ ", "x::text ", " , ", " IN (1) ", "\n"]
)
NAMES = st.from_regex(r"[a-z_][a-z_0-9]{0,8}", fullmatch=True)


@given(st.lists(st.tuples(OPAQUE, NAMES), max_size=10), OPAQUE)
def test_only_parameters_are_replaced_and_all_of_them(parts: list[tuple[str, str]], end: str) -> None:
    sql = "".join(f"{text}(:{name})" for text, name in parts) + end
    expected = "".join(f"{text}(${number})" for number, (text, _) in enumerate(parts, 1)) + end

    assert for_postgres(sql).sql == expected
    assert for_postgres(sql).order == tuple(name for _, name in parts)
    assert for_sqlite(sql).sql == sql


def test_a_list_becomes_an_array_or_a_json_text() -> None:
    sql = "SELECT 1 WHERE a IN :ids AND b NOT IN :names AND c = :c"

    assert for_postgres(sql).sql == "SELECT 1 WHERE a = ANY($1) AND b <> ALL($2) AND c = $3"
    assert postgres_values(for_postgres(sql), {"ids": (1, 2), "names": ["x"], "c": 3}) == [[1, 2], ["x"], 3]
    assert json.loads(str(sqlite_values(for_sqlite(sql), {"ids": (1, 2), "names": ["x"], "c": 3})["ids"])) == [1, 2]


def test_a_name_at_two_places_has_a_number_for_each() -> None:
    query = for_postgres("SELECT :a, :b, :a")

    assert query.sql == "SELECT $1, $2, $3"
    assert postgres_values(query, {"a": 1, "b": "two"}) == [1, "two", 1]


@pytest.mark.parametrize(
    "values", [{}, {"id": 1, "other": 2}, {"id": [1]}], ids=["one is missing", "one too many", "a list for a scalar"]
)
def test_values_that_do_not_fit_the_query_are_refused(values: dict[str, int | list[int]]) -> None:
    sql = "SELECT :id"

    with pytest.raises(TypeError):
        sqlite_values(for_sqlite(sql), values)
    with pytest.raises(TypeError):
        postgres_values(for_postgres(sql), values)


def test_a_text_is_no_list() -> None:
    with pytest.raises(TypeError):
        sqlite_values(for_sqlite("SELECT 1 WHERE a IN :ids"), {"ids": "123"})
