"""What helps listeners when signals between processes get lost."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest

from parley.adapters.bus.local import LocalBus
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.features.characters.core import read_card
from parley.features.characters.service import Cards, CatalogueVersion
from parley.features.chats.core import Chat, SessionChange
from parley.features.chats.jobs import CatchUp
from parley.features.chats.service import Chats
from parley.features.identity import store as people
from parley.features.identity.core import TelegramUser
from parley.kernel.ids import ChatId, TelegramUserId
from parley.kernel.ports import Advanced, Listener, Signal
from support.app import card_of


@dataclass(slots=True)
class LosingBus:
    """A bus on which every signal gets lost, but for those told here."""

    _local: LocalBus = field(default_factory=LocalBus)

    async def publish(self, chat: ChatId, signal: Signal) -> None:
        """Nobody hears it."""

    def tell_here(self, chat: ChatId, signal: Signal) -> None:
        self._local.tell_here(chat, signal)

    def listen(self, chat: ChatId, listener: Listener) -> Callable[[], None]:
        return self._local.listen(chat, listener)

    def watched(self) -> Collection[ChatId]:
        return self._local.chats


@dataclass(slots=True)
class Watched:
    """A chat whose signals get lost, and the job that helps."""

    chats: Chats
    chat: Chat
    catch_up: CatchUp
    heard: list[Signal] = field(default_factory=list)

    async def grows(self) -> None:
        mood = "sweet" if len(self.heard) % 2 else "formal"
        await self.chats.change_session(self.chat.user, self.chat.character, SessionChange(mood_preference=mood))

    def listen(self) -> Callable[[], None]:
        return self.chats.bus.listen(self.chat.id, self.heard.append)


@pytest.fixture
async def watched(db: OpenDatabase) -> Watched:
    clock, bus = SystemClock(), LosingBus()
    kira = await Cards(db, clock, CatalogueVersion()).put(read_card(card_of("Kira")))
    async with db.begin() as tx:
        anya = await people.meet(tx, TelegramUser(TelegramUserId(7), "Anya", None, None, None), "ru", 0)
    chats = Chats(db, bus, clock)
    return Watched(chats, await chats.session(anya.id, kira.id), CatchUp(db, bus))


async def test_a_listener_learns_how_far_its_chat_has_grown_though_every_signal_got_lost(watched: Watched) -> None:
    watched.listen()
    await watched.grows()
    assert watched.heard == []
    await watched.catch_up.compare()
    assert watched.heard == [Advanced(1)]


async def test_it_is_told_once(watched: Watched) -> None:
    watched.listen()
    await watched.grows()
    for _ in range(3):
        await watched.catch_up.compare()
    await watched.grows()
    await watched.catch_up.compare()
    assert watched.heard == [Advanced(1), Advanced(2)]


async def test_a_chat_that_was_left_is_looked_at_anew_by_who_comes(watched: Watched) -> None:
    leave = watched.listen()
    await watched.grows()
    await watched.catch_up.compare()
    leave()
    await watched.catch_up.compare()
    watched.listen()
    await watched.catch_up.compare()
    assert watched.heard == [Advanced(1), Advanced(1)]


async def test_hundreds_of_chats_are_compared_together(watched: Watched) -> None:
    watched.listen()
    for number in range(1000):
        watched.chats.bus.listen(ChatId(10**6 + number), watched.heard.append)
    await watched.grows()
    await watched.catch_up.compare()
    assert watched.heard == [Advanced(1)]


async def test_where_nothing_can_get_lost_nothing_is_asked(watched: Watched) -> None:
    bus = LocalBus()
    bus.listen(watched.chat.id, watched.heard.append)
    await watched.grows()
    await CatchUp(watched.chats.db, bus).compare()
    assert watched.heard == []
