"""A turn: a message is stored with its unit, answered, and the reply is stored, whoever is still looking."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from parley.adapters.db import OpenDatabase
from parley.kernel.ports import Finish, ModelFailed, ModelPart, Prompt, TextPart
from support.app import AppUnderTest
from support.scripted_model import ScriptedModel
from support.turns import LONG_ENOUGH, eventually, kinds, lasting, lined_up, texts, under_way, used

TURN = ["message.new", "message.typing", "message.delta", "message.typing", "message.new", "message.complete"]


async def test_a_turn_tells_its_events_in_order_and_numbers_the_lasting_ones(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("Hello", " there")
    async with anya.socket(kira) as phone:
        await phone.send("send_message", message="Hi")
        frames = await phone.until("message.complete")
    said, typing, *_, quiet, reply, complete = frames
    assert kinds(frames) == TURN
    assert [each["seq"] for each in lasting(frames)] == [1, 2, 3]
    assert (typing["data"], quiet["data"]) == (
        {"character_id": kira, "is_typing": True},
        {"character_id": kira, "is_typing": False},
    )
    assert said["data"]["role"] == "user"
    assert said["data"]["id"] < reply["data"]["id"]
    assert (reply["data"]["role"], reply["data"]["message_text"]) == ("assistant", "Hello there")
    assert complete["data"] == {"message_id": reply["data"]["id"], "tokens_used": 2}


async def test_the_answer_of_a_post_has_the_keys_of_the_spec_and_no_others(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    answer = (await anya.says(kira, "  Hi  ")).json
    assert answer.keys() == {"user_message", "assistant_message", "limits"}
    assert answer["user_message"].keys() == {"id", "role", "message_text", "created_at"}
    assert answer["user_message"]["message_text"] == "Hi"
    assert answer["assistant_message"].keys() == {
        "id", "role", "message_text", "created_at", "tokens_used", "model_used",
    }  # fmt: skip
    assert answer["limits"].keys() == {"remaining", "total", "resets_at"}


async def test_the_answers_limits_are_those_right_after_its_own_unit(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    answers = await asyncio.gather(*(anya.says(kira, f"message {number}") for number in range(5)))
    assert sorted(each.json["limits"]["remaining"] for each in answers) == [45, 46, 47, 48, 49]
    in_order = sorted(answers, key=lambda each: int(each.json["user_message"]["id"]))
    assert [each.json["limits"]["remaining"] for each in in_order] == [49, 48, 47, 46, 45]


async def test_a_failed_turn_keeps_the_message_gives_the_unit_back_and_frees_the_chat(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_fail(ModelFailed("server"))
    async with anya.socket(kira) as phone:
        answer = await anya.says(kira, "Hi")
        frames = await phone.until("error")
    assert (answer.status, answer.json["error"]) == (502, "llm_error")
    assert kinds(frames) == ["message.new", "message.typing", "message.typing", "error"]
    assert frames[-2]["data"]["is_typing"] is False
    assert frames[-1]["data"]["code"] == "llm_error"
    assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)
    assert (await anya.says(kira, "Again")).status == 200
    assert await used(anya) == 1


async def test_a_message_over_the_limit_leaves_nothing_behind(sqlite_app: AppUnderTest) -> None:
    async with AppUnderTest.running(sqlite_app.parley.world.db, rate_limits="off", daily_message_limit="1") as limited:
        kira, anya = await limited.character(), limited.person()
        assert (await anya.says(kira, "One")).status == 200
        refused = await anya.says(kira, "Two")
        session = (await anya.get(f"/api/chats/{kira}/session")).json
        assert refused.status == 429
        assert (len(await anya.history(kira)), session["messages_count"], await used(anya)) == (2, 2, 1)


async def test_the_daily_limit_is_told_in_the_words_of_each_channel(sqlite_app: AppUnderTest) -> None:
    db = sqlite_app.parley.world.db
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="0") as limited:
        kira, anya, ann = await limited.character(), limited.person(7), limited.person(8, "Ann", "en")
        russian, english = await anya.says(kira, "Hi"), await ann.says(kira, "Hi")
        assert russian.json["error"] == "daily_limit_exceeded"
        assert russian.json["message"] == "Дневной лимит 0 сообщений исчерпан"
        assert (russian.json["limits"]["remaining"], russian.json["limits"]["total"]) == (0, 0)
        assert english.json["message"] == "The daily limit of 0 messages is used up"
        for someone, sentence in ((anya, "Дневной лимит исчерпан"), (ann, "The daily limit is used up")):
            async with someone.socket(kira) as phone:
                await phone.send("send_message", message="Hi")
                told = (await phone.next())["data"]
                assert (told["code"], told["message"]) == ("daily_limit_exceeded", sentence)


async def test_a_new_day_begins_with_a_fresh_quota(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    await anya.says(kira, "Today")
    resets_at = (await anya.get("/api/users/limits")).json["messages_limit"]["resets_at"]
    assert resets_at == (app.clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
    app.clock.ahead += timedelta(hours=23, minutes=59, seconds=59)
    tomorrow = app.person()
    assert (await tomorrow.says(kira, "Tomorrow")).json["limits"]["remaining"] == 49


async def test_a_unit_goes_back_to_the_day_it_came_from(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    app.model.will_say("", "", wait=end, failure=ModelFailed("server"))
    async with under_way(app, anya.says(kira, "Before midnight")) as turn:
        app.clock.ahead += timedelta(days=1)
        tomorrow = app.person()
        end.set()
        assert (await turn).status == 502
        assert await used(tomorrow) == 0
        app.clock.ahead -= timedelta(days=1)
        assert await used(anya) == 0


async def test_chats_are_answered_side_by_side(sqlite_app: AppUnderTest) -> None:
    kira, mira, end = await sqlite_app.character(), await sqlite_app.character(), asyncio.Event()
    anya, boris = sqlite_app.person(7), sqlite_app.person(8)
    sqlite_app.model.will_say("Slowly", " spoken", wait=end)
    async with under_way(sqlite_app, anya.says(kira, "Hi")) as slow:
        assert (await anya.says(mira, "Hi")).status == 200
        assert (await boris.says(kira, "Hi")).status == 200
        assert not slow.done()
        end.set()
        assert (await slow).json["assistant_message"]["message_text"] == "Slowly spoken"


async def test_a_reply_is_stored_though_its_client_went_away(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    app.model.will_say("Still", " here", wait=end)
    async with under_way(app, anya.says(kira, "Hi")):
        pass
    end.set()

    async def is_stored() -> bool:
        return await texts(anya, kira) == ["Hi", "Still here"]

    await eventually(is_stored)
    assert await used(anya) == 1


async def test_a_reply_is_stored_though_its_socket_went_away(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("Still", " here", wait=end)
    async with anya.socket(kira) as phone:
        await phone.send("send_message", message="Hi")
        await phone.until("message.delta")
    async with anya.socket(kira, after=0) as laptop:
        end.set()
        await laptop.until("message.complete")
    assert await texts(anya, kira) == ["Hi", "Still here"]


async def test_premium_lost_between_two_messages_ends_talking_but_not_reading(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(access_type="premium"), sqlite_app.person()
    refused = await anya.says(kira, "Hi")
    assert (refused.status, refused.json["error"]) == (403, "premium_required")
    await sqlite_app.grant_premium(anya, days=1)
    first = await anya.says(kira, "Hi")
    assert first.json["limits"] == {"remaining": -1, "total": -1, "resets_at": None}
    sqlite_app.clock.ahead += timedelta(hours=25)
    later = sqlite_app.person()
    assert (await later.says(kira, "Still there?")).status == 403
    assert (await later.post(f"/api/chats/{kira}/regenerate")).status == 403
    assert await texts(later, kira) == ["Hi", "All right."]


async def test_premium_lost_while_a_message_waits_ends_that_message(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(access_type="premium"), app.person(), asyncio.Event()
    await app.grant_premium(anya, days=1)
    app.model.will_say("One", " moment", wait=end)
    async with under_way(app, anya.says(kira, "First")):
        waiting = asyncio.create_task(anya.says(kira, "Second"))
        await lined_up(app, 2)
        app.clock.ahead += timedelta(hours=25)
        end.set()
        assert (await asyncio.wait_for(waiting, LONG_ENOUGH)).status == 403
    assert await texts(app.person(), kira) == ["First", "One moment"]


async def test_text_that_no_engine_can_keep_is_left_out_of_a_reply(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("nu\x00ll", "\x00", " and \ud800half", "<b>&amp;</b> \u202e")
    assert (await anya.says(kira, "Hi")).json["assistant_message"]["message_text"] == (
        "null and half<b>&amp;</b> \u202e"
    )
    assert (await texts(anya, kira))[-1] == "null and half<b>&amp;</b> \u202e"


class Boastful(ScriptedModel):
    """A provider that says anything of itself."""

    async def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        self.asked.append(prompt)
        yield TextPart("Hello.")
        is_first = len(self.asked) == 1
        yield Finish("stop", "a\x00\n" + "x" * 500, 2**70, 2**70) if is_first else Finish("stop", "", -5, -5)


async def test_what_a_provider_says_of_itself_is_kept_within_bounds(db: OpenDatabase) -> None:
    async with AppUnderTest.running(db, model=Boastful(), rate_limits="off") as app:
        kira, anya = await app.character(), app.person()
        for tokens in (2**31 - 1, 0):
            answer = await anya.says(kira, "Hi")
            assert answer.status == 200
            assert answer.json["assistant_message"]["tokens_used"] == tokens
        assert len((await anya.history(kira))[1]["model_used"]) == 200


async def test_a_reply_of_nothing_but_blanks_is_no_reply(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.model.will_say(" \n", "\x00")
    assert (await anya.says(kira, "Hi")).status == 502
    assert (await texts(anya, kira), await used(anya)) == (["Hi"], 0)


async def test_messages_out_of_bounds_are_refused_before_anything_happens(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    for wrong in ("", "   ", "x" * 4001, "nul\x00", 5, None, ["Hi"]):
        refused = await anya.post(f"/api/chats/{kira}/messages", {"message": wrong})
        assert (refused.status, refused.json["error"], refused.json["field"]) == (400, "invalid_input", "message")
    assert (await anya.says(kira, "🙂" * 4000)).status == 200
    assert (await anya.post(f"/api/chats/{kira}/messages", {"message": "Hi", "role": "system"})).json["field"] == "role"
    assert sqlite_app.model.asked[-1].messages[-1].content == "🙂" * 4000
    assert len(sqlite_app.model.asked) == 1
