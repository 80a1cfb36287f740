"""A CompletionModel and an Embedder in the test's hands."""

import hashlib
from collections import deque
from collections.abc import AsyncGenerator, Sequence

from parley.kernel.ports import (
    Completion,
    CompletionChoice,
    CompletionRequest,
    EmbeddedAs,
    Embeddings,
    ModelFailed,
    ModelTraits,
)
from support.scripted_model import SCRIPTED


class ScriptedCompletions:
    """Says the same to everyone, or fails as it was told, and remembers what it was asked."""

    def __init__(self, reply: str = "All right.") -> None:
        self.reply = reply
        self.asked: list[CompletionRequest] = []
        self._failures: deque[ModelFailed] = deque()

    @property
    def traits(self) -> ModelTraits:
        return SCRIPTED

    def will_fail(self, *failures: ModelFailed) -> None:
        """The next answers fail, one each."""
        self._failures.extend(failures)

    async def complete(self, request: CompletionRequest) -> Completion:
        self._note(request)
        message = f'{{"role":"assistant","content":"{self.reply}"}}'.encode()
        return Completion("scripted", [CompletionChoice(0, message, "stop")])

    async def relay(self, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        self._note(request)
        for word in self.reply.split():
            yield Completion("scripted", [CompletionChoice(0, f'{{"content":"{word} "}}'.encode())])
        yield Completion("scripted", [CompletionChoice(0, b"", "stop")])

    def _note(self, request: CompletionRequest) -> None:
        self.asked.append(request)
        if self._failures:
            raise self._failures.popleft()


class ScriptedEmbedder:
    """Vectors of eight floats that depend on the text alone."""

    takes_dimensions = False

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], EmbeddedAs]] = []

    async def embed(
        self,
        texts: Sequence[str],
        embedded_as: EmbeddedAs,
        dimensions: int | None = None,  # noqa: ARG002  never asked for where they are not taken
    ) -> Embeddings:
        self.asked.append((tuple(texts), embedded_as))
        vectors = [bytes(28) + hashlib.sha256(text.encode()).digest()[:2] + b"\x80\x3f" for text in texts]
        return Embeddings(vectors, "scripted", sum(len(text.split()) for text in texts))
