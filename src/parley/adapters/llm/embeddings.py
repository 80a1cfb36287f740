"""Embeddings of any OpenAI-compatible provider."""

import base64
import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from parley.adapters.llm.endpoint import Endpoint, now
from parley.adapters.llm.relay import named
from parley.adapters.llm.tries import Tries
from parley.kernel.ports import EmbeddedAs, Embeddings, ModelFailed

MAX_DOCUMENT: Final = 64 * 1024 * 1024
"""Bytes: 2,048 vectors of 3,072 floats, some told as decimal numbers."""
_FLOAT: Final = 4
"""Bytes."""


class EmbeddingsRequest(msgspec.Struct, omit_defaults=True):
    """The body of ``POST /embeddings``."""

    model: str
    input: Sequence[str]
    encoding_format: str
    dimensions: int | None = None


class _Vector(msgspec.Struct):
    embedding: str | list[float]
    """Base64 of 32-bit floats, or the numbers: some providers do not know the shorter form."""
    index: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None


class EmbeddingsAnswer(msgspec.Struct):
    """The answer, as far as it is read."""

    data: list[_Vector]
    model: str | None = None
    usage: _Usage | None = None


class ProviderEmbedder:
    """Embedder over HTTP. Texts go as they are: what a prefix of them means is the model's own affair."""

    takes_dimensions = True

    def __init__(self, endpoint: Endpoint, model: str, tries: Tries) -> None:
        self._endpoint = endpoint
        self._model = model
        self._tries = tries

    async def embed(
        self,
        texts: Sequence[str],
        embedded_as: EmbeddedAs,  # noqa: ARG002  providers know no such difference
        dimensions: int | None = None,
    ) -> Embeddings:
        body = msgspec.json.encode(EmbeddingsRequest(self._model, texts, "base64", dimensions))

        async def begin(_provider: int, _until: float) -> Embeddings:
            return self._read(await self._answer(body), len(texts))

        return await self._tries.begun(begin, self._tries.ends(), self._tries.budget.total)

    async def _answer(self, body: bytes) -> bytes:
        until = now() + self._endpoint.timeouts.first_text
        response = await self._endpoint.post(body, until)
        if response.status != 200:
            raise self._endpoint.failure(response, await self._endpoint.refusal(response, until))
        return await self._endpoint.document(response, MAX_DOCUMENT, until)

    def _read(self, document: bytes, count: int) -> Embeddings:
        try:
            answer = msgspec.json.decode(document, type=EmbeddingsAnswer)
            vectors = {
                number if each.index is None else each.index: _packed(each) for number, each in enumerate(answer.data)
            }
            tokens = answer.usage.prompt_tokens if answer.usage is not None else None
            in_order = [vectors[number] for number in range(count)]
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, KeyError, struct.error, OverflowError):
            raise ModelFailed("protocol") from None
        return Embeddings(in_order, named(answer.model, self._model), max(tokens or 0, 0))


def _packed(vector: _Vector) -> bytes:
    """The floats, four bytes each. Raises ValueError."""
    if isinstance(vector.embedding, str):
        packed = base64.b64decode(vector.embedding, validate=True)
    else:
        packed = struct.pack(f"<{len(vector.embedding)}f", *vector.embedding)
    if not packed or len(packed) % _FLOAT:
        raise ValueError("no vector")
    return packed
