"""Steps that a cancellation must not cut."""

import asyncio

import pytest

from parley.adapters.db.uninterrupted import uninterrupted


async def test_a_step_ends_before_the_cancellation_of_its_caller_arrives() -> None:
    may_end = asyncio.Event()
    ended = asyncio.Event()

    async def step() -> None:
        await may_end.wait()
        ended.set()

    caller = asyncio.create_task(uninterrupted(step()))
    for _ in range(3):
        await asyncio.sleep(0)
        caller.cancel()
    await asyncio.sleep(0)
    assert not caller.done()
    may_end.set()

    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended.is_set()


async def test_a_steps_result_and_error_reach_its_caller() -> None:
    async def fail() -> None:
        raise KeyError

    assert await uninterrupted(asyncio.sleep(0, 7)) == 7
    with pytest.raises(KeyError):
        await uninterrupted(fail())
