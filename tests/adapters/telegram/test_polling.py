import json
from collections.abc import AsyncIterator

import pytest

from parley.adapters.llm.endpoint import provider_session
from parley.adapters.telegram.polling import BotRefused, PollFailed, Polling
from support.scripted_telegram import Answer, ScriptedTelegram

TOKEN = "42:TEST"


@pytest.fixture
async def polling(telegram: ScriptedTelegram) -> AsyncIterator[Polling]:
    async with provider_session() as session:
        yield Polling(session, telegram.base_url, TOKEN, ("message", "callback_query"))


async def test_updates_are_asked_for_as_the_specification_says(polling: Polling, telegram: ScriptedTelegram) -> None:
    telegram.script = [Answer(result=[])]
    assert json.loads(await polling.updates(43)) == {"ok": True, "result": []}
    method, given = telegram.calls[0]
    assert method == "getUpdates"
    assert (given["offset"], given["timeout"]) == ("43", "30")
    assert json.loads(given["allowed_updates"]) == ["message", "callback_query"]


async def test_the_first_poll_confirms_nothing(polling: Polling, telegram: ScriptedTelegram) -> None:
    await polling.updates(None)
    assert "offset" not in telegram.calls[0][1]


@pytest.mark.parametrize("status", [401, 404])
async def test_an_unknown_token_is_told_apart(polling: Polling, telegram: ScriptedTelegram, status: int) -> None:
    telegram.script = [Answer(status, description="Unauthorized")]
    with pytest.raises(BotRefused):
        await polling.updates(None)


@pytest.mark.parametrize(
    ("answer", "kind", "retry_after"),
    [
        (Answer(409, description="Conflict"), "conflict", None),
        (Answer(429, description="Too Many Requests", retry_after=7), "limit", 7),
        (Answer(500, description="x"), "status 500", None),
        (Answer(502, raw=b"<html>"), "status 502", None),
        (Answer(drops=True), "ServerDisconnectedError", None),
    ],
)
async def test_what_may_be_over_the_next_time_is_a_failed_poll(
    polling: Polling, telegram: ScriptedTelegram, answer: Answer, kind: str, retry_after: float | None
) -> None:
    telegram.script = [answer, answer]
    with pytest.raises(PollFailed) as failed:
        await polling.updates(None)
    assert (failed.value.kind, failed.value.retry_after) == (kind, retry_after)
    assert TOKEN not in repr(failed.value)


async def test_an_answer_without_end_is_cut(polling: Polling, telegram: ScriptedTelegram) -> None:
    telegram.script = [Answer(raw=b"x" * (16 * 1024 * 1024 + 1))]
    with pytest.raises(PollFailed, match="too large"):
        await polling.updates(None)


async def test_the_token_is_in_no_repr(polling: Polling) -> None:
    assert TOKEN not in repr(polling)
