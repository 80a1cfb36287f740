"""The embedded model as it is, in its child process."""

import asyncio
import os
import signal
import struct
from collections.abc import AsyncIterator

import pytest

from parley.adapters.embed.embedded import AT_ONCE, NAME, EmbeddedEmbedder
from parley.kernel.ports import ModelFailed

LONG_ENOUGH = 60.0
"""Seconds after which a test stops waiting: only a failing one ever does."""


@pytest.fixture
async def embedder() -> AsyncIterator[EmbeddedEmbedder]:
    embedder = EmbeddedEmbedder()
    yield embedder
    await embedder.close()


def nearness(one: bytes, other: bytes) -> float:
    pairs = zip(struct.unpack("<384f", one), struct.unpack("<384f", other), strict=True)
    return float(sum(a * b for a, b in pairs))


async def test_nothing_is_started_before_it_is_asked(embedder: EmbeddedEmbedder) -> None:
    assert embedder.process_id is None
    await embedder.embed(["a"], "query")
    assert embedder.process_id is not None


async def test_near_meanings_are_near_in_both_languages(embedder: EmbeddedEmbedder) -> None:
    query = await embedder.embed(["как зовут кота"], "query")
    found = await embedder.embed(["Кота зовут Барсик", "My cat is called Barsik", "The weather is nice"], "passage")
    russian, english, other = (nearness(query.vectors[0], each) for each in found.vectors)
    assert min(russian, english) > other + 0.05
    assert nearness(query.vectors[0], query.vectors[0]) == pytest.approx(1, abs=1e-3)
    assert (found.model, found.tokens > 3) == (NAME, True)


async def test_a_text_may_say_itself_what_it_is(embedder: EmbeddedEmbedder) -> None:
    plain, said = [
        await embedder.embed(texts, kind)  # type: ignore[arg-type]  # the two words there are
        for texts, kind in ((["кот"], "passage"), (["passage: кот"], "query"))
    ]
    assert (plain.vectors, plain.tokens) == (said.vectors, said.tokens)
    assert (await embedder.embed(["кот"], "query")).vectors != plain.vectors


async def test_many_texts_come_in_their_order(embedder: EmbeddedEmbedder) -> None:
    texts = [str(number) for number in range(AT_ONCE * 2 + 1)]
    together = (await embedder.embed(texts, "query")).vectors
    assert [(await embedder.embed([each], "query")).vectors[0] for each in texts[-2:]] == together[-2:]
    assert len(together) == len(texts)


async def test_what_is_too_long_is_cut_off(embedder: EmbeddedEmbedder) -> None:
    long = await embedder.embed(["слово " * 20_000], "query")
    assert long.tokens == 512
    assert long.vectors == (await embedder.embed(["слово " * 30_000], "query")).vectors


async def test_a_nul_ends_no_text(embedder: EmbeddedEmbedder) -> None:
    with_nul, spaced, cut = (await embedder.embed(["кот\0и пёс", "кот и пёс", "кот"], "query")).vectors
    assert with_nul == spaced != cut


async def test_an_answer_given_up_is_not_taken_for_the_next(embedder: EmbeddedEmbedder) -> None:
    expected = (await embedder.embed(["кот"], "query")).vectors
    given_up = asyncio.create_task(embedder.embed(["слово " * 300], "query"))
    await asyncio.sleep(0.01)
    given_up.cancel()
    assert (await asyncio.wait_for(embedder.embed(["кот"], "query"), LONG_ENOUGH)).vectors == expected


async def test_a_child_that_dies_is_started_again(embedder: EmbeddedEmbedder) -> None:
    first = (await embedder.embed(["кот"], "query")).vectors
    died = embedder.process_id
    assert died is not None
    os.kill(died, signal.SIGKILL)
    for _ in range(2):
        try:
            again = await embedder.embed(["кот"], "query")
        except ModelFailed:
            continue  # who asks while it dies is told so
        assert again.vectors == first
    assert embedder.process_id not in {None, died}


async def test_a_closed_one_starts_nothing(embedder: EmbeddedEmbedder) -> None:
    await embedder.embed(["кот"], "query")
    await embedder.close()
    with pytest.raises(ModelFailed):
        await embedder.embed(["кот"], "query")
    assert embedder.process_id is None
