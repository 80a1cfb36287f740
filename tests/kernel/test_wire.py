"""Ids, times and bodies at the border."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kernel.errors import InvalidInput, MemoryNotFound
from parley.kernel.ids import MAX_ID
from parley.kernel.wire import (
    decode,
    decode_optional,
    millis,
    moment_of,
    path_id,
    query_whole,
    timestamp,
    timestamp_of,
)


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    depth: int
    inner: "Inner | None" = None


class Body(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    count: int = 0
    ratio: float = 0.0
    flag: bool = False
    kind: str | None = None
    inner: Inner | None = None
    items: list[Inner] = msgspec.field(default_factory=list)
    by_name: dict[str, Inner] = msgspec.field(default_factory=dict)


GOOD = b'"name": "x"'


def field_of(body: bytes | str) -> str | None:
    with pytest.raises(InvalidInput) as refused:
        decode(body, Body)
    return refused.value.field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        # one member
        (b"{}", "name"),
        (b'{"name": 5}', "name"),
        (b'{"name": null}', "name"),
        (b'{"name": ["x"]}', "name"),
        (b'{"name": "x", "count": "5"}', "count"),
        (b'{"name": "x", "count": 5.0}', "count"),
        (b'{"name": "x", "count": true}', "count"),
        (b'{"name": "x", "count": null}', "count"),
        (b'{"name": "x", "count": 1e999}', "count"),
        (b'{"name": "x", "ratio": 1e999}', "ratio"),
        (b'{"name": "x", "flag": 1}', "flag"),
        (b'{"name": "x", "flag": "true"}', "flag"),
        (b'{"name": "x", "kind": 5}', "kind"),
        # unknown ones
        (b'{"name": "x", "user_id": 1}', "user_id"),
        (b'{"name": "x", "a b": 1}', "a b"),
        (b'{"name": "x", "a`b": 1}', "a`b"),
        (b'{"name": "x", "a.b[0]": 1}', "a.b[0]"),
        (b'{"name": "x", "": 1}', ""),
        ('{"name": "x", "имя": 1}'.encode(), "имя"),
        # deep ones belong to their top-level member
        (b'{"name": "x", "inner": {}}', "inner"),
        (b'{"name": "x", "inner": {"depth": "1"}}', "inner"),
        (b'{"name": "x", "inner": {"depth": 1, "user_id": 1}}', "inner"),
        (b'{"name": "x", "inner": {"depth": 1, "inner": {"depth": 1, "x": 1}}}', "inner"),
        (b'{"name": "x", "items": {}}', "items"),
        (b'{"name": "x", "items": [{"depth": 1}, {"depth": "1"}]}', "items"),
        (b'{"name": "x", "items": [[]]}', "items"),
        (b'{"name": "x", "by_name": {"a.b": {"depth": null}}}', "by_name"),
        (b'{"name": "x", "by_name": {"a": {"depth": 1, "z": 1}}}', "by_name"),
        # no member at fault
        (b"", None),
        (b"null", None),
        (b"[]", None),
        (b'"name"', None),
        (b"{", None),
        (b'{"name": "x"', None),
        (b'{"name": "x",}', None),
        (b"{'name': 'x'}", None),
        (b'{"name": "x"} {}', None),
        (b'{"name": NaN}', None),
        (b'{"name": "x", "ratio": Infinity}', None),
        (b'{"name": "\xff"}', None),
        (b'{"name": "\xed\xa0\x80"}', None),
        (b'{"name": "\\ud800"}', None),
        (b'{"name": "\\ud800\\u0041"}', None),
        (b'{"name": "\x01"}', None),
        (b'\xef\xbb\xbf{"name": "x"}', None),
        (b"\x00" * 100, None),
    ],
)
def test_a_bad_body_is_refused_by_its_top_level_member_at_fault(body: bytes, field: str | None) -> None:
    assert field_of(body) == field


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"name":'])
def test_a_bomb_of_depth_is_refused(opening: bytes) -> None:
    deep = opening * 100_000
    assert field_of(deep) in {None, "a"}
    assert field_of(b'{"name": "x", "items": ' + deep) == "items"
    field_of(b'{"name": "x", "inner": ' + b'{"depth": 1, "inner": ' * 100_000)
    with pytest.raises(InvalidInput):
        decode(b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", Raw)


class Raw(msgspec.Struct):
    data: msgspec.Raw


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode(body, Body)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)


@given(st.sampled_from(["name", "count", "flag", "inner", "items", "by_name"]), JSON)
def test_the_member_named_is_the_one_that_was_wrong(member: str, value: Any) -> None:
    body = {"name": "x", member: value}
    try:
        decode(msgspec.json.encode(body), Body)
    except InvalidInput as error:
        assert error.field == member  # noqa: PT017  a good value is good too


def test_of_a_member_given_twice_the_last_counts() -> None:
    assert decode(b'{"name": "a", "name": "b"}', Body).name == "b"
    assert field_of(b'{"name": "a", "name": 5}') == "name"


def test_a_str_with_a_lone_surrogate_is_refused() -> None:
    assert field_of('{"name": "\ud800"}') is None


def test_no_body_at_all_is_an_empty_object_where_it_may_be() -> None:
    assert decode_optional(b"", Kept).keep == 0
    assert decode_optional(b'{"keep": 3}', Kept).keep == 3
    with pytest.raises(InvalidInput):
        decode_optional(b" ", Kept)


class Kept(msgspec.Struct, forbid_unknown_fields=True):
    keep: int = 0


# --- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "42", str(MAX_ID)])
def test_a_positive_63_bit_number_is_an_id(text: str) -> None:
    assert path_id(text, MemoryNotFound()) == int(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "-1", "+1", "01", "1.0", "1e3", " 1", "1 ", "1\n", "0x10", "x", "1_000", "١", "²", "１", "null",
        str(MAX_ID + 1), "9" * 19, "9" * 5000, "1;DROP TABLE users", "1%00", "\x00",
    ],
)  # fmt: skip
def test_anything_else_names_nothing(text: str) -> None:
    missing = MemoryNotFound()
    with pytest.raises(MemoryNotFound) as raised:
        path_id(text, missing)
    assert raised.value is missing


# --- queries ---------------------------------------------------------------------------------------


def test_a_whole_number_of_a_query_is_within_its_bounds_or_refused_by_name() -> None:
    assert query_whole({}, "limit", 1, 100, 50) == 50
    assert query_whole({"limit": "7"}, "limit", 1, 100, 50) == 7
    assert query_whole({"offset": str(MAX_ID)}, "offset", 0, None, 0) == MAX_ID
    for text in ("", "0", "101", "-1", "1.0", "x", " 5", "5 ", "٥", "9" * 20, "1e1", "+5"):
        with pytest.raises(InvalidInput) as refused:
            query_whole({"limit": text}, "limit", 1, 100, 50)
        assert refused.value.field == "limit"
    with pytest.raises(InvalidInput):
        query_whole({"offset": str(MAX_ID + 1)}, "offset", 0, None, 0)


# --- times -----------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001  the zone comes with the map


@given(MOMENTS)
def test_a_moment_comes_back_to_the_millisecond(moment: datetime) -> None:
    assert timedelta() <= moment - moment_of(millis(moment)) < timedelta(milliseconds=1)


@given(MOMENTS)
def test_a_timestamp_is_what_every_client_reads(moment: datetime) -> None:
    told = timestamp(moment)
    assert told == timestamp_of(millis(moment))
    assert datetime.fromisoformat(told) == moment.replace(microsecond=0)
    assert len(told) == len("2025-01-01T12:00:00Z")


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    there = datetime.fromisoformat("2025-01-01T15:00:00+03:00")
    assert timestamp_of(millis(there)) == "2025-01-01T12:00:00Z"
