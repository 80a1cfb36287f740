"""The incoming half of the Redis bus: one connection, subscribed to the channels of the chats that are listened to."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from parley.adapters.redis import PATIENCE
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
        self._touched.add(chat)
        self._changed.set()

    async def hear(self, is_up: Callable[[], None]) -> None:
        """Connect, subscribe and pass on what comes until the connection breaks; ``is_up`` is called when it works."""
        async with self.redis.pubsub() as pubsub:
            async with asyncio.timeout(PATIENCE):
                await pubsub.subscribe(f"{self.namespace}:all")  # so that the connection stands without any chat too
            self._held.clear()
            self._followed.intersection_update(self.wanted())
            self._touched.update(self.wanted())
            self._changed.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(pubsub, is_up))
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
            self._followed.difference_update(leaving)
            await self._change(pubsub.subscribe, coming)
            await self._change(pubsub.unsubscribe, leaving)

    async def _change(self, command: Callable[..., Awaitable[None]], chats: list[ChatId]) -> None:
        for start in range(0, len(chats), _AT_ONCE):
            channels = (channel(self.namespace, chat) for chat in chats[start : start + _AT_ONCE])
            async with asyncio.timeout(PATIENCE):
                await command(*channels)

    async def _read(self, pubsub: PubSub, is_up: Callable[[], None]) -> None:
        is_silent = False
        while True:
            message = await pubsub.get_message(timeout=_SILENCE)
            if message is not None:
                is_silent = False
                is_up()
                self._take(message)
            elif is_silent:
                raise TimeoutError
            else:
                is_silent = True
                async with asyncio.timeout(PATIENCE):
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

    def _chat(self, name: bytes | None) -> ChatId | None:
        number = (name or b"").rpartition(b":")[2]
        return ChatId(int(number)) if number.isdigit() else None


def channel(namespace: str, chat: ChatId) -> str:
    """The channel of a chat."""
    return f"{namespace}:chat:{chat}"
