"""What stands behind the doors of other services where no model was put: it can never be reached."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from parley.kernel.ports import Completion, CompletionRequest, EmbeddedAs, Embeddings, ModelFailed, ModelTraits

_TRAITS: Final = ModelTraits("nobody", context_tokens=8192, reply_tokens=1024)
_NOTHING: Final[tuple[Completion, ...]] = ()


class Nobody:
    """CompletionModel and Embedder that fail at once."""

    takes_dimensions = False

    @property
    def traits(self) -> ModelTraits:
        return _TRAITS

    async def complete(self, request: CompletionRequest) -> Completion:
        del request
        raise ModelFailed("connect")

    async def relay(self, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        del request
        for piece in _NOTHING:
            yield piece
        raise ModelFailed("connect")

    async def embed(self, texts: Sequence[str], embedded_as: EmbeddedAs, dimensions: int | None = None) -> Embeddings:
        del texts, embedded_as, dimensions
        raise ModelFailed("connect")
