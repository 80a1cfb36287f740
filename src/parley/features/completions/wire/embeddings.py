"""``POST /embeddings``."""

import base64
import struct
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Struct

from parley.features.completions.core import invalid
from parley.features.completions.wire.reading import decoded
from parley.kernel.openapi import Count, schema
from parley.kernel.ports import Embeddings

MOST_TEXTS: Final = 2048
MOST_DIMENSIONS: Final = 16384
_FLOAT: Final = 4
"""Bytes."""


class EmbeddingsBody(Struct):
    """The body of `POST /embeddings`: a text or some. Other members are ignored."""

    model: Annotated[str, schema(minLength=1, examples=["default"])]
    input: Annotated[str | list[Any], schema(examples=["Hello!"])]
    encoding_format: Annotated[str | None, schema(enum=["float", "base64"])] = None
    dimensions: Annotated[int | None, schema(minimum=1, maximum=MOST_DIMENSIONS)] = None


class VectorAnswer(Struct):
    """A text's vector, of length 1."""

    object: Literal["embedding"]
    index: Count
    embedding: Annotated[list[float], schema(examples=[[0.6, 0.8]])]


class EmbeddingsUsage(Struct):
    """What it cost."""

    prompt_tokens: Count
    total_tokens: Count


class EmbeddingsAnswer(Struct):
    """The answer of `POST /embeddings`; with `encoding_format` base64 a vector is a string of 32-bit floats."""

    object: Literal["list"]
    data: list[VectorAnswer]
    model: Annotated[str, schema(examples=["multilingual-e5-small"])]
    usage: EmbeddingsUsage


_BODY: Final = msgspec.json.Decoder(EmbeddingsBody)


def embeddings_body(data: bytes) -> EmbeddingsBody:
    """The request, checked. Raises Refused."""
    body = decoded(data, _BODY)
    if body.encoding_format not in {None, "float", "base64"}:
        raise invalid("encoding_format", "encoding_format must be float or base64.")
    if body.dimensions is not None and not 1 <= body.dimensions <= MOST_DIMENSIONS:
        raise invalid("dimensions", f"dimensions must be from 1 to {MOST_DIMENSIONS}.")
    return body


def texts(body: EmbeddingsBody) -> Sequence[str]:
    """The texts to embed. Raises Refused."""
    given = [body.input] if isinstance(body.input, str) else body.input
    if not 1 <= len(given) <= MOST_TEXTS:
        raise invalid("input", f"input must hold 1 to {MOST_TEXTS} texts.")
    if any(isinstance(each, int | list) for each in given):
        raise invalid("input", "input must be text: tokens mean something else to every model.")
    found = [each for each in given if isinstance(each, str) and each]
    if len(found) < len(given):
        raise invalid("input", "input must be a text or a list of texts, none of them empty.")
    return found


def vector(packed: bytes, number: int, *, is_base64: bool) -> bytes:
    """One vector as it stands in the answer."""
    if is_base64:
        return b'{"object":"embedding","index":%d,"embedding":"%b"}' % (number, base64.b64encode(packed))
    floats = struct.unpack(f"<{len(packed) // _FLOAT}f", packed)
    return b'{"object":"embedding","index":%d,"embedding":%b}' % (number, msgspec.json.encode(floats))


def answer(vectors: Sequence[bytes], embeddings: Embeddings) -> bytes:
    """The whole answer around its vectors."""
    usage = msgspec.json.encode(EmbeddingsUsage(embeddings.tokens, embeddings.tokens))
    model = msgspec.json.encode(embeddings.model)
    return b'{"object":"list","data":[%b],"model":%b,"usage":%b}' % (b",".join(vectors), model, usage)
