"""The bus of several processes: signals go to the listeners here at once, to those elsewhere through Redis or Valkey.

Publishing never waits for the network. While the server is away, what happens here is still heard here; who listens
elsewhere reads the log (`chats.jobs`), and hears `Resync` once signals come again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import structlog
from redis.asyncio import Redis

from parley.adapters.bus.local import LocalBus
from parley.adapters.bus.outbox import Letter, Outbox
from parley.adapters.bus.subscriptions import Subscriptions, channel
from parley.adapters.bus.wire import decoded, encoded
from parley.adapters.redis import PATIENCE
from parley.kernel.ids import ChatId
from parley.kernel.ports import Chance, Clock, Listener, Resync, Signal

_AT_ONCE: Final = 256
"""Signals in one round trip."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_LAST_WORDS: Final = 0.5
"""Seconds for what still waits when the process ends."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class RedisBus:
    """Carries signals between processes. `open_redis_bus` makes one that runs."""

    redis: Redis = field(repr=False)
    namespace: str
    clock: Clock
    chance: Chance
    _local: LocalBus = field(default_factory=LocalBus)
    _outbox: Outbox = field(default_factory=Outbox, repr=False)
    _due: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _sent: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _origin: str = field(init=False)
    _subscriptions: Subscriptions = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._origin = self.chance.token()
        self._sent.set()
        self._subscriptions = Subscriptions(self.redis, self.namespace, self.watched, self)

    # --- the port

    async def publish(self, chat: ChatId, signal: Signal) -> None:
        """Tell the listeners here now, those elsewhere soon; never raises, never waits."""
        self._local.tell_here(chat, signal)
        self._outbox.put(chat, signal)
        self._sent.clear()
        self._due.set()

    def tell_here(self, chat: ChatId, signal: Signal) -> None:
        """Tell the listeners of this process alone."""
        self._local.tell_here(chat, signal)

    def listen(self, chat: ChatId, listener: Listener) -> Callable[[], None]:
        """Hear the chat's signals; `Resync` comes when those of other processes begin to."""
        is_first = chat not in self._local.chats
        silence = self._local.listen(chat, listener)
        if is_first:
            self._subscriptions.touch(chat)

        def silence_and_leave() -> None:
            was_heard = chat in self._local.chats
            silence()
            if was_heard and chat not in self._local.chats:
                self._subscriptions.touch(chat)

        return silence_and_leave

    def watched(self) -> Collection[ChatId]:
        """All that are listened to."""
        return self._local.chats

    # --- what comes in

    def received(self, chat: ChatId, payload: bytes) -> None:
        """Pass on what another process said."""
        message = decoded(payload)
        if message is not None and message[0] != self._origin:
            self._local.tell_here(chat, message[1])

    def subscribed(self, chat: ChatId, *, again: bool) -> None:
        """Say that something may have been missed until now."""
        self._local.tell_here(chat, Resync(after_gap=again))

    # --- running

    async def run(self) -> None:
        """Carry signals until cancelled."""
        hearing, sending = _Link("hearing", self.clock, self.chance), _Link("sending", self.clock, self.chance)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(hearing.keep(lambda: self._subscriptions.hear(hearing.is_up)))
            tasks.create_task(sending.keep(lambda: self._send(sending.is_up)))

    async def flush(self) -> None:
        """Wait until everything has left that can."""
        await self._sent.wait()

    async def _send(self, is_up: Callable[[], None]) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            while letters := self._outbox.take(_AT_ONCE):
                await self._deliver(letters)
                is_up()
            self._sent.set()

    async def _deliver(self, letters: list[Letter]) -> None:
        try:
            async with asyncio.timeout(PATIENCE), self.redis.pipeline(transaction=False) as pipeline:
                for chat, signal in letters:
                    pipeline.execute_command("PUBLISH", channel(self.namespace, chat), encoded(self._origin, signal))
                await pipeline.execute()
        except BaseException:
            self._outbox.broke(letters)
            self._due.set()
            self._sent.set()
            raise
        self._outbox.mended()


@dataclass(slots=True)
class _Link:
    """Something to be done again whenever it breaks off, after a pause that grows."""

    name: str
    clock: Clock
    chance: Chance
    failures: int = 0

    async def keep(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do it until cancelled."""
        while True:
            try:
                # In a task of its own: on Python 3.11 a TaskGroup leaves a count of cancels in the task it broke in.
                await asyncio.create_task(work())
            except Exception as error:  # whatever broke it, also a fault of ours: the bus must not stay dead
                if (task := asyncio.current_task()) and task.cancelling():
                    # A TaskGroup with a child that fails while being cancelled raises the failure instead.
                    raise asyncio.CancelledError from error
                self._note(error)
            longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self.failures, 10))
            await self.clock.sleep(longest * (0.5 + self.chance.fraction() / 2))

    def is_up(self) -> None:
        """It works."""
        if self.failures:
            log.info("redis_back", link=self.name)
        self.failures = 0

    def _note(self, error: Exception) -> None:
        """Say once that it broke. Only the kind of error: its text may hold an address."""
        if not self.failures:
            faults = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
            log.warning("redis_away", link=self.name, fault=type(faults[0]).__name__)
        self.failures += 1


@asynccontextmanager
async def open_redis_bus(client: Redis, namespace: str, clock: Clock, chance: Chance) -> AsyncIterator[RedisBus]:
    """A running bus, whether or not the server is there; what waits at the end may still leave."""
    bus = RedisBus(client, namespace, clock, chance)
    running = asyncio.create_task(bus.run())
    try:
        yield bus
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await bus.flush()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
