"""What the port Bus promises, asked of every bus: within one process, and between two."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from parley.adapters.bus.local import LocalBus
from parley.adapters.bus.redis import open_redis_bus
from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.redis import open_redis
from parley.kernel.ids import ChatId, MessageId, TurnId
from parley.kernel.ports import Advanced, Bus, Partial, Rewound, Signal, StopAsked, TurnFailed, Typing
from support.listening import Ear

KIRA, LENA = ChatId(1), ChatId(2)
TURN: list[Signal] = [
    Advanced(1),
    Typing(is_typing=True),
    Partial(MessageId(2), 0, "При"),
    Partial(MessageId(2), 3, "вет!"),
    StopAsked(TurnId("t")),
    Rewound(),
    Typing(is_typing=False),
    TurnFailed("llm_error"),
    Advanced(3),
]
LAST = Advanced(99)


@dataclass(frozen=True)
class Places:
    """Two ends of a bus: the same in one process, or each in a process of its own."""

    here: Bus
    there: Bus
    carries_further: bool

    async def ear_there(self, chat: ChatId) -> Ear:
        """Someone who listens at the other end, and is known to."""
        ear = Ear.at(self.there, chat)
        if self.carries_further:
            await ear.until_resync()
        return ear


@pytest.fixture(params=["local", "redis"])
async def places(request: pytest.FixtureRequest) -> AsyncIterator[Places]:
    if request.param == "local":
        bus = LocalBus()
        yield Places(bus, bus, carries_further=False)
        return
    async with AsyncExitStack() as stack:
        buses = []
        for _ in range(2):
            client = open_redis(request.getfixturevalue("redis_server").url)
            stack.push_async_callback(client.aclose)
            bus_there = open_redis_bus(client, "test", SystemClock(), SystemChance())
            buses.append(await stack.enter_async_context(bus_there))
        yield Places(buses[0], buses[1], carries_further=True)


async def test_a_turn_is_heard_at_both_ends_whole_and_in_order(places: Places) -> None:
    near, far = Ear.at(places.here, KIRA), await places.ear_there(KIRA)
    for signal in TURN:
        await places.here.publish(KIRA, signal)
    assert near.heard == TURN
    await far.until(lambda ear: len(ear.heard) == len(TURN))
    assert far.heard == TURN


async def test_a_thousand_signals_keep_their_order(places: Places) -> None:
    far = await places.ear_there(KIRA)
    numbers: list[Signal] = [Advanced(number) for number in range(1000)]
    for signal in numbers:
        await places.here.publish(KIRA, signal)
    await far.until_heard(numbers[-1])
    assert far.heard == numbers


async def test_both_ends_may_speak(places: Places) -> None:
    near, far = Ear.at(places.here, KIRA), await places.ear_there(KIRA)
    if places.carries_further:
        await near.until_resync()
    await places.here.publish(KIRA, Advanced(1))
    await far.until_heard(Advanced(1))
    await places.there.publish(KIRA, Advanced(2))
    await near.until_heard(Advanced(2))
    assert near.heard == far.heard == [Advanced(1), Advanced(2)]


async def test_one_chat_does_not_hear_another(places: Places) -> None:
    kira, lena = await places.ear_there(KIRA), await places.ear_there(LENA)
    for signal in TURN:
        await places.here.publish(KIRA, signal)
    await places.here.publish(LENA, LAST)
    await kira.until_heard(TURN[-1])
    await lena.until_heard(LAST)
    assert kira.heard == TURN
    assert lena.heard == [LAST]


async def test_after_its_silence_a_listener_hears_nothing_and_the_others_do(places: Places) -> None:
    gone, stays = await places.ear_there(KIRA), Ear.at(places.there, KIRA)
    gone.silence()
    gone.silence()
    await places.here.publish(KIRA, LAST)
    await stays.until_heard(LAST)
    assert gone.heard == []


async def test_a_listener_may_leave_while_it_hears(places: Places) -> None:
    def leave_at_once(signal: Signal) -> None:
        heard.append(signal)
        silence()

    heard: list[Signal] = []
    silence = places.here.listen(KIRA, leave_at_once)
    stays = Ear.at(places.here, KIRA)
    await places.here.publish(KIRA, Advanced(1))
    await places.here.publish(KIRA, LAST)
    assert heard == [Advanced(1)]
    assert stays.heard == [Advanced(1), LAST]


async def test_someone_who_comes_back_hears_again(places: Places) -> None:
    first = await places.ear_there(KIRA)
    first.silence()
    second = Ear.at(places.there, KIRA)
    await places.here.publish(KIRA, Advanced(1))
    await second.until(lambda ear: bool(ear.heard or ear.resyncs))
    await places.here.publish(KIRA, LAST)
    await second.until_heard(LAST)
    assert first.heard == []


async def test_what_is_told_here_stays_here(places: Places) -> None:
    near, far = Ear.at(places.here, KIRA), await places.ear_there(KIRA)
    places.here.tell_here(KIRA, Advanced(1))
    await places.here.publish(KIRA, LAST)
    await far.until_heard(LAST)
    assert near.heard == [Advanced(1), LAST]
    assert far.heard == ([LAST] if places.carries_further else [Advanced(1), LAST])


async def test_chats_are_watched_as_long_as_signals_may_get_lost_on_their_way_to_a_listener(places: Places) -> None:
    ear = await places.ear_there(KIRA)
    assert list(places.there.watched()) == ([KIRA] if places.carries_further else [])
    ear.silence()
    assert list(places.there.watched()) == []
