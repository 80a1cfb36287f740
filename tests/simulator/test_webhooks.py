import asyncio
import json
from urllib.parse import urlencode

import pytest
from aiohttp import MultipartWriter, web

from support.simulator import LENA, WITHIN, BotClient, Json, Simulator, WebhookReceiver


async def told(bot: BotClient, method: str, **params: object) -> str:
    """The sentence beside a result."""
    answer = await bot.ask(method, **params)
    assert answer.result is True
    return str(answer.json["description"])


async def info(bot: BotClient, **expected: object) -> Json:
    """getWebhookInfo, once it says what is expected."""
    async with asyncio.timeout(WITHIN):
        while True:
            found: Json = await bot.call("getWebhookInfo")
            if found.items() >= expected.items():
                return found


async def test_updates_are_posted_with_the_secret(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    await bot.call("setWebhook", url=receiver.url, secret_token="s3cret_-")
    update = await simulator.says("hi")
    (received,) = await receiver.until(1)
    assert received.headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret_-"
    assert received.headers["Content-Type"] == "application/json"
    assert received.update["update_id"] == update["update_id"]
    assert received.update["message"] == update["message"]
    await info(bot, pending_update_count=0)


async def test_a_webhook_is_set_and_deleted_in_telegrams_words(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    assert await bot.call("getWebhookInfo") == {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": 0,
    }
    assert await told(bot, "setWebhook", url=receiver.url, max_connections=1000, allowed_updates=["message"]) == (
        "Webhook was set"
    )
    assert await bot.call("getWebhookInfo") == {
        "url": receiver.url,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 100,
        "allowed_updates": ["message"],
    }
    assert (await simulator.get("/sim/bots/42")).json["webhook_url"] == receiver.url
    simulator.clock.advance(1.1)
    assert await told(bot, "setWebhook", url=receiver.url, max_connections=100) == "Webhook is already set"
    assert await told(bot, "deleteWebhook") == "Webhook was deleted"
    assert await told(bot, "deleteWebhook") == "Webhook is already deleted"
    assert await told(bot, "setWebhook", url="") == "Webhook is already deleted"


async def test_a_webhook_is_not_set_twice_a_second(bot: BotClient, simulator: Simulator) -> None:
    await bot.call("setWebhook", url="http://127.0.0.1:9/a")
    assert await bot.refused("setWebhook", url="http://127.0.0.1:9/b") == (429, "Too Many Requests: retry after 1")
    simulator.clock.advance(1.1)
    await bot.call("setWebhook", url="http://127.0.0.1:9/b")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "ftp://example.org/x"}, "invalid webhook URL specified"),
        ({"url": "http://"}, "invalid webhook URL specified"),
        ({"url": "http://127.0.0.1:99999/"}, "invalid webhook URL specified"),
        ({"url": "http://a b/"}, "invalid webhook URL specified"),
        ({"url": "http://127.0.0.1/", "secret_token": "a" * 257}, "secret token is too long"),
        ({"url": "http://127.0.0.1/", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ],
)
async def test_a_bad_webhook_is_refused(bot: BotClient, params: dict[str, str], words: str) -> None:
    assert await bot.refused("setWebhook", **params) == (400, f"Bad Request: {words}")
    assert await bot.updates() == []


async def test_a_failure_is_tried_again_at_once_and_then_ever_later(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=500), web.Response(status=500)]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("hi")
    await receiver.until(2)
    found = await info(bot, last_error_message="Wrong response from the webhook: 500 Internal Server Error")
    assert found["last_error_date"] <= simulator.clock.now()
    assert found["pending_update_count"] == 1
    await simulator.clock.skip(1.1)
    await receiver.until(3)
    await simulator.clock.skip(2.1)
    await receiver.until(4)
    assert receiver.texts == ["hi"] * 4
    await info(bot, pending_update_count=0)


