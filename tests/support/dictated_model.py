"""A ChatModel that says a piece when the test does."""

import asyncio
from collections.abc import AsyncGenerator

from parley.kernel.ports import Finish, ModelPart, ModelTraits, Prompt, TextPart
from support.scripted_model import SCRIPTED


class DictatedModel:
    """A ChatModel that says a piece when the test does."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[ModelPart | Exception] = asyncio.Queue()
        self.asked: list[Prompt] = []

    @property
    def traits(self) -> ModelTraits:
        return SCRIPTED

    def say(self, text: str) -> None:
        """Say a piece of the reply."""
        self._pieces.put_nowait(TextPart(text))

    def finish(self) -> None:
        """End the reply."""
        self._pieces.put_nowait(Finish("stop", "dictated", 1, 1))

    def fail(self, failure: Exception) -> None:
        """Break the reply off."""
        self._pieces.put_nowait(failure)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        self.asked.append(prompt)
        while True:
            piece = await self._pieces.get()
            if isinstance(piece, Exception):
                raise piece
            yield piece
            if isinstance(piece, Finish):
                return
