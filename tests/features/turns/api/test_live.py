import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parley.adapters.bus.local import LocalBus
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.features.characters.core import read_card
from parley.features.characters.service import Cards, CatalogueVersion
from parley.features.chats.core import Message, Reply, SessionChange
from parley.features.chats.service import Chats
from parley.features.identity import store as people
from parley.features.identity.core import TelegramUser
from parley.features.turns.api.live import MOST_PENDING, Live
from parley.kernel.errors import AppError, Conflict, LlmError, ServiceUnavailable
from parley.kernel.ids import MessageId, TelegramUserId, TurnId
from parley.kernel.ports import Advanced, Joined, Partial, Resync, Signal, StopAsked, TurnFailed, Typing
from support.app import card_of

EVENTS = 5


class Viewed:
    """A chat with a log of some events, and a viewer of it who has seen none."""

    def __init__(self, live: Live) -> None:
        self.live = live

    async def next(self) -> dict[str, Any]:
        return await anext(self.frames())

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        async for frame in self.live.frames():
            yield json.loads(frame)

    async def seqs(self) -> list[int]:
        return [each["seq"] async for each in self.frames() if "seq" in each]


@pytest.fixture
async def viewed(sqlite_db: OpenDatabase) -> Viewed:
    clock = SystemClock()
    kira = await Cards(sqlite_db, clock, CatalogueVersion()).put(read_card(card_of("Kira")))
    async with sqlite_db.begin() as tx:
        anya = await people.meet(tx, TelegramUser(TelegramUserId(7), "Anya", None, None, None), "ru", 0)
    chats = Chats(sqlite_db, LocalBus(), clock)
    for number in range(EVENTS):
        mood = "sweet" if number % 2 else "formal"
        await chats.change_session(anya.id, kira.id, SessionChange(mood_preference=mood))
    chat = await chats.session(anya.id, kira.id)
    return Viewed(Live(chats, chat, "ru", 0, lambda: None))


async def test_one_signal_brings_all_there_is_up_to_its_number(viewed: Viewed) -> None:
    viewed.live.hear(Advanced(EVENTS))
    assert await viewed.seqs() == [1, 2, 3, 4, 5]
    viewed.live.hear(Advanced(EVENTS))
    assert await viewed.seqs() == []


async def test_a_late_signal_takes_nothing_back(viewed: Viewed) -> None:
    viewed.live.sent = 3
    viewed.live.hear(Advanced(EVENTS))
    viewed.live.hear(Advanced(3))
    assert await viewed.seqs() == [4, 5]


async def test_a_resume_in_the_middle_of_a_replay_brings_everything_it_asked_for(viewed: Viewed) -> None:
    viewed.live.hear(Advanced(EVENTS))
    seen: list[int] = []
    async for frame in viewed.frames():
        seen.append(frame["seq"])
        if len(seen) == 3:
            viewed.live.resume(0, EVENTS)
    assert seen == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]


async def test_nothing_beyond_its_bound_is_given(viewed: Viewed) -> None:
    viewed.live.until = 2
    viewed.live.hear(Advanced(EVENTS))
    assert await viewed.seqs() == [1, 2]


def text(offset: int, piece: str, message: int = 9) -> Partial:
    return Partial(MessageId(message), offset, piece)


async def deltas(viewed: Viewed, *signals: Signal) -> list[tuple[str, int]]:
    """Text and index of what comes of these signals, each given before the next is heard."""
    given: list[tuple[str, int]] = []
    for signal in signals:
        viewed.live.hear(signal)
        given += [(each["data"]["text"], each["data"]["index"]) async for each in viewed.frames()]
    return given


async def test_text_that_overlaps_is_given_once_and_text_after_a_gap_not_at_all(viewed: Viewed) -> None:
    assert await deltas(viewed, text(0, "abc"), text(0, "abcd"), text(4, "e"), text(7, "h"), text(5, "fgh")) == [
        ("abc", 0),
        ("d", 1),
        ("e", 2),
        ("fgh", 3),
    ]


async def test_another_reply_begins_anew(viewed: Viewed) -> None:
    assert await deltas(viewed, text(0, "abc"), text(0, "xyz", 10)) == [("abc", 0), ("xyz", 0)]


async def test_text_that_waits_is_given_as_one_piece(viewed: Viewed) -> None:
    for piece in (text(0, "ab"), text(2, "cd"), text(4, "ef")):
        viewed.live.hear(piece)
    assert [each["data"]["text"] async for each in viewed.frames()] == ["abcdef"]


@pytest.mark.parametrize("error", [LlmError(), Conflict(), ServiceUnavailable(), AppError()])
async def test_a_failed_turn_is_told_with_its_code_and_sentence(viewed: Viewed, error: AppError) -> None:
    viewed.live.hear(TurnFailed(error.code))
    told = await viewed.next()
    assert (told["event"], told["data"]["code"]) == ("error", error.code)
    assert told["data"]["message"]
    assert viewed.live.has_failed


async def test_what_is_no_viewers_business_is_not_kept(viewed: Viewed) -> None:
    viewed.live.hear(StopAsked(TurnId("turn")))
    assert not viewed.live.has_pending


