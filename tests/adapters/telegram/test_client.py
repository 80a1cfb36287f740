import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramUnauthorizedError
from aiogram.methods import AnswerCallbackQuery, SendMessage, SendMessageDraft
from structlog.testing import capture_logs

from parley.adapters.telegram.budget import CHAT_BURST
from parley.adapters.telegram.client import TelegramClient, telegram_client
from support.scripted_telegram import Answer, ScriptedTelegram
from support.virtual_clock import SettledChance, VirtualClock

TOKEN = "42:TEST"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def client(telegram: ScriptedTelegram, clock: VirtualClock) -> AsyncIterator[TelegramClient]:
    async with telegram_client(TOKEN, telegram.base_url, clock, SettledChance(0.5)) as connected:
        yield connected


def message(text: str = "hi", chat: int = 7) -> SendMessage:
    return SendMessage(chat_id=chat, text=text)


def draft(chat: int = 7) -> SendMessageDraft:
    return SendMessageDraft(chat_id=chat, draft_id=1, text="h")


async def test_a_message_is_sent_and_its_answer_read(client: TelegramClient, telegram: ScriptedTelegram) -> None:
    sent = await client.send(message())
    assert sent.message_id == 1
    assert telegram.calls == [("sendMessage", {"chat_id": "7", "text": "hi"})]


async def test_telegrams_wish_for_silence_is_obeyed_to_the_second(
    client: TelegramClient, telegram: ScriptedTelegram, clock: VirtualClock
) -> None:
    telegram.script = [Answer(429, description="Too Many Requests: retry after 9", retry_after=9)]
    await client.send(message())
    assert telegram.methods == ["sendMessage"] * 2
    assert clock.monotonic() == 9.0


async def test_nothing_is_offered_to_a_chat_that_is_to_be_left_alone(
    client: TelegramClient, telegram: ScriptedTelegram, clock: VirtualClock
) -> None:
    telegram.script = [Answer(429, description="Too Many Requests: retry after 9", retry_after=9)]
    assert await client.offer(draft()) is None
    assert await client.offer(draft()) is None
    assert telegram.methods == ["sendMessageDraft"]
    clock.advance(10)
    telegram.script = [Answer(result=True)]
    assert await client.offer(draft()) is True


async def test_a_call_that_waited_for_its_place_keeps_a_silence_asked_for_meanwhile(
    client: TelegramClient, telegram: ScriptedTelegram, clock: VirtualClock
) -> None:
    for _ in range(int(CHAT_BURST)):
        await client.send(message())
    last = asyncio.create_task(client.send(message("last")))
    await asyncio.sleep(0)
    assert clock.slept[-1] > 0
    client.budget.shut(None, clock.monotonic() + 30)
    await last
    assert clock.slept[-1] == 30.0


@pytest.mark.parametrize(
    "fault",
    [
        Answer(500, description="Internal Server Error"),
        Answer(502, raw=b"{}"),
        Answer(raw=b"<html>"),
        Answer(drops=True),
    ],
)
async def test_a_message_outlasts_faults_of_the_server_and_the_network(
    client: TelegramClient, telegram: ScriptedTelegram, clock: VirtualClock, fault: Answer
) -> None:
    telegram.script = [fault, fault, fault]
    await client.send(message())
    assert len(telegram.calls) == 4
    assert clock.slept[-3:] == [0.5, 1.0, 2.0]


async def test_an_offer_does_not_outlast_them(client: TelegramClient, telegram: ScriptedTelegram) -> None:
    telegram.script = [Answer(500, description="Internal Server Error")]
    assert await client.offer(draft()) is None
    assert telegram.methods == ["sendMessageDraft"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, TelegramBadRequest), (401, TelegramUnauthorizedError), (403, TelegramForbiddenError)],
)
async def test_what_telegram_refuses_for_good_is_raised_at_once(
    client: TelegramClient, telegram: ScriptedTelegram, status: int, kind: type[Exception]
) -> None:
    telegram.script = [Answer(status, description="no")]
    with pytest.raises(kind):
        await client.send(message())
    assert len(telegram.calls) == 1


async def test_calls_to_one_chat_follow_each_other_and_others_do_not_wait(
    client: TelegramClient, telegram: ScriptedTelegram
) -> None:
    first_may_end = asyncio.Event()
    telegram.script = [Answer(after=first_may_end)]
    first = asyncio.create_task(client.send(message("first")))
    await telegram.came.wait()
    second = asyncio.create_task(client.send(message("second")))
    await client.send(message("elsewhere", chat=8))
    assert await client.offer(draft()) is None
    assert [given["text"] for _, given in telegram.calls] == ["first", "elsewhere"]
    first_may_end.set()
    await asyncio.gather(first, second)
    assert [given["text"] for _, given in telegram.calls] == ["first", "elsewhere", "second"]


async def test_drafts_leave_room_for_the_reply(
    client: TelegramClient, telegram: ScriptedTelegram, clock: VirtualClock
) -> None:
    for _ in range(10):
        telegram.script = [Answer(result=True)]
        await client.offer(draft())
    telegram.script = []
    assert len(telegram.calls) < CHAT_BURST
    await client.send(message())
    assert clock.monotonic() == 0.0


async def test_a_tap_is_answered_whatever_its_chat_waits_for(
    client: TelegramClient, telegram: ScriptedTelegram, clock: VirtualClock
) -> None:
    for _ in range(int(CHAT_BURST) + 1):
        await client.send(message())
    waited = clock.monotonic()
    telegram.script = [Answer(result=True)]
    await client.send(AnswerCallbackQuery(callback_query_id="1"))
    assert clock.monotonic() == waited


async def test_the_token_is_in_no_log_line_and_no_repr(client: TelegramClient, telegram: ScriptedTelegram) -> None:
    telegram.script = [Answer(drops=True), Answer(429, description="x", retry_after=1)]
    with capture_logs() as lines:
        await client.send(message())
    assert lines
    assert TOKEN not in repr(lines)
    assert TOKEN not in repr(client)
