import asyncio

import pytest

from support.simulator import LENA, BotClient, Simulator, simulating


async def ids(bot: BotClient, **params: object) -> list[int]:
    return [update["update_id"] for update in await bot.updates(**params)]


async def said(simulator: Simulator, *texts: str) -> list[int]:
    return [(await simulator.says(text))["update_id"] for text in texts]


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(simulator: Simulator, bot: BotClient) -> None:
    first, second = await said(simulator, "one", "two")
    assert second == first + 1
    assert await ids(bot) == [first, second]
    assert await ids(bot, offset=first) == [first, second]
    assert await ids(bot, offset=second) == [second]
    assert await ids(bot) == [second]
    assert await ids(bot, offset=second + 1) == []
    assert await ids(bot) == []


async def test_a_negative_offset_keeps_the_last_ones_and_forgets_the_rest(simulator: Simulator, bot: BotClient) -> None:
    numbers = await said(simulator, "one", "two", "three")
    assert await ids(bot, offset=-2) == numbers[1:]
    assert await ids(bot) == numbers[1:]
    assert await ids(bot, offset=-100) == numbers[1:]


@pytest.mark.parametrize("distance", [1_000, 1_000_000])
async def test_an_offset_out_of_range_starts_at_the_head(simulator: Simulator, bot: BotClient, distance: int) -> None:
    numbers = await said(simulator, "one", "two")
    assert await ids(bot, offset=numbers[0] - distance) == numbers
    assert await ids(bot, offset=numbers[1] + distance) == numbers
    assert await ids(bot) == numbers


async def test_the_limit_is_moved_into_its_bounds(simulator: Simulator, bot: BotClient) -> None:
    numbers = await said(simulator, *["hi"] * 101)
    assert await ids(bot) == numbers[:100]
    assert await ids(bot, limit=1000) == numbers[:100]
    assert await ids(bot, limit=3) == numbers[:3]
    assert await ids(bot, limit=0) == numbers[:1]
    assert await ids(bot, limit=-5) == numbers[:1]


async def test_a_long_poll_answers_as_soon_as_something_comes(simulator: Simulator, bot: BotClient) -> None:
    poll = await simulator.waiting_poll(bot)
    (number,) = await said(simulator, "hi")
    (update,) = (await poll).result
    assert update["update_id"] == number
    assert update["message"]["text"] == "hi"
    assert update["message"]["from"] == {"id": LENA, "is_bot": False, "first_name": "Lena"}
    assert update["message"]["chat"] == {"id": LENA, "type": "private", "first_name": "Lena"}


async def test_a_long_poll_never_lasts_longer_than_fifty_seconds(simulator: Simulator, bot: BotClient) -> None:
    poll = await simulator.waiting_poll(bot, timeout=1_000)
    simulator.clock.advance(50.1)
    assert (await poll).result == []


async def test_a_long_poll_is_shown_while_it_waits_and_two_seconds_longer(simulator: Simulator, bot: BotClient) -> None:
    simulator.clock.advance(3)
    assert (await simulator.get("/sim/bots/42")).json["polling"] is False
    poll = await simulator.waiting_poll(bot, timeout=5)
    simulator.clock.advance(5.1)
    await poll
    assert (await simulator.get("/sim/bots/42")).json["polling"] is True
    simulator.clock.advance(2.1)
    assert (await simulator.get("/sim/bots/42")).json["polling"] is False


async def test_a_second_poll_that_waits_ends_the_older_one(simulator: Simulator, bot: BotClient) -> None:
    older = await simulator.waiting_poll(bot)
    newer = bot.polling()
    assert (await older).refusal == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    await said(simulator, "hi")
    assert len((await newer).result) == 1


async def test_a_poll_that_need_not_wait_leaves_the_other_alone(simulator: Simulator, bot: BotClient) -> None:
    waiting = await simulator.waiting_poll(bot)
    assert await bot.updates(timeout=0) == []
    await said(simulator, "hi")
    assert len((await waiting).result) == 1


