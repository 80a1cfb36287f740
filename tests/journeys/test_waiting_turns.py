"""Messages that wait for their turn: neither stored nor counted before it, then answered one by one, in order."""

import asyncio

from parley.features.turns.core import MOST_WAITING
from parley.kernel.ports import ModelFailed
from support.app import AppUnderTest
from support.turns import LONG_ENOUGH, kinds, lined_up, texts, under_way, used

MANY = 55


async def test_many_messages_by_socket_wait_while_a_reply_is_written(app: AppUnderTest) -> None:
    async with AppUnderTest.running(app.parley.world.db, rate_limits="off", daily_message_limit="1000") as roomy:
        kira, anya, end = await roomy.character(), roomy.person(), asyncio.Event()
        roomy.model.will_say("First", " reply", wait=end)
        async with anya.socket(kira) as phone:
            await phone.send("send_message", message="message 0", client_id="c0")
            await phone.until("message.delta")
            for number in range(1, MANY):
                await phone.send("send_message", message=f"message {number}", client_id=f"c{number}")
            await phone.send("ping")
            await phone.until("pong")
            assert (await texts(anya, kira), await used(anya)) == (["message 0"], 1)
            end.set()
            for _ in range(MANY):
                await phone.until("message.complete")
        history = (
            await anya.history(kira)
            + (await anya.get(f"/api/chats/{kira}/messages?limit=100&offset=100")).json["messages"]
        )
    history.sort(key=lambda each: int(each["id"]))
    assert [each["role"] for each in history] == ["user", "assistant"] * MANY
    assert [each["message_text"] for each in history[::2]] == [f"message {number}" for number in range(MANY)]
    assert [each["client_id"] for each in history[::2]] == [f"c{number}" for number in range(MANY)]


async def test_each_waiting_turn_tells_its_events_whole_before_the_next_begins(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("One", " two", wait=end)
    async with anya.socket(kira) as phone:
        for number in range(3):
            await phone.send("send_message", message=f"message {number}")
        await phone.until("message.delta")
        end.set()
        rest = await phone.until("message.complete")
        for _ in range(2):
            turn = await phone.until("message.complete")
            assert kinds(turn) == [
                "message.new", "message.typing", "message.delta", "message.typing", "message.new", "message.complete",
            ]  # fmt: skip
    assert kinds(rest)[-3:] == ["message.typing", "message.new", "message.complete"]


async def test_never_two_replies_at_once_in_a_chat(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("One", " two", wait=end)
    async with under_way(sqlite_app, anya.says(kira, "First")) as first:
        others = [
            asyncio.create_task(anya.says(kira, "Second")),
            asyncio.create_task(anya.post(f"/api/chats/{kira}/regenerate")),
        ]
        await lined_up(sqlite_app, 3)
        assert len(sqlite_app.model.asked) == 1
        end.set()
        answers = await asyncio.wait_for(asyncio.gather(first, *others), LONG_ENOUGH)
    assert [each.status for each in answers] == [200, 200, 200]


async def test_two_processes_never_answer_in_one_chat_at_once(app: AppUnderTest) -> None:
    async with AppUnderTest.running(app.parley.world.db, rate_limits="off") as other:
        kira, anya, end = await app.character(), app.person(), asyncio.Event()
        app.model.will_say("One", " two", wait=end)
        async with under_way(app, anya.says(kira, "First")) as first:
            second = asyncio.create_task(other.person().says(kira, "Second"))
            await lined_up(other, 1)
            await asyncio.sleep(0.3)  # long enough to look at the chat more than once
            assert (await texts(anya, kira), other.model.asked) == (["First"], [])
            end.set()
            answers = await asyncio.wait_for(asyncio.gather(first, second), LONG_ENOUGH)
        assert [each.status for each in answers] == [200, 200]
    assert await texts(anya, kira) == ["First", "One two", "Second", "All right."]


async def test_a_full_line_refuses_the_next_and_keeps_the_others(sqlite_app: AppUnderTest) -> None:
    db = sqlite_app.parley.world.db
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="1000") as roomy:
        kira, anya, end = await roomy.character(), roomy.person(), asyncio.Event()
        roomy.model.will_say("One", " two", wait=end)
        async with anya.socket(kira) as phone:
            await phone.send("send_message", message="first")
            await phone.until("message.delta")
            for _ in range(MOST_WAITING + 1):
                await phone.send("send_message", message="more")
            assert (await phone.next())["data"]["code"] == "conflict"
            assert (await anya.says(kira, "one too many")).json["error"] == "conflict"
            end.set()
            for _ in range(MOST_WAITING + 1):
                await phone.until("message.complete")
        assert await used(anya) == MOST_WAITING + 1


async def test_waiting_messages_beyond_the_limit_are_refused_when_their_turn_comes(app: AppUnderTest) -> None:
    async with AppUnderTest.running(app.parley.world.db, rate_limits="off", daily_message_limit="2") as limited:
        kira, anya, end = await limited.character(), limited.person(), asyncio.Event()
        limited.model.will_say("One", " two", wait=end)
        async with under_way(limited, anya.says(kira, "First")) as first:
            waiting = [asyncio.create_task(anya.says(kira, f"more {number}")) for number in range(4)]
            await lined_up(limited, 5)
            end.set()
            answers = [await first, *await asyncio.gather(*waiting)]
        assert sorted(each.status for each in answers) == [200, 200, 429, 429, 429]
        assert (len(await anya.history(kira)), await used(anya)) == (4, 2)


async def test_a_failed_turn_lets_the_next_one_in(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("", "", wait=end, failure=ModelFailed("server"))
    async with anya.socket(kira) as phone:
        await phone.send("send_message", message="first")
        await phone.send("send_message", message="second")
        await phone.until("message.typing")
        end.set()
        assert (await phone.until("error"))[-1]["data"]["code"] == "llm_error"
        await phone.until("message.complete")
    assert (await texts(anya, kira), await used(anya)) == (["first", "second", "All right."], 1)
