import base64
import json
import struct
from typing import Any

import pytest

from parley.features.completions.core import Refused
from parley.features.completions.wire.embeddings import answer, embeddings_body, texts, vector
from parley.kernel.ports import Embeddings

PACKED = struct.pack("<2f", 0.5, -1)


def read(**members: Any) -> list[str]:
    body = embeddings_body(json.dumps({"model": "default", **members}).encode())
    return list(texts(body))


@pytest.mark.parametrize(("given", "found"), [("a", ["a"]), (["a", "b"], ["a", "b"]), ([" "], [" "])])
def test_a_text_or_some_are_taken(given: Any, found: list[str]) -> None:
    assert read(input=given) == found


@pytest.mark.parametrize(
    "given", ["", [], ["a", ""], [1, 2], [[1, 2], [3]], ["a", 5], [None], ["a", {}], 5, None, {}, ["a"] * 2049]
)
def test_all_else_is_refused_by_its_name(given: Any) -> None:
    with pytest.raises(Refused) as refused:
        read(input=given)
    assert refused.value.param == "input"


def test_tokens_are_refused_in_so_many_words() -> None:
    for given in ([1, 2], [[1, 2]]):
        with pytest.raises(Refused, match="tokens"):
            read(input=given)


@pytest.mark.parametrize(
    ("member", "value"),
    [("encoding_format", "hex"), ("encoding_format", 5), ("dimensions", 0), ("dimensions", "5"), ("model", 5)],
)
def test_a_wrong_value_is_refused_by_its_name(member: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        read(**{"input": "a", member: value})
    assert refused.value.param == member


@pytest.mark.parametrize("is_base64", [True, False])
def test_vectors_are_told_in_the_form_asked_for(is_base64: bool) -> None:
    vectors = [vector(PACKED, number, is_base64=is_base64) for number in range(2)]
    told = json.loads(answer(vectors, Embeddings([PACKED, PACKED], "m", 3)))
    wanted = base64.b64encode(PACKED).decode() if is_base64 else [0.5, -1.0]
    assert told["data"] == [{"object": "embedding", "index": number, "embedding": wanted} for number in range(2)]
    assert (told["object"], told["model"], told["usage"]) == ("list", "m", {"prompt_tokens": 3, "total_tokens": 3})