async def test_a_bots_wish_to_be_asked_later_is_obeyed(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    receiver.answers = [web.Response(status=503, headers={"Retry-After": "100"})]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("hi")
    await info(bot, last_error_message="Wrong response from the webhook: 503 Service Unavailable")
    simulator.clock.advance(90)
    await simulator.user(8)
    await simulator.says("hello", 8)
    await receiver.until(2)
    assert receiver.texts == ["hi", "hello"]
    await simulator.clock.skip(11)
    await receiver.until(3)


async def test_a_chat_keeps_its_order_while_others_go_on(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    await simulator.user(8)
    receiver.answers = [web.Response(status=500), web.Response(status=500)]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("one")
    await receiver.until(2)
    await simulator.says("two")
    await simulator.says("other", 8)
    await receiver.until(3)
    assert receiver.texts == ["one", "one", "other"]
    await simulator.clock.skip(1.1)
    await receiver.until(5)
    assert receiver.texts[3:] == ["one", "two"]


async def test_an_update_is_given_up_when_its_time_is_over(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=500)]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("hi")
    await receiver.until(2)
    await simulator.clock.skip(86_401)
    await simulator.says("a day later")
    await receiver.until(3)
    assert receiver.texts == ["hi", "hi", "a day later"]


async def test_nobody_there_is_told_too(bot: BotClient, simulator: Simulator) -> None:
    await bot.call("setWebhook", url="http://127.0.0.1:9/hook")
    await simulator.says("hi")
    await info(bot, last_error_message="Connection refused")
    await bot.call("deleteWebhook")
    assert [update["message"]["text"] for update in await bot.updates()] == ["hi"]


def in_parts(fields: dict[str, str]) -> web.Response:
    parts = MultipartWriter("form-data")
    for name, value in fields.items():
        parts.append(value).set_content_disposition("form-data", name=name)
    return web.Response(body=parts)


@pytest.mark.parametrize("form", ["json", "urlencoded", "multipart"])
async def test_an_answer_may_be_a_call(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver, form: str
) -> None:
    said = {"method": "sendMessage", "chat_id": str(LENA), "text": "at once"}
    answers = {
        "json": web.json_response(said),
        "urlencoded": web.Response(text=urlencode(said), content_type="application/x-www-form-urlencoded"),
        "multipart": in_parts(said),
    }
    receiver.answers = [answers[form]]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("hi")
    await receiver.until(1)
    await info(bot, pending_update_count=0)
    assert await simulator.texts() == ["/start", "hi", "at once"]
    assert (await simulator.calls(method="sendMessage"))[0]["params"]["text"] == "at once"


@pytest.mark.parametrize("method", ["getMe", "setWebhook", "deleteWebhook", "logOut", "close"])
async def test_an_answer_cannot_be_any_call(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver, method: str
) -> None:
    receiver.answers = [web.json_response({"method": method})]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("hi")
    await info(bot, pending_update_count=0, url=receiver.url)
    assert len(await simulator.calls(method=method)) == (1 if method in {"getMe", "setWebhook"} else 0)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", json.dumps({"method": "sendMessage"}).encode()])
async def test_nonsense_in_an_answer_delivers_the_update_all_the_same(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver, body: bytes
) -> None:
    receiver.answers = [web.Response(body=body, content_type="application/json")]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("hi")
    await receiver.until(1)
    await info(bot, pending_update_count=0)


async def test_waiting_updates_go_out_or_are_dropped(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    await simulator.says("waiting")
    await bot.call("setWebhook", url=receiver.url)
    await receiver.until(1)
    await bot.call("deleteWebhook")
    await simulator.says("dropped")
    simulator.clock.advance(1.1)
    await bot.call("setWebhook", url=receiver.url, drop_pending_updates=True)
    await simulator.says("new")
    await receiver.until(2)
    assert receiver.texts == ["waiting", "new"]


async def test_a_held_webhook_waits_and_delivers_again_when_asked(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    await bot.call("setWebhook", url=receiver.url)
    await simulator.post("/sim/hold", bot=42, hold=True)
    number = (await simulator.says("hi"))["update_id"]
    await info(bot, pending_update_count=1)
    assert receiver.received == []
    await simulator.post("/sim/hold", bot=42, hold=False)
    await receiver.until(1)
    await info(bot, pending_update_count=0)
    await simulator.post("/sim/redeliver", bot=42, update_ids=[number])
    await receiver.until(2)
    assert receiver.texts == ["hi", "hi"]


async def test_a_bot_that_is_gone_for_a_day_loses_its_webhook(
    simulator: Simulator, bot: BotClient, receiver: WebhookReceiver
) -> None:
    receiver.answers = [web.Response(status=410) for _ in range(3)]
    await bot.call("setWebhook", url=receiver.url)
    await simulator.says("hi")
    await receiver.until(2)
    await simulator.clock.skip(23 * 3600)
    await info(bot, url="")