async def test_a_webhook_ends_the_poll_and_forbids_others(simulator: Simulator, bot: BotClient) -> None:
    waiting = await simulator.waiting_poll(bot)
    await bot.call("setWebhook", url="http://127.0.0.1:9/hook")
    assert (await waiting).refusal == (409, "Conflict: terminated by setWebhook request")
    assert await bot.refused("getUpdates") == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    await bot.call("deleteWebhook")
    assert await bot.updates() == []


async def test_only_the_kinds_that_were_asked_for_come(simulator: Simulator, bot: BotClient) -> None:
    await bot.updates(allowed_updates=["edited_message", "no_such_kind"])
    assert (await simulator.get("/sim/bots/42")).json["allowed_updates"] == ["edited_message"]
    told = await simulator.says("hi")
    assert told["update_id"] is None
    edit = await simulator.post("/sim/chats/42/edits", from_=LENA, message_id=told["message"]["message_id"], text="ho")
    (update,) = await bot.updates()
    assert update["update_id"] == edit["update_id"]
    assert update["edited_message"]["text"] == "ho"


async def test_what_is_asked_for_holds_for_updates_made_later(simulator: Simulator, bot: BotClient) -> None:
    (number,) = await said(simulator, "hi")
    assert await ids(bot, allowed_updates=["callback_query"]) == [number]
    assert (await simulator.says("again"))["update_id"] is None


@pytest.mark.parametrize("asked", ["message", "not json", 5, None, {"a": 1}])
async def test_what_is_no_array_keeps_the_kinds_asked_for_before(
    simulator: Simulator, bot: BotClient, asked: object
) -> None:
    await bot.updates(allowed_updates=["message"])
    await bot.updates(allowed_updates=asked)
    await bot.updates()
    assert (await simulator.get("/sim/bots/42")).json["allowed_updates"] == ["message"]


@pytest.mark.parametrize("asked", [[], ["nothing", 5]])
async def test_asking_for_nothing_known_is_the_default(simulator: Simulator, bot: BotClient, asked: object) -> None:
    await bot.updates(allowed_updates=["message"])
    await bot.updates(allowed_updates=asked)
    assert (await simulator.get("/sim/bots/42")).json["allowed_updates"] is None


async def test_a_message_is_kept_for_a_day(simulator: Simulator, bot: BotClient) -> None:
    (number,) = await said(simulator, "hi")
    simulator.clock.advance(86_390)
    assert await ids(bot) == [number]
    simulator.clock.advance(20)
    assert await ids(bot) == []
    assert (await simulator.get("/sim/bots/42")).json["pending_update_count"] == 0


async def test_the_day_of_a_message_begins_with_its_date(simulator: Simulator, bot: BotClient) -> None:
    now = int(simulator.clock.now())
    young = (await simulator.says("young", date=now - 86_000))["update_id"]
    old = await simulator.says("old", date=now - 86_401)
    assert old["message"]["date"] == now - 86_401
    assert await ids(bot) == [young]


async def test_a_tap_is_kept_for_two_and_a_half_minutes(simulator: Simulator, bot: BotClient) -> None:
    markup = {"inline_keyboard": [[{"text": "yes", "callback_data": "y"}]]}
    message = await bot.call("sendMessage", chat_id=LENA, text="?", reply_markup=markup)
    tap = {"bot": 42, "from_": LENA, "message_id": message["message_id"], "data": "y"}
    await simulator.post("/sim/callbacks", **tap)
    (number,) = await said(simulator, "between")
    simulator.clock.advance(100)
    later = (await simulator.post("/sim/callbacks", **tap))["update_id"]
    simulator.clock.advance(51)
    assert await ids(bot) == [number, later]


