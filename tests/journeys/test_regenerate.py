"""Another reply: the old ones stay as variants, and nothing is counted."""

import asyncio
from typing import Any

from parley.kernel.ports import ModelFailed
from support.app import AppUnderTest, Someone
from support.turns import kinds, lasting, texts, under_way, used


async def variants(someone: Someone, character: int, message: int) -> list[dict[str, Any]]:
    """All texts a message can show."""
    found: list[dict[str, Any]] = (await someone.get(f"/api/chats/{character}/messages/{message}/variants")).json[
        "variants"
    ]
    return found


async def newest(someone: Someone, character: int) -> dict[str, Any]:
    """The newest message."""
    return (await someone.history(character))[-1]


async def test_a_regenerated_reply_replaces_the_old_one_under_a_new_id(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("Old words")
    app.model.will_say("New words")
    old = (await anya.says(kira, "Hi")).json["assistant_message"]
    async with anya.socket(kira) as phone:
        answer = await anya.post(f"/api/chats/{kira}/regenerate")
        frames = await phone.until("message.complete")
    message = answer.json["message"]
    assert answer.json.keys() == {"message"}
    assert (message["role"], message["message_text"], message["is_regenerated"]) == ("assistant", "New words", True)
    assert message["id"] > old["id"]
    assert await texts(anya, kira) == ["Hi", "New words"]
    assert (await newest(anya, kira))["is_regenerated"] is True
    assert kinds(frames) == [
        "message.typing", "message.delta", "message.typing", "message.deleted", "message.new", "message.complete",
    ]  # fmt: skip
    assert [each["seq"] for each in lasting(frames)] == [4, 5, 6]
    assert frames[-3]["data"] == {"message_ids": [old["id"]]}
    assert frames[-2]["data"]["variants_count"] == 2


async def test_regenerating_costs_nothing_even_when_no_unit_is_left(sqlite_app: AppUnderTest) -> None:
    async with AppUnderTest.running(sqlite_app.parley.world.db, rate_limits="off", daily_message_limit="1") as limited:
        kira, anya = await limited.character(), limited.person()
        await anya.says(kira, "Hi")
        for _ in range(3):
            assert (await anya.post(f"/api/chats/{kira}/regenerate")).status == 200
        assert await used(anya) == 1


async def test_a_failed_regenerate_leaves_the_old_reply_and_returns_no_unit(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    await anya.says(kira, "Hi")
    sqlite_app.model.will_fail(ModelFailed("server"))
    assert (await anya.post(f"/api/chats/{kira}/regenerate")).status == 502
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 1)


async def test_there_is_nothing_to_regenerate_in_an_empty_chat(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    refused = await anya.post(f"/api/chats/{kira}/regenerate")
    assert (refused.status, refused.json["error"]) == (400, "invalid_input")
    async with anya.socket(kira) as phone:
        await phone.send("regenerate")
        assert (await phone.next())["data"]["code"] == "invalid_input"
    said = (await anya.says(kira, "Hi")).json["user_message"]["id"]
    await anya.delete(f"/api/chats/{kira}/messages/{said}")
    assert (await anya.post(f"/api/chats/{kira}/regenerate")).status == 400


async def test_a_message_that_got_no_reply_is_answered(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_fail(ModelFailed("server"))
    await anya.says(kira, "Hi")
    app.model.will_say("Late but here")
    answer = await anya.post(f"/api/chats/{kira}/regenerate")
    assert answer.json["message"]["message_text"] == "Late but here"
    assert answer.json["message"]["is_regenerated"] is False
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "Late but here"], 0)
    assert app.model.asked[-1].messages[-1].content == "Hi"


async def test_a_regenerated_reply_is_asked_for_without_the_old_one(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    await anya.says(kira, "Hi")
    await anya.post(f"/api/chats/{kira}/regenerate")
    first, second = sqlite_app.model.asked
    assert first.messages == second.messages


async def test_all_variants_are_listed_oldest_first_and_the_shown_one_is_marked(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for text in ("One", "Two", "Three"):
        app.model.will_say(text)
    single = (await anya.says(kira, "Hi")).json["assistant_message"]["id"]
    assert [each["id"] for each in await variants(anya, kira, single)] == [1]
    for _ in range(2):
        await anya.post(f"/api/chats/{kira}/regenerate")
    shown = await newest(anya, kira)
    listed = await variants(anya, kira, shown["id"])
    assert [(each["id"], each["message_text"], each["selected"]) for each in listed] == [
        (1, "One", False),
        (2, "Two", False),
        (3, "Three", True),
    ]
    assert listed[0].keys() == {"id", "message_text", "created_at", "tokens_used", "model_used", "selected"}
    assert shown["variants_count"] == 3
    gone = await anya.get(f"/api/chats/{kira}/messages/{single}/variants")
    assert (gone.status, gone.json["error"]) == (404, "message_not_found")


async def test_a_selected_variant_is_shown_under_the_same_id_everywhere(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("One")
    app.model.will_say("Two")
    await anya.says(kira, "Hi")
    shown = (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]["id"]
    async with anya.socket(kira) as phone:
        selected = await anya.post(f"/api/chats/{kira}/messages/{shown}/variants/1/select")
        told = await phone.next()
    assert (selected.json["id"], selected.json["message_text"]) == (shown, "One")
    assert (told["event"], told["data"]["id"], told["data"]["message_text"]) == ("message.updated", shown, "One")
    assert [each["selected"] for each in await variants(anya, kira, shown)] == [True, False]
    assert await texts(anya, kira) == ["Hi", "One"]
    for unknown in ("3", "0", "x", "99999999999999999999"):
        refused = await anya.post(f"/api/chats/{kira}/messages/{shown}/variants/{unknown}/select")
        assert (refused.status, refused.json["error"]) == (404, "not_found")


async def test_regenerating_after_a_selection_adds_one_more_variant(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    for text in ("One", "Two", "Three"):
        sqlite_app.model.will_say(text)
    await anya.says(kira, "Hi")
    second = (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]["id"]
    await anya.post(f"/api/chats/{kira}/messages/{second}/variants/1/select")
    third = (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]["id"]
    listed = await variants(anya, kira, third)
    assert [(each["message_text"], each["selected"]) for each in listed] == [
        ("One", False),
        ("Two", False),
        ("Three", True),
    ]


async def test_an_edited_reply_stays_edited_among_the_variants(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("One")
    app.model.will_say("Two")
    first = (await anya.says(kira, "Hi")).json["assistant_message"]["id"]
    await anya.patch(f"/api/chats/{kira}/messages/{first}", {"message": "One, edited"})
    second = (await anya.post(f"/api/chats/{kira}/regenerate")).json["message"]["id"]
    await anya.patch(f"/api/chats/{kira}/messages/{second}", {"message": "Two, edited"})
    listed = await variants(anya, kira, second)
    assert [each["message_text"] for each in listed] == ["One, edited", "Two, edited"]
    await anya.post(f"/api/chats/{kira}/messages/{second}/variants/1/select")
    await anya.post(f"/api/chats/{kira}/messages/{second}/variants/2/select")
    assert (await texts(anya, kira))[-1] == "Two, edited"


async def test_an_edited_message_is_what_the_next_reply_answers(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    said = (await anya.says(kira, "Helo")).json["user_message"]["id"]
    edited = await anya.patch(f"/api/chats/{kira}/messages/{said}", {"message": "Hello"})
    assert "edited_at" in edited.json
    assert len(sqlite_app.model.asked) == 1
    await anya.post(f"/api/chats/{kira}/regenerate")
    assert sqlite_app.model.asked[-1].messages[-1].content == "Hello"


async def test_a_reply_edited_while_another_is_written_keeps_its_new_text_as_a_variant(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    first = (await anya.says(kira, "Hi")).json["assistant_message"]["id"]
    app.model.will_say("Two", " words", wait=end)
    async with under_way(app, anya.post(f"/api/chats/{kira}/regenerate")) as turn:
        await anya.patch(f"/api/chats/{kira}/messages/{first}", {"message": "Edited meanwhile"})
        end.set()
        second = (await turn).json["message"]["id"]
    assert [each["message_text"] for each in await variants(anya, kira, second)] == ["Edited meanwhile", "Two words"]
