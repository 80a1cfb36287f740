"""The incoming half of the Redis bus: one connection, subscribed to the channels of the chats that are listened to."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from parley.kernel.ids import ChatId

_SILENCE: Final = 10.0
"""Seconds without a word after which the server is asked whether it is there."""
_AT_ONCE: Final = 500
"""Channels in one command."""


class Receiver(Protocol):
    """Takes what comes in."""

    def received(self, chat: ChatId, payload: bytes) -> None:
        """A message came on the chat's channel."""
        ...

    def subscribed(self, chat: ChatId, *, again: bool) -> None:
        """From now on messages come; before, they did not. ``again``: they had come once."""
        ...


@dataclass(slots=True)
class Subscriptions:
    """Keeps the server's idea of what we hear in step with what is listened to."""

    redis: Redis = field(repr=False)
    namespace: str
    wanted: Callable[[], Collection[ChatId]]
    """The chats listened to now."""
    receiver: Receiver
    _touched: set[ChatId] = field(default_factory=set)
    """Chats for which the first listener came or the last one went."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _held: set[ChatId] = field(default_factory=set)
    """Chats subscribed to on this connection."""
    _followed: set[ChatId] = field(default_factory=set)
    """Chats whose messages have come, on this connection or an earlier one."""

    def touch(self, chat: ChatId) -> None:
        """The chat may have become wanted, or no longer be."""
        if chat not in self.wanted():
            self._followed.discard(chat)
        self._touched.add(chat)
        self._changed.set()

    async def hear(self, is_up: Callable[[], None]) -> None:
        """Connect, subscribe and pass on what comes until the connection breaks; ``is_up`` is called once it stands."""
        async with self.redis.pubsub() as pubsub:
            await pubsub.subscribe(f"{self.namespace}:all")  # so that the connection stands without any chat too
            is_up()
            self._held.clear()
            self._touched.update(self.wanted())
            self._changed.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(pubsub))
                tasks.create_task(self._keep_in_step(pubsub))

    async def _keep_in_step(self, pubsub: PubSub) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            touched, wanted = self._touched, self.wanted()
            self._touched = set()
            wished = {chat for chat in touched if chat in wanted}
            coming, leaving = list(wished - self._held), list((touched - wished) & self._held)
            self._held.update(coming)
            self._held.difference_update(leaving)
            for start in range(0, len(coming), _AT_ONCE):
                await pubsub.subscribe(*map(self._channel, coming[start : start + _AT_ONCE]))
            for start in range(0, len(leaving), _AT_ONCE):
                await pubsub.unsubscribe(*map(self._channel, leaving[start : start + _AT_ONCE]))

    async def _read(self, pubsub: PubSub) -> None:
        is_silent = False
        while True:
            message = await pubsub.get_message(timeout=_SILENCE)
            if message is not None:
                is_silent = False
                self._take(message)
            elif is_silent:
                raise TimeoutError
            else:
                is_silent = True
                await pubsub.ping()

    def _take(self, message: dict[str, Any]) -> None:
        chat = self._chat(message["channel"])
        if chat is None:
            return
        if message["type"] == "message":
            self.receiver.received(chat, message["data"])
        elif message["type"] == "subscribe" and chat in self.wanted():
            again = chat in self._followed
            self._followed.add(chat)
            self.receiver.subscribed(chat, again=again)

    def _channel(self, chat: ChatId) -> str:
        return channel(self.namespace, chat)

    def _chat(self, name: bytes | None) -> ChatId | None:
        number = (name or b"").rpartition(b":")[2]
        return ChatId(int(number)) if number.isdigit() else None


def channel(namespace: str, chat: ChatId) -> str:
    """The channel of a chat."""
    return f"{namespace}:chat:{chat}"
