import pytest

from parley.features.idempotency import core
from parley.features.idempotency.core import Record
from parley.kernel.errors import Conflict, InvalidInput
from parley.kernel.ids import UserId

ME = UserId(1)


@pytest.mark.parametrize("key", ["k", "x" * 255, "a b", "~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./"])
def test_printable_ascii_is_a_key(key: str) -> None:
    assert core.asked(ME, "POST /x", key, b"{}").key == key


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a\tb", "a\x7f", "é"])
def test_anything_else_is_refused_by_the_headers_name(key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        core.asked(ME, "POST /x", key, b"{}")
    assert refused.value.field == "Idempotency-Key"


def test_the_same_body_gets_the_kept_answer() -> None:
    request = core.asked(ME, "POST /x", "k", b"{}")
    assert core.replay(request, Record(request.body_digest, None, None, '{"a":1}')) == '{"a":1}'
    assert core.replay(request, Record(request.body_digest, "worker", None, None)) is None


def test_another_body_is_a_conflict_answered_or_not() -> None:
    request = core.asked(ME, "POST /x", "k", b"{}")
    other = core.asked(ME, "POST /x", "k", b"{ }")
    for answer in ("{}", None):
        with pytest.raises(Conflict):
            core.replay(request, Record(other.body_digest, None, None, answer))
