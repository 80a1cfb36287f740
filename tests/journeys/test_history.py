"""The history of a chat and single messages in it (spec «Chat API», contract §2 Messages, §7 PATCH)."""

from typing import Any

import pytest

from support.app import AppUnderTest, Someone


async def chat_of(app: AppUnderTest, someone: Someone, turns: int) -> tuple[int, list[dict[str, Any]]]:
    """A chat of so many answered turns, and its messages."""
    kira = await app.character()
    for number in range(turns):
        app.model.will_say(f"answer {number}")
        assert (await someone.says(kira, f"question {number}")).status == 200
    return kira, await someone.history(kira)


async def page(someone: Someone, character: int, query: str = "") -> dict[str, Any]:
    answer = await someone.get(f"/api/chats/{character}/messages{query}")
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.json
    return body


def texts(body: dict[str, Any]) -> list[str]:
    return [each["message_text"] for each in body["messages"]]


# --- pages -----------------------------------------------------------------------------------------


async def test_a_chat_that_never_began_is_empty(app: AppUnderTest) -> None:
    kira = await app.character()
    assert await page(app.person(), kira) == {"messages": [], "total": 0, "has_more": False}


async def test_messages_are_told_whole_and_in_time_order(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("Привет! Всё отлично, спасибо!")
    await anya.says(kira, "  Привет! Как дела?\n")
    question, answer = (await page(anya, kira))["messages"]
    assert question.pop("id") < answer.pop("id")
    assert question.pop("created_at") <= answer.pop("created_at")
    assert question == {
        "character_id": kira,
        "role": "user",
        "message_text": "Привет! Как дела?",
        "tokens_used": None,
        "model_used": None,
    }
    assert answer == {
        "character_id": kira,
        "role": "assistant",
        "message_text": "Привет! Всё отлично, спасибо!",
        "tokens_used": 4,
        "model_used": "scripted",
        "is_regenerated": False,
    }


async def test_a_page_is_counted_from_the_newest_and_is_oldest_first(app: AppUnderTest) -> None:
    anya = app.person()
    kira, _ = await chat_of(app, anya, 3)
    newest = await page(anya, kira, "?limit=2")
    assert texts(newest) == ["question 2", "answer 2"]
    assert (newest["total"], newest["has_more"]) == (6, True)
    older = await page(anya, kira, "?limit=2&offset=2")
    assert (texts(older), older["has_more"]) == (["question 1", "answer 1"], True)
    oldest = await page(anya, kira, "?limit=2&offset=4")
    assert (texts(oldest), oldest["has_more"], oldest["total"]) == (["question 0", "answer 0"], False, 6)
    odd = await page(anya, kira, "?limit=3&offset=2")
    assert (texts(odd), odd["has_more"]) == (["answer 0", "question 1", "answer 1"], True)


async def test_has_more_says_whether_older_ones_exist(app: AppUnderTest) -> None:
    anya = app.person()
    kira, _ = await chat_of(app, anya, 3)
    for query, count, has_more in (
        ("", 6, False), ("?limit=5", 5, True), ("?limit=6", 6, False), ("?limit=7", 6, False),
        ("?offset=5", 1, False), ("?offset=6", 0, False), ("?offset=9", 0, False), (f"?offset={2**63 - 1}", 0, False),
    ):  # fmt: skip
        body = await page(anya, kira, query)
        assert (len(body["messages"]), body["has_more"], body["total"]) == (count, has_more, 6), query


async def test_a_page_before_a_message_does_not_move_when_new_ones_come(app: AppUnderTest) -> None:
    anya = app.person()
    kira, messages = await chat_of(app, anya, 3)
    before = f"?limit=2&before_id={messages[4]['id']}"
    body = await page(anya, kira, before)
    assert (texts(body), body["has_more"], body["total"]) == (["question 1", "answer 1"], True, 6)
    await anya.says(kira, "one more")
    assert texts(await page(anya, kira, before)) == ["question 1", "answer 1"]
    first = await page(anya, kira, f"?before_id={messages[0]['id']}")
    assert (first["messages"], first["has_more"], first["total"]) == ([], False, 8)
    beyond = await page(anya, kira, f"?limit=100&before_id={2**63 - 1}")
    assert (len(beyond["messages"]), beyond["has_more"]) == (8, False)


async def test_pages_before_put_together_are_the_whole(app: AppUnderTest) -> None:
    anya = app.person()
    kira, messages = await chat_of(app, anya, 4)
    for size in (1, 2, 3, 5, 8):
        seen: list[dict[str, Any]] = []
        query = f"?limit={size}"
        while True:
            body = await page(anya, kira, query)
            seen = [*body["messages"], *seen]
            if not body["has_more"]:
                break
            query = f"?limit={size}&before_id={seen[0]['id']}"
        assert seen == messages


async def test_a_page_out_of_range_is_refused_by_its_name(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    wrong = {
        "limit": ("0", "101", "-5", "", "x", "2.0", "٣", "%00", "1e1", "1%20"),
        "offset": ("-1", "", "x", str(2**63)),
        "before_id": ("0", "-1", "", "x", str(2**63)),
    }
    for field, values in wrong.items():
        for value in values:
            answer = await anya.get(f"/api/chats/{kira}/messages?{field}={value}")
            told = (answer.status, answer.json["error"], answer.json["field"])
            assert told == (400, "invalid_input", field), value


async def test_a_page_is_50_unless_said_otherwise_and_100_at_most(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    await sqlite_app.grant_premium(anya)
    kira, _ = await chat_of(sqlite_app, anya, 51)
    assert len((await page(anya, kira))["messages"]) == 50
    assert len((await page(anya, kira, "?limit=100"))["messages"]) == 100
    assert (await page(anya, kira, "?limit=100"))["has_more"] is True


# --- the list of chats -----------------------------------------------------------------------------


async def test_the_list_of_chats_is_latest_first_with_the_newest_message(app: AppUnderTest) -> None:
    anya, boris = app.person(7), app.person(8)
    first, second, untouched = await app.character("A"), await app.character("B"), await app.character("C")
    for character in (first, second):
        await anya.says(character, "Привет!")
    await anya.get(f"/api/chats/{untouched}/session")
    listed = (await anya.get("/api/chats")).json
    assert (listed["limit"], listed["offset"]) == (50, 0)
    assert [chat["character_id"] for chat in listed["chats"]] == [second, first]
    newest = (await page(anya, first))["messages"][-1]
    assert listed["chats"][1] == {
        "character_id": first,
        "messages_count": 2,
        "last_message_at": newest["created_at"],
        "last_message": newest,
    }
    assert (await anya.get("/api/chats?limit=1&offset=1")).json["chats"] == listed["chats"][1:]
    assert (await boris.get("/api/chats")).json["chats"] == []
    assert (await anya.get("/api/chats?limit=0")).json["field"] == "limit"


# --- editing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 1])
async def test_a_message_is_given_another_text(app: AppUnderTest, place: int) -> None:
    anya = app.person()
    kira, messages = await chat_of(app, anya, 1)
    answer = await anya.patch(f"/api/chats/{kira}/messages/{messages[place]['id']}", {"message": "  иначе "})
    assert answer.status == 200
    edited = dict(answer.json)
    assert edited.pop("edited_at") >= messages[place]["created_at"]
    assert edited == {**messages[place], "message_text": "иначе"}
    assert (await page(anya, kira))["messages"][place] == answer.json
    assert len(await anya.history(kira)) == 2
    assert len(app.model.asked) == 1


async def test_an_edited_text_is_what_the_model_reads_next(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    kira, messages = await chat_of(sqlite_app, anya, 1)
    await anya.patch(f"/api/chats/{kira}/messages/{messages[0]['id']}", {"message": "quite another question"})
    await anya.says(kira, "and now?")
    told = [message.content for message in sqlite_app.model.asked[-1].messages]
    assert "quite another question" in told
    assert "question 0" not in told


async def test_a_message_has_1_to_4000_characters(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for text in ("я", "я" * 4000, "😀" * 4000, "a\r\n\tb", "<b>&amp;\\\"'", "\u202e\u200b x"):
        answer = await anya.says(kira, f" {text}\n")
        assert (answer.status, answer.json["user_message"]["message_text"]) == (200, text)
        edited = await anya.patch(f"/api/chats/{kira}/messages/{answer.json['user_message']['id']}", {"message": text})
        assert edited.json["message_text"] == text


# --- deleting --------------------------------------------------------------------------------------


async def test_a_deleted_message_is_gone_and_the_others_stay(app: AppUnderTest) -> None:
    anya = app.person()
    kira, messages = await chat_of(app, anya, 2)
    answer = await anya.delete(f"/api/chats/{kira}/messages/{messages[1]['id']}")
    assert (answer.status, answer.json) == (200, {"success": True, "deleted_count": 1})
    body = await page(anya, kira)
    assert (body["messages"], body["total"]) == ([messages[0], *messages[2:]], 3)
    again = await anya.delete(f"/api/chats/{kira}/messages/{messages[1]['id']}")
    assert (again.status, again.json["error"]) == (404, "message_not_found")
    assert (await page(anya, kira))["total"] == 3


async def test_ids_are_never_given_twice(app: AppUnderTest) -> None:
    anya = app.person()
    kira, messages = await chat_of(app, anya, 1)
    for each in messages:
        await anya.delete(f"/api/chats/{kira}/messages/{each['id']}")
    await anya.says(kira, "again")
    assert min(each["id"] for each in await anya.history(kira)) > max(each["id"] for each in messages)


# --- whose it is -----------------------------------------------------------------------------------


async def test_another_persons_messages_are_not_there(app: AppUnderTest) -> None:
    anya, boris = app.person(7), app.person(8)
    kira, messages = await chat_of(app, anya, 1)
    await boris.says(kira, "Привет!")
    assert [each["message_text"] for each in await boris.history(kira)] == ["Привет!", "All right."]
    path = f"/api/chats/{kira}/messages/{messages[1]['id']}"
    for answer in (
        await boris.patch(path, {"message": "mine"}),
        await boris.delete(path),
        await boris.get(f"{path}/variants"),
        await boris.get(f"{path}/receipt"),
        await boris.post(f"{path}/variants/1/select"),
    ):
        assert (answer.status, answer.json) == (
            404, {"error": "message_not_found", "message": "Сообщение не найдено"}
        )  # fmt: skip
    assert await anya.history(kira) == messages


async def test_a_message_is_found_only_in_its_own_chat(app: AppUnderTest) -> None:
    anya = app.person()
    kira, messages = await chat_of(app, anya, 1)
    lena, _ = await chat_of(app, anya, 1)
    path = f"/api/chats/{lena}/messages/{messages[0]['id']}"
    assert (await anya.delete(path)).json["error"] == "message_not_found"
    assert (await anya.patch(path, {"message": "x"})).json["error"] == "message_not_found"
    assert await anya.history(kira) == messages
