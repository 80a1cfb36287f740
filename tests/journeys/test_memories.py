"""What a character remembers, as its person sees it (spec «Memory API», contract §2 Memories, §7 PATCH)."""

from typing import Any

from support.app import AppUnderTest, Someone


async def remember(someone: Someone, character: int, content: str, **fields: object) -> dict[str, Any]:
    body = {"content": content, "memory_type": "fact", **fields}
    answer = await someone.post(f"/api/chats/{character}/memories", body)
    assert answer.status == 200, answer.text
    memory: dict[str, Any] = answer.json
    return memory


async def remembered(someone: Someone, character: int) -> list[dict[str, Any]]:
    body = (await someone.get(f"/api/chats/{character}/memories")).json
    assert body.keys() == {"memories", "total"}
    assert body["total"] == len(body["memories"])
    memories: list[dict[str, Any]] = body["memories"]
    return memories


async def test_nothing_is_remembered_at_first(app: AppUnderTest) -> None:
    kira = await app.character()
    assert (await app.person().get(f"/api/chats/{kira}/memories")).json == {"memories": [], "total": 0}


async def test_a_fact_is_added_and_told_whole(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    memory = await remember(anya, kira, "  Увлекается аниме и мангой ", memory_type="preference", importance=7)
    assert await remembered(anya, kira) == [memory]
    assert memory.pop("id") > 0
    assert memory.pop("created_at") == memory.pop("updated_at")
    assert memory == {
        "memory_type": "preference",
        "content": "Увлекается аниме и мангой",
        "importance": 7,
        "source": "user",
        "pinned": False,
    }


async def test_a_fact_is_of_one_of_four_kinds(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for kind in ("fact", "preference", "emotion", "relationship"):
        assert (await remember(anya, kira, "x", memory_type=kind))["memory_type"] == kind


async def test_importance_is_1_to_10(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for importance in range(1, 11):
        assert (await remember(anya, kira, "x", importance=importance))["importance"] == importance


async def test_importance_is_5_unless_said_otherwise(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    assert (await remember(anya, kira, "x"))["importance"] == 5


async def test_a_fact_has_1_to_500_characters(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for content in ("я", "я" * 500, "😀" * 500, "a\nb", "'; DROP TABLE memories; --"):
        assert (await remember(anya, kira, f"\t{content} "))["content"] == content


async def test_the_most_important_come_first_and_then_the_newest(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    for content, importance in (("a", 3), ("b", 9), ("c", 3), ("d", 10), ("e", 9)):
        await remember(anya, kira, content, importance=importance)
    assert [each["content"] for each in await remembered(anya, kira)] == ["d", "e", "b", "c", "a"]


async def test_any_member_is_changed_and_the_whole_is_told(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    memory = await remember(anya, kira, "Любит чай", memory_type="preference", importance=7)
    changes: tuple[dict[str, object], ...] = (
        {"content": "Любит кофе"},
        {"memory_type": "emotion"},
        {"importance": 10},
        {"pinned": True},
        {"content": "Грустит", "memory_type": "relationship", "importance": 1, "pinned": False},
        {},
    )
    for change in changes:
        answer = await anya.patch(f"/api/chats/{kira}/memories/{memory['id']}", change)
        assert answer.status == 200
        assert answer.json["updated_at"] >= memory["updated_at"]
        assert {**answer.json, "updated_at": None} == {**memory, **change, "updated_at": None}
        memory = answer.json
    assert await remembered(anya, kira) == [memory]


async def test_a_pin_can_be_taken_off(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    path = f"/api/chats/{kira}/memories/{(await remember(anya, kira, 'x'))['id']}"
    assert (await anya.patch(path, {"pinned": True})).json["pinned"] is True
    assert (await anya.patch(path, {"importance": 2})).json["pinned"] is True
    assert (await anya.patch(path, {"pinned": False})).json["pinned"] is False


async def test_one_fact_is_forgotten_once(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    kept, gone = await remember(anya, kira, "kept"), await remember(anya, kira, "gone")
    path = f"/api/chats/{kira}/memories/{gone['id']}"
    answer = await anya.delete(path)
    assert (answer.status, answer.json) == (200, {"success": True, "deleted_id": gone["id"]})
    assert await remembered(anya, kira) == [kept]
    for again in (await anya.delete(path), await anya.patch(path, {"pinned": True})):
        assert (again.status, again.json) == (
            404, {"error": "memory_not_found", "message": "Воспоминание не найдено"}
        )  # fmt: skip


async def test_all_facts_are_forgotten_and_counted(app: AppUnderTest) -> None:
    anya, kira, lena = app.person(), await app.character(), await app.character()
    for number in range(8):
        await remember(anya, kira, str(number))
    other = await remember(anya, lena, "stays")
    answer = await anya.delete(f"/api/chats/{kira}/memories")
    assert (answer.status, answer.json) == (200, {"success": True, "deleted_count": 8})
    assert (await anya.delete(f"/api/chats/{kira}/memories")).json["deleted_count"] == 0
    assert await remembered(anya, kira) == []
    assert await remembered(anya, lena) == [other]


async def test_each_character_remembers_for_itself(app: AppUnderTest) -> None:
    anya, kira, lena = app.person(), await app.character(), await app.character()
    memory = await remember(anya, kira, "x")
    assert await remembered(anya, lena) == []
    path = f"/api/chats/{lena}/memories/{memory['id']}"
    assert (await anya.delete(path)).json["error"] == "memory_not_found"
    assert (await anya.patch(path, {"pinned": True})).json["error"] == "memory_not_found"


async def test_another_persons_memories_are_not_there(app: AppUnderTest) -> None:
    anya, boris, kira = app.person(7), app.person(8), await app.character()
    memory = await remember(anya, kira, "secret")
    path = f"/api/chats/{kira}/memories/{memory['id']}"
    assert await remembered(boris, kira) == []
    assert (await boris.delete(path)).json["error"] == "memory_not_found"
    assert (await boris.patch(path, {"content": "mine"})).json["error"] == "memory_not_found"
    assert (await boris.delete(f"/api/chats/{kira}/memories")).json["deleted_count"] == 0
    assert await remembered(anya, kira) == [memory]


async def test_a_fact_reaches_the_next_prompt_and_a_forgotten_one_does_not(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    memory = await remember(anya, kira, "Работает программистом", importance=8)
    await anya.says(kira, "Привет!")
    await anya.delete(f"/api/chats/{kira}/memories/{memory['id']}")
    await anya.says(kira, "Привет!")
    told = ["\n".join(each.content for each in prompt.messages) for prompt in sqlite_app.model.asked]
    assert ["Работает программистом" in each for each in told] == [True, False]


async def test_a_chat_holds_a_thousand_facts_and_says_when_it_is_full(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    for number in range(1000):
        await remember(anya, kira, str(number))
    answer = await anya.post(f"/api/chats/{kira}/memories", {"content": "one more", "memory_type": "fact"})
    assert (answer.status, answer.json["error"]) == (409, "conflict")
    assert len(await remembered(anya, kira)) == 1000