async def test_held_updates_queue_and_none_is_delivered(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/sim/hold", bot=42, hold=True)
    (number,) = await said(simulator, "hi")
    assert await ids(bot) == []
    poll = await simulator.waiting_poll(bot)
    shown = (await simulator.get("/sim/bots/42")).json
    assert (shown["held"], shown["pending_update_count"]) == (True, 1)
    await simulator.post("/sim/hold", bot=42, hold=False)
    assert [update["update_id"] for update in (await poll).result] == [number]


async def test_updates_are_delivered_again_once_in_the_order_asked_for(simulator: Simulator, bot: BotClient) -> None:
    one, two, three = await said(simulator, "one", "two", "three")
    assert await ids(bot, offset=three) == [three]
    await simulator.post("/sim/redeliver", bot=42, update_ids=[two, one])
    assert await ids(bot, offset=three) == [two, one, three]
    assert await ids(bot, offset=three) == [three]


async def test_what_was_not_delivered_yet_comes_once_when_it_is_asked_for_in_another_order(
    simulator: Simulator, bot: BotClient
) -> None:
    one, two, three = await said(simulator, "one", "two", "three")
    await simulator.post("/sim/redeliver", bot=42, update_ids=[three, one])
    assert await ids(bot) == [three, one, two]


async def test_delivering_again_wakes_a_poll(simulator: Simulator, bot: BotClient) -> None:
    (number,) = await said(simulator, "hi")
    poll = await simulator.waiting_poll(bot, offset=number + 1)
    await simulator.post("/sim/redeliver", bot=42, update_ids=[number])
    assert [update["update_id"] for update in (await poll).result] == [number]


async def test_more_redelivered_updates_than_the_limit_come_one_answer_later(
    simulator: Simulator, bot: BotClient
) -> None:
    one, two = await said(simulator, "one", "two")
    await simulator.post("/sim/redeliver", bot=42, update_ids=[two, one])
    assert await ids(bot, offset=two + 1, limit=1) == [two]
    assert await ids(bot, offset=two + 1, limit=1) == [one]
    assert await ids(bot, offset=two + 1, limit=1) == []


async def test_an_update_nobody_knows_cannot_be_delivered_again(simulator: Simulator, bot: BotClient) -> None:
    (number,) = await said(simulator, "hi")
    answer = await simulator.ask("/sim/redeliver", bot=42, update_ids=[number, number + 1])
    assert answer.status == 404
    assert await ids(bot) == [number]


async def test_an_answer_is_cut_near_four_mebibytes(simulator: Simulator, bot: BotClient) -> None:
    numbers = await said(simulator, *["#a " * 1365] * 100)
    first = await bot.ask("getUpdates")
    taken = [update["update_id"] for update in first.result]
    assert 3 << 20 < len(first.body) < 1 << 22
    assert taken == numbers[: len(taken)]
    assert (await ids(bot, offset=taken[-1] + 1))[0] == taken[-1] + 1


async def test_spinning_is_let_be_unless_the_switch_is_on(simulator: Simulator, bot: BotClient) -> None:
    numbers = await said(simulator, "one", "two")
    assert await ids(bot) == numbers
    assert await ids(bot) == numbers


async def test_a_spinning_bot_is_slowed_when_the_switch_is_on() -> None:
    async with simulating(slows_spinning=True) as simulator:
        bot = await simulator.known_bot()
        await simulator.user()
        numbers = await said(simulator, "one", "two")
        assert await ids(bot) == numbers
        assert await ids(bot) == numbers[:1]
        simulator.clock.advance(3.1)
        assert await ids(bot, offset=numbers[1] + 1) == []
        waiting = bot.polling(offset=numbers[1] + 1, timeout=0)
        await said(simulator, "three")
        assert len((await waiting).result) == 1


async def test_a_second_conflict_is_delayed_when_the_switch_is_on() -> None:
    async with simulating(slows_spinning=True) as simulator:
        bot = await simulator.known_bot()
        await bot.call("setWebhook", url="http://127.0.0.1:9/hook")
        assert (await bot.refused("getUpdates"))[0] == 409
        delayed = asyncio.create_task(bot.refused("getUpdates"))
        await simulator.clock.skip(3.1)
        assert (await delayed)[0] == 409


async def test_each_bot_has_updates_of_its_own(simulator: Simulator, bot: BotClient) -> None:
    other = await simulator.known_bot("43:OTHER")
    await said(simulator, "hi")
    assert await other.updates() == []
    assert len(await bot.updates()) == 1
