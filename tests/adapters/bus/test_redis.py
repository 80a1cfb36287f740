"""What a bus between processes does when the server goes, comes, and stands still."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import structlog

from parley.adapters.bus.outbox import MOST_WAITING
from parley.adapters.bus.redis import RedisBus, _Link, open_redis_bus
from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.redis import RedisUrlMalformed, namespace, open_redis
from parley.kernel.ids import ChatId, MessageId
from parley.kernel.ports import Advanced, Partial, Resync
from support.listening import Ear
from support.redis import PASSWORD, RedisForTests

KIRA = ChatId(1)
Channels = Callable[[], Awaitable[set[bytes]]]


@asynccontextmanager
async def a_bus(url: str, name: str = "test") -> AsyncIterator[RedisBus]:
    client = open_redis(url)
    async with open_redis_bus(client, name, SystemClock(), SystemChance()) as bus:
        yield bus
    await client.aclose()


@pytest.fixture
async def buses(mortal_redis: RedisForTests) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    """Two processes whose server may die."""
    async with a_bus(mortal_redis.url) as here, a_bus(mortal_redis.url) as there:
        yield here, there


async def test_the_first_listener_learns_when_signals_begin_to_come(redis_url: str) -> None:
    async with a_bus(redis_url) as bus:
        first = Ear.at(bus, KIRA)
        await first.until_resync()
        second = Ear.at(bus, KIRA)
        await bus.publish(KIRA, Advanced(1))
    assert first.resyncs == [Resync(after_gap=False)]
    assert second.resyncs == []


async def test_without_a_server_this_process_hears_itself(mortal_redis: RedisForTests) -> None:
    mortal_redis.kill()
    async with a_bus(mortal_redis.url) as bus:
        ear = Ear.at(bus, KIRA)
        await bus.publish(KIRA, Advanced(1))
        assert ear.heard == [Advanced(1)]


async def test_a_server_that_comes_late_is_found(mortal_redis: RedisForTests) -> None:
    mortal_redis.kill()
    async with a_bus(mortal_redis.url) as here, a_bus(mortal_redis.url) as there:
        ear = Ear.at(there, KIRA)
        await here.publish(KIRA, Advanced(1))
        mortal_redis.start()
        await ear.until_resync()
        await until_one_arrives(here, ear)


async def test_after_an_outage_listeners_are_told_to_read_the_log_and_hear_again(
    mortal_redis: RedisForTests, buses: tuple[RedisBus, RedisBus]
) -> None:
    here, there = buses
    near, far = Ear.at(here, KIRA), Ear.at(there, KIRA)
    await near.until_resync()
    await far.until_resync()
    mortal_redis.kill()
    for number in range(100):
        await here.publish(KIRA, Advanced(number))
        await asyncio.sleep(0)
    assert near.heard == [Advanced(number) for number in range(100)]
    mortal_redis.start()
    await near.until_resync(2)
    await far.until_resync(2)
    assert far.resyncs[1] == Resync(after_gap=True)
    await until_one_arrives(here, far)


async def until_one_arrives(here: RedisBus, far: Ear) -> None:
    """Speak until it is heard: until the sender has found the server again, it only notes that something was lost."""
    async with asyncio.timeout(10):
        while Advanced(1000) not in far.heard:
            await here.publish(KIRA, Advanced(1000))
            await asyncio.sleep(0.01)


async def test_a_server_that_stands_still_holds_nobody_up(
    mortal_redis: RedisForTests, buses: tuple[RedisBus, RedisBus]
) -> None:
    here, there = buses
    near, far = Ear.at(here, KIRA), Ear.at(there, KIRA)
    await near.until_resync()
    await far.until_resync()
    process = await mortal_redis.hold_still()
    try:
        for number in range(2 * MOST_WAITING):
            await here.publish(KIRA, Partial(MessageId(1), number, "x"))
        assert len(near.heard) == 2 * MOST_WAITING
    finally:
        mortal_redis.go_on(process)
    await here.publish(KIRA, Advanced(1))
    await far.until(lambda ear: Advanced(1) in ear.heard or len(ear.resyncs) > 1)


async def test_installations_that_share_a_server_do_not_hear_each_other(redis_url: str) -> None:
    async with a_bus(redis_url, "one") as one, a_bus(redis_url, "other") as other, a_bus(redis_url, "other") as third:
        ear = Ear.at(other, KIRA)
        await ear.until_resync()
        await one.publish(KIRA, Advanced(1))
        await one.flush()
        await third.publish(KIRA, Advanced(2))
        await ear.until_heard(Advanced(2))
    assert ear.heard == [Advanced(2)]


async def test_the_number_of_the_database_keeps_installations_apart_too(redis_url: str) -> None:
    client = open_redis(f"{redis_url}&db=3")
    assert namespace(client, "42") == "parley:42:3"
    await client.aclose()


async def test_the_server_hears_of_exactly_the_chats_that_are_listened_to(redis_url: str) -> None:
    chance = random.Random(7)
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(a_bus(redis_url, "toggled"))
        client = open_redis(redis_url)
        stack.push_async_callback(client.aclose)
        ears: dict[ChatId, Ear] = {}
        for _ in range(300):
            chat = ChatId(chance.randrange(1, 9))
            if chat in ears:
                ears.pop(chat).silence()
            else:
                ears[chat] = Ear.at(bus, chat)
            if chance.random() < 0.3:
                await asyncio.sleep(0)
        last = Ear.at(bus, ChatId(100))
        await last.until_resync()
        last.silence()
        wanted = {f"toggled:chat:{chat}".encode() for chat in ears} | {b"toggled:all"}
        async with asyncio.timeout(10):
            while set(await client.pubsub_channels("toggled:*")) != wanted:  # noqa: ASYNC110  the server sets no event
                await asyncio.sleep(0.01)


async def test_what_waits_when_the_process_ends_still_leaves(redis_url: str) -> None:
    async with a_bus(redis_url) as there:
        ear = Ear.at(there, KIRA)
        await ear.until_resync()
        async with a_bus(redis_url) as here:
            await here.publish(KIRA, Advanced(1))
        await ear.until_heard(Advanced(1))


async def test_a_wrong_password_is_told_without_saying_it(mortal_redis: RedisForTests) -> None:
    wrong = mortal_redis.url.replace(PASSWORD, "wrong-secret")
    with structlog.testing.capture_logs() as logs:
        async with a_bus(wrong) as bus:
            ear = Ear.at(bus, KIRA)
            await bus.publish(KIRA, Advanced(1))
            async with asyncio.timeout(10):
                while len(logs) < 2:  # noqa: ASYNC110  a log sets no event
                    await asyncio.sleep(0.01)
            shown = repr(bus)
    assert ear.heard == [Advanced(1)]
    assert {(each["event"], each["link"]) for each in logs} == {("redis_away", "hearing"), ("redis_away", "sending")}
    assert "wrong-secret" not in f"{shown}{logs}"


@pytest.mark.parametrize(
    "url", ["redis://:se/cret@host:port", "redis://host?nonsense=secret", "redis://host?db=secret"]
)
def test_a_malformed_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(RedisUrlMalformed) as raised:
        _ = open_redis(url)
    assert "secret" not in repr(raised.value)
    assert raised.value.__cause__ is None


async def test_a_link_ends_when_cancelled_though_its_work_fails_while_it_ends() -> None:
    begun = asyncio.Event()

    async def failing() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            raise OSError

    async def work() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(failing())

    link = asyncio.create_task(_Link("test", SystemClock(), SystemChance()).keep(work))
    await begun.wait()
    link.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait({link})
    assert link.cancelled()
