"""New scene, full reset and forgetting what was just said (spec «Chat API», «Memory API», contract §2 Resets)."""

from typing import Any

import pytest

from support.app import AppUnderTest, Someone


async def lived_in(app: AppUnderTest, someone: Someone, turns: int = 3, facts: int = 2) -> tuple[int, list[Any]]:
    """A chat with messages, memories and settings of its own."""
    kira = await app.character()
    for number in range(turns):
        await someone.says(kira, str(number))
    for number in range(facts):
        await someone.post(f"/api/chats/{kira}/memories", {"content": str(number), "memory_type": "fact"})
    await someone.patch(f"/api/chats/{kira}/session", {"relationship_type": "friend", "mood_preference": "sweet"})
    return kira, await someone.history(kira)


async def state(someone: Someone, character: int) -> tuple[int, int, int, str, str]:
    """Messages in the history, its total, memories, and both settings."""
    page = (await someone.get(f"/api/chats/{character}/messages?limit=100")).json
    facts = (await someone.get(f"/api/chats/{character}/memories")).json["total"]
    session = (await someone.get(f"/api/chats/{character}/session")).json
    assert session["messages_count"] == page["total"]
    return len(page["messages"]), page["total"], facts, session["relationship_type"], session["mood_preference"]


@pytest.mark.parametrize(
    ("body", "deleted", "kept"),
    [
        (None, 6, 0),
        ({}, 6, 0),
        ({"messages_to_keep": 0}, 6, 0),
        ({"messages_to_keep": 1}, 5, 1),
        ({"messages_to_keep": 5}, 1, 5),
        ({"messages_to_keep": 6}, 0, 6),
        ({"messages_to_keep": 7}, 0, 6),
        ({"messages_to_keep": 2**63 - 1}, 0, 6),
    ],
)
async def test_a_new_scene_keeps_the_newest_and_what_is_remembered(
    app: AppUnderTest, body: object, deleted: int, kept: int
) -> None:
    anya = app.person()
    kira, messages = await lived_in(app, anya)
    answer = await anya.post(f"/api/chats/{kira}/new-scene", body)
    assert (answer.status, answer.json) == (
        200, {"success": True, "deleted_messages_count": deleted, "memories_preserved": 2}
    )  # fmt: skip
    assert await state(anya, kira) == (kept, kept, 2, "friend", "sweet")
    assert await anya.history(kira) == messages[6 - kept :]


async def test_a_reset_takes_messages_and_memories_and_leaves_the_settings(app: AppUnderTest) -> None:
    anya = app.person()
    kira, _ = await lived_in(app, anya)
    answer = await anya.post(f"/api/chats/{kira}/reset")
    assert (answer.status, answer.json) == (
        200, {"success": True, "deleted_messages_count": 6, "deleted_memories_count": 2}
    )  # fmt: skip
    assert await state(anya, kira) == (0, 0, 0, "friend", "sweet")


@pytest.mark.parametrize(("count", "deleted"), [(1, 1), (2, 2), (6, 6), (10, 6), (1000, 6)])
async def test_the_newest_are_forgotten_and_really_counted(app: AppUnderTest, count: int, deleted: int) -> None:
    anya = app.person()
    kira, messages = await lived_in(app, anya)
    answer = await anya.post(f"/api/chats/{kira}/forget-recent", {"count": count})
    assert (answer.status, answer.json) == (200, {"success": True, "deleted_messages_count": deleted})
    assert await state(anya, kira) == (6 - deleted, 6 - deleted, 2, "friend", "sweet")
    assert await anya.history(kira) == messages[: 6 - deleted]


@pytest.mark.parametrize(
    ("action", "body", "counts"),
    [
        ("new-scene", None, {"deleted_messages_count": 0, "memories_preserved": 0}),
        ("reset", None, {"deleted_messages_count": 0, "deleted_memories_count": 0}),
        ("forget-recent", {"count": 5}, {"deleted_messages_count": 0}),
    ],
)
async def test_a_chat_that_never_began_has_nothing_to_take(
    app: AppUnderTest, action: str, body: object, counts: dict[str, int]
) -> None:
    kira, anya = await app.character(), app.person()
    for _ in range(2):
        answer = await anya.post(f"/api/chats/{kira}/{action}", body)
        assert (answer.status, answer.json) == (200, {"success": True, **counts})


@pytest.mark.parametrize(("action", "body"), [("new-scene", None), ("reset", None), ("forget-recent", {"count": 1000})])
async def test_only_ones_own_chat_with_this_character_is_touched(app: AppUnderTest, action: str, body: object) -> None:
    anya, boris = app.person(7), app.person(8)
    kira, _ = await lived_in(app, anya)
    lena, _ = await lived_in(app, anya)
    await boris.says(kira, "Привет!")
    assert (await boris.post(f"/api/chats/{kira}/{action}", body)).json["deleted_messages_count"] == 2
    assert await state(anya, kira) == await state(anya, lena) == (6, 6, 2, "friend", "sweet")


async def test_deletions_and_resets_return_nothing_to_the_quota(app: AppUnderTest) -> None:
    anya = app.person()
    kira, messages = await lived_in(app, anya)
    await anya.delete(f"/api/chats/{kira}/messages/{messages[0]['id']}")
    await anya.post(f"/api/chats/{kira}/forget-recent", {"count": 1})
    await anya.post(f"/api/chats/{kira}/new-scene")
    await anya.post(f"/api/chats/{kira}/reset")
    assert (await anya.get("/api/users/limits")).json["messages_limit"]["used"] == 3


async def test_after_a_reset_the_chat_goes_on_as_new(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    kira, messages = await lived_in(sqlite_app, anya)
    await anya.post(f"/api/chats/{kira}/reset")
    await anya.says(kira, "Снова привет")
    assert [each.content for each in sqlite_app.model.asked[-1].messages if each.role == "user"] == ["Снова привет"]
    assert min(each["id"] for each in await anya.history(kira)) > messages[-1]["id"]
    assert (await anya.get(f"/api/chats/{kira}/messages/{messages[-1]['id']}/variants")).status == 404
