import asyncio

import aiohttp
import pytest

from support.simulator import LENA, BotClient, Json, Simulator

TOO_MANY = (429, "Too Many Requests: retry after 1")
DEFAULTS = {"enabled": True, "chat_burst": 20, "chat_per_second": 1.0, "bot_per_second": 30.0, "draft_per_5s": 20}


async def send(bot: BotClient, chat: int = LENA) -> Json:
    message: Json = await bot.call("sendMessage", chat_id=chat, text="hi")
    return message


async def test_limits_are_on_by_default_and_what_is_left_out_stays(simulator: Simulator) -> None:
    assert await simulator.post("/sim/limits", enabled=True) == DEFAULTS
    assert await simulator.post("/sim/limits", enabled=False, chat_burst=3) == DEFAULTS | {
        "enabled": False,
        "chat_burst": 3,
    }
    assert (await simulator.post("/sim/limits", enabled=True))["chat_burst"] == 3
    await simulator.post("/sim/reset")
    assert await simulator.post("/sim/limits") == DEFAULTS


@pytest.mark.parametrize(
    "wrong", [{"chat_burst": 0}, {"chat_per_second": 0}, {"enabled": 1}, {"burst": 5}, {"draft_per_5s": 1.5}]
)
async def test_limits_that_make_no_sense_are_refused(simulator: Simulator, wrong: Json) -> None:
    answer = await simulator.ask("/sim/limits", **wrong)
    assert answer.status == 400
    assert answer.json["error"]


async def test_sends_and_edits_share_the_bucket_of_the_chat(simulator: Simulator, bot: BotClient) -> None:
    message = await send(bot)
    for count in range(19):
        await bot.call("editMessageText", chat_id=LENA, message_id=message["message_id"], text=str(count))
    assert await bot.refused("sendMessage", chat_id=LENA, text="hi") == TOO_MANY
    assert await bot.refused("editMessageText", chat_id=LENA, message_id=message["message_id"], text="x") == TOO_MANY
    simulator.clock.advance(1.1)
    await send(bot)
    assert await bot.refused("sendMessage", chat_id=LENA, text="hi") == TOO_MANY


async def test_drafts_and_actions_share_another_bucket(simulator: Simulator, bot: BotClient) -> None:
    for count in range(10):
        await bot.call("sendMessageDraft", chat_id=LENA, draft_id=1, text=str(count))
        await bot.call("sendChatAction", chat_id=LENA, action="typing")
    assert await bot.refused("sendMessageDraft", chat_id=LENA, draft_id=1, text="x") == TOO_MANY
    assert await bot.refused("sendChatAction", chat_id=LENA, action="typing") == TOO_MANY
    await send(bot)
    simulator.clock.advance(5)
    for _ in range(20):
        await bot.call("sendChatAction", chat_id=LENA, action="typing")


async def test_all_chats_of_a_bot_share_one_bucket_and_other_bots_have_theirs(
    simulator: Simulator, bot: BotClient
) -> None:
    await simulator.post("/sim/limits", bot_per_second=2)
    other = await simulator.started("43:OTHER")
    for person in (8, 9):
        await simulator.user(person)
        await simulator.says("hi", person)
    await send(bot, LENA)
    await send(bot, 8)
    assert await bot.refused("sendMessage", chat_id=9, text="hi") == TOO_MANY
    await send(other)


async def test_what_is_refused_anyway_is_not_counted(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/sim/limits", chat_burst=1)
    for _ in range(3):
        assert (await bot.refused("sendMessage", chat_id=LENA, text=""))[0] == 400
    await send(bot)


async def test_without_limits_anything_goes(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/sim/limits", enabled=False)
    for _ in range(50):
        await send(bot)


async def test_a_fault_answers_without_doing_the_call(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/sim/faults", bot=42, method="sendmessage", times=2, status=500, description="Oops")
    for _ in range(2):
        assert await bot.refused("sendMessage", chat_id=LENA, text="hi") == (500, "Oops")
    assert await simulator.texts() == ["/start"]
    await send(bot)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 502}, (502, "Bad Gateway")),
        ({"status": 429, "retry_after": 7}, (429, "Too Many Requests: retry after 7")),
        ({"retry_after": 3}, (429, "Too Many Requests: retry after 3")),
        ({"status": 429}, TOO_MANY),
        ({"status": 401}, (401, "Unauthorized")),
        ({"status": 499, "description": "Bad Request: x"}, (499, "Bad Request: x")),
    ],
)
async def test_a_fault_has_words_of_its_own(
    simulator: Simulator, bot: BotClient, fault: Json, words: tuple[int, str]
) -> None:
    await simulator.post("/sim/faults", method="*", times=1, **fault)
    answer = await bot.ask("getUpdates")
    assert answer.refusal == words
    assert answer.headers.get("Retry-After") == (words[1][-1] if words[0] == 429 else None)


async def test_a_fault_can_hang_up_before_or_after(simulator: Simulator, bot: BotClient) -> None:
    for when, texts in (("before", ["/start"]), ("after", ["/start", "hi"])):
        await simulator.post("/sim/faults", bot=42, method="sendMessage", times=1, drop=when)
        with pytest.raises(aiohttp.ClientConnectionError):
            await bot.ask("sendMessage", chat_id=LENA, text="hi")
        assert await simulator.texts() == texts
    assert [call["method"] for call in await simulator.calls()].count("sendMessage") == 0


async def test_a_delayed_call_is_done_even_if_its_caller_has_gone(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/sim/faults", method="sendMessage", times=2, delay=30)
    patient = asyncio.create_task(bot.ask("sendMessage", chat_id=LENA, text="one"))
    hasty = asyncio.create_task(bot.ask("sendMessage", chat_id=LENA, text="two"))
    await asyncio.wait([patient, hasty], timeout=0.05)
    hasty.cancel()
    assert await simulator.texts() == ["/start"]
    simulator.clock.advance(31)
    assert (await patient).result["text"] == "one"
    assert sorted(await simulator.texts()) == ["/start", "one", "two"]


async def test_a_fault_is_for_one_bot_and_one_method(simulator: Simulator, bot: BotClient) -> None:
    other = await simulator.started("43:OTHER")
    await simulator.post("/sim/faults", bot=42, method="sendMessage", times=1, status=500)
    await send(other)
    await bot.call("getMe")
    assert (await bot.refused("sendMessage", chat_id=LENA, text="hi"))[0] == 500


async def test_faults_come_in_the_order_they_were_asked_for(simulator: Simulator, bot: BotClient) -> None:
    for status in (500, 502):
        await simulator.post("/sim/faults", method="*", times=1, status=status)
    assert [(await bot.ask("getMe")).status for _ in range(3)] == [500, 502, 200]


async def test_a_reset_forgets_faults(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/sim/faults", method="*", times=5, status=500)
    await simulator.post("/sim/reset")
    await bot.call("getMe")


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "sendMessage"},
        {"method": "send nothing", "times": 1},
        {"method": "*", "times": -1},
        {"method": "*", "times": 1, "drop": "sometimes"},
        {"method": "*", "times": 1, "status": 200},
        {"method": "*", "times": 1, "bot": 999},
        {"method": "*", "times": 1, "unknown": 1},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(simulator: Simulator, wrong: Json) -> None:
    answer = await simulator.ask("/sim/faults", **wrong)
    assert 400 <= answer.status < 500
    assert answer.json["error"]
