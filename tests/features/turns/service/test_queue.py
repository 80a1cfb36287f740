import asyncio

import pytest

from parley.features.turns.core import MOST_WAITING
from parley.features.turns.service.queue import TurnQueue
from parley.kernel.errors import Conflict


async def test_those_who_wait_come_in_the_order_of_joining() -> None:
    queue = TurnQueue()
    order: list[int] = []

    async def take(number: int) -> None:
        async with places[number].turn():
            order.append(number)
            await asyncio.sleep(0)

    places = [queue.join("chat") for _ in range(20)]
    await asyncio.gather(*(take(number) for number in range(20)))
    assert order == list(range(20))


async def test_one_is_inside_at_a_time_and_other_chats_are_not_kept_waiting() -> None:
    queue, inside, most = TurnQueue(), 0, 0

    async def take() -> None:
        nonlocal inside, most
        async with queue.join("chat").turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async with queue.join("another chat").turn():
        await asyncio.gather(*(take() for _ in range(10)))
    assert most == 1


async def test_a_full_line_takes_nobody_more_until_someone_leaves() -> None:
    queue = TurnQueue()
    places = [queue.join("chat") for _ in range(MOST_WAITING + 1)]
    with pytest.raises(Conflict):
        queue.join("chat")
    queue.join("another chat")
    async with places[0].turn():
        pass
    queue.join("chat")


async def test_who_gives_up_waiting_leaves_no_gap() -> None:
    queue = TurnQueue()
    first, second, third = queue.join("chat"), queue.join("chat"), queue.join("chat")

    async def take_second() -> None:
        async with second.turn():
            raise AssertionError("it was cancelled before")

    async with first.turn():
        waiting = asyncio.create_task(take_second())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5), third.turn():
        pass
    assert not queue._lines  # noqa: SLF001 - an empty line that stays is a leak, which shows nowhere else