async def test_who_lets_too_much_wait_is_late_and_costs_no_more(viewed: Viewed) -> None:
    for number in range(MOST_PENDING):
        assert not viewed.live.is_late
        viewed.live.hear(Typing(is_typing=bool(number % 2)))
    viewed.live.hear(Typing(is_typing=True))
    assert viewed.live.is_late
    assert len([each async for each in viewed.frames()]) <= MOST_PENDING


# --- when signals got lost -------------------------------------------------------------------------


async def answered(viewed: Viewed) -> MessageId:
    """A message and its reply come into the log; the reply's id."""
    chats, chat = viewed.live.chats, viewed.live.chat
    async with chats.db.begin() as tx:
        said, reply = map(MessageId, await tx.allocate("message", 2))
        await chats.add_user_message(tx, chat, Message(said, "user", "Hi", 0))
        await chats.add_reply(tx, chat, Reply(reply, "Hello", 0, 1, "scripted", is_partial=False, receipt="{}"))
    return reply


async def events(viewed: Viewed) -> list[str]:
    return [each["event"] async for each in viewed.frames()]


async def test_a_loss_makes_it_read_the_log_to_its_end_and_ask_who_writes(viewed: Viewed) -> None:
    asked: list[Signal] = []
    viewed.live.chats.bus.listen(viewed.live.chat.id, asked.append)
    viewed.live.hear(Resync(after_gap=False))
    assert await viewed.seqs() == [1, 2, 3, 4, 5]
    assert asked == [Joined()]


async def test_losses_that_wait_are_one(viewed: Viewed) -> None:
    asked: list[Signal] = []
    viewed.live.chats.bus.listen(viewed.live.chat.id, asked.append)
    for after_gap in (False, True, False):
        viewed.live.hear(Resync(after_gap=after_gap))
    await events(viewed)
    assert asked == [Joined()]


async def test_a_reply_told_once_more_from_its_beginning_gives_only_what_is_new(viewed: Viewed) -> None:
    viewed.live.sent = EVENTS
    first: list[Signal] = [Typing(is_typing=True), text(0, "abc"), Resync(after_gap=False)]
    for signal in (*first, Typing(is_typing=True), text(0, "abcde")):
        viewed.live.hear(signal)
    frames = [each async for each in viewed.frames()]
    assert [each["event"] for each in frames] == ["message.typing", "message.delta", "message.delta"]
    assert [each["data"]["text"] for each in frames[1:]] == ["abc", "de"]


async def test_after_a_gap_what_was_being_written_ends_and_may_begin_again(viewed: Viewed) -> None:
    viewed.live.sent = EVENTS
    for signal in (Typing(is_typing=True), text(0, "abc"), Resync(after_gap=True)):
        viewed.live.hear(signal)
    for signal in (Typing(is_typing=True), text(0, "abcde")):
        viewed.live.hear(signal)
    frames = [each async for each in viewed.frames()]
    assert [each["data"].get("is_typing", each["data"].get("text")) for each in frames] == [
        True,
        "abc",
        False,
        True,
        "abcde",
    ]
    assert frames[-1]["data"]["index"] == 0


async def test_a_reply_in_the_log_ends_the_typing_whose_end_was_lost(viewed: Viewed) -> None:
    viewed.live.sent = EVENTS
    viewed.live.hear(Typing(is_typing=True))
    await answered(viewed)
    viewed.live.hear(Advanced(EVENTS + 3))
    assert await events(viewed) == [
        "message.typing",
        "message.new",
        "message.typing",
        "message.new",
        "message.complete",
    ]


async def test_replaying_older_replies_does_not_end_the_typing_of_the_one_being_written(viewed: Viewed) -> None:
    await answered(viewed)
    viewed.live.sent = EVENTS + 3
    viewed.live.hear(Typing(is_typing=True))
    viewed.live.resume(EVENTS, EVENTS + 3)
    assert await events(viewed) == ["message.typing", "message.new", "message.new", "message.complete"]


async def test_who_is_slow_gets_a_turn_in_its_order_though_all_of_it_is_in_the_log(viewed: Viewed) -> None:
    viewed.live.sent = EVENTS
    reply = await answered(viewed)
    turn = (
        Advanced(EVENTS + 1),
        Typing(is_typing=True),
        text(0, "Hel", reply),
        Typing(is_typing=False),
        Advanced(EVENTS + 3),
    )
    for signal in turn:
        viewed.live.hear(signal)
    assert await events(viewed) == [
        "message.new",
        "message.typing",
        "message.delta",
        "message.typing",
        "message.new",
        "message.complete",
    ]


async def test_text_of_a_reply_that_is_there_comes_too_late(viewed: Viewed) -> None:
    reply = await answered(viewed)
    viewed.live.hear(Advanced(EVENTS + 3))
    viewed.live.hear(text(0, "Hel", reply))
    assert "message.delta" not in await events(viewed)
    viewed.live.hear(text(0, "Next", reply + 1))
    assert await events(viewed) == ["message.delta"]
