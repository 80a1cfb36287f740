"""Named parameters: one spelling in `store.py`, each engine's own beneath.

A list stands only after IN, and the text of the query does not depend on its length: SQLite reads it with `json_each`,
PostgreSQL as an array. So `IN` of an empty list matches nothing, `NOT IN` of one everything, and every query is
prepared once.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from parley.kernel.ports import Scalar, Value

_TOKENS = re.compile(
    r"""
      '(?:[^']|'')*'                                # a string
    | "(?:[^"]|"")*"                                # a quoted name
    | --[^\n]*                                      # comments
    | /\*.*?\*/
    | ::                                            # PostgreSQL's cast
    | \b (?P<negated>NOT\s+)? IN \s+ : (?P<list>[a-z_]\w*)
    | : (?P<scalar>[a-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_IN_JSON = "IN (SELECT value FROM json_each(:{}))"
_MOST_QUERIES = 1024
"""Parley's own queries are some hundreds; the bound is against a caller who builds SQL from data."""


@dataclass(frozen=True, slots=True)
class Query:
    """SQL in an engine's spelling, and which values it takes."""

    sql: str
    order: tuple[str, ...]
    """The name behind each place, in order; a name may stand at several."""
    names: frozenset[str]
    lists: frozenset[str]

    def checked(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """The values, if they are exactly those the query names and lists stand where lists belong."""
        if values.keys() != self.names:
            raise TypeError(f"the query takes {sorted(self.names)}, not {sorted(values)}")
        for name, value in values.items():
            if _is_list(value) is not (name in self.lists):
                raise TypeError(f"{name!r} must {'' if name in self.lists else 'not '}be a list: lists stand after IN")
        return values


def _is_list(value: Value) -> bool:
    return not (value is None or isinstance(value, str | int | float | bytes))


@lru_cache(_MOST_QUERIES)
def for_sqlite(sql: str) -> Query:
    """The query with lists read from JSON; scalar parameters stay named, SQLite knows them."""
    order: list[str] = []
    lists: set[str] = set()

    def spelled(match: re.Match[str]) -> str:
        if name := match["list"]:
            order.append(name)
            lists.add(name)
            return (match["negated"] or "") + _IN_JSON.format(name)
        if name := match["scalar"]:
            order.append(name)
        return match[0]

    return Query(_TOKENS.sub(spelled, sql), tuple(order), frozenset(order), frozenset(lists))


@lru_cache(_MOST_QUERIES)
def for_postgres(sql: str) -> Query:
    """The query with `$n`. Each place has its own number, so that one name may serve places of different types."""
    order: list[str] = []
    lists: set[str] = set()

    def spelled(match: re.Match[str]) -> str:
        if name := match["list"]:
            order.append(name)
            lists.add(name)
            return f"<> ALL(${len(order)})" if match["negated"] else f"= ANY(${len(order)})"
        if name := match["scalar"]:
            order.append(name)
            return f"${len(order)}"
        return match[0]

    return Query(_TOKENS.sub(spelled, sql), tuple(order), frozenset(order), frozenset(lists))


def sqlite_values(query: Query, values: Mapping[str, Value]) -> Mapping[str, Value]:
    """What sqlite3 binds."""
    checked = query.checked(values)
    if not query.lists:
        return checked
    return {
        name: json.dumps(_listed(value), ensure_ascii=False) if name in query.lists else value
        for name, value in checked.items()
    }


def postgres_values(query: Query, values: Mapping[str, Value]) -> list[Scalar | Sequence[int] | Sequence[str]]:
    """What asyncpg binds."""
    checked = query.checked(values)
    return [_listed(checked[name]) if name in query.lists else checked[name] for name in query.order]


def _listed(value: Value) -> Sequence[int] | Sequence[str]:
    assert not isinstance(value, str | int | float | bytes | None)
    return list(value)  # type: ignore[return-value]  # a sequence of one of the two, whichever it is
