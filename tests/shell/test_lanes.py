import asyncio
import gc
from typing import Any

from parley.features.updates.core import Waiting
from parley.shell.lanes import AT_ONCE, Lanes


def update(number: int, chat: int = 7) -> Waiting:
    return Waiting(number, f"chat {chat}", "{}", 0)


async def test_a_chat_is_handled_in_order_and_chats_side_by_side() -> None:
    handled: list[int] = []
    is_free, other_is_done = asyncio.Event(), asyncio.Event()

    async def handle(waiting: Waiting) -> None:
        if waiting.lane == "chat 7":
            await is_free.wait()
        else:
            other_is_done.set()
        handled.append(waiting.id)

    lanes = Lanes(handle)
    for each in (update(1), update(2), update(3, chat=8), update(4)):
        lanes.add(each)
    await other_is_done.wait()
    assert handled == [3]
    is_free.set()
    await lanes.end(5.0)
    assert handled == [3, 1]


async def test_only_so_many_are_handled_at_once() -> None:
    at_once, most = 0, 0
    done = asyncio.Semaphore(0)

    async def handle(waiting: Waiting) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        done.release()

    lanes = Lanes(handle)
    for number in range(3 * AT_ONCE):
        lanes.add(update(number, chat=number))
    for _ in range(3 * AT_ONCE):
        await done.acquire()
    assert most == AT_ONCE


async def test_what_does_not_end_in_time_is_cut_off() -> None:
    begun = asyncio.Event()
    was_cut = False

    async def handle(waiting: Waiting) -> None:
        nonlocal was_cut
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cut = True
            raise

    lanes = Lanes(handle)
    lanes.add(update(1))
    await begun.wait()
    await lanes.end(0.01)
    assert was_cut


async def test_lanes_that_wait_for_room_when_the_end_comes_end_in_peace() -> None:
    broken: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context))
    handled: list[int] = []
    is_full, may_end = asyncio.Event(), asyncio.Event()

    async def handle(waiting: Waiting) -> None:
        handled.append(waiting.id)
        if len(handled) == AT_ONCE:
            is_full.set()
        await may_end.wait()

    lanes = Lanes(handle)
    for number in range(2 * AT_ONCE):
        lanes.add(update(number, chat=number))
    await is_full.wait()
    ending = asyncio.create_task(lanes.end(5.0))
    await asyncio.sleep(0)
    may_end.set()
    await ending
    gc.collect()
    assert len(handled) == AT_ONCE
    assert broken == []
