"""A chat's settings (spec «Chat Session API», contract §2 Session)."""

import asyncio
import itertools

from support.app import AppUnderTest

RELATIONSHIPS = ("neutral", "friend", "partner", "colleague", "mentor")
MOODS = ("neutral", "sweet", "sarcastic", "formal", "playful")


async def test_a_session_is_made_at_first_use(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    user = (await anya.get("/api/users/profile")).json["id"]
    session = (await anya.get(f"/api/chats/{kira}/session")).json
    assert session.pop("id") > 0
    assert session.pop("created_at").endswith("Z")
    assert session == {
        "user_id": user,
        "character_id": kira,
        "relationship_type": "neutral",
        "mood_preference": "neutral",
        "last_message_at": None,
        "messages_count": 0,
    }


async def test_a_session_is_made_once_however_many_ask(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    answers = await asyncio.gather(*(anya.get(f"/api/chats/{kira}/session") for _ in range(10)))
    assert len({answer.text for answer in answers}) == 1


async def test_a_session_counts_what_was_said(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    said = (await anya.says(kira, "Привет!")).json
    session = (await anya.get(f"/api/chats/{kira}/session")).json
    assert session["messages_count"] == 2
    assert session["last_message_at"] == said["assistant_message"]["created_at"]
    await anya.delete(f"/api/chats/{kira}/messages/{said['assistant_message']['id']}")
    assert (await anya.get(f"/api/chats/{kira}/session")).json["messages_count"] == 1


async def test_every_pair_of_settings_is_kept(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    before = (await anya.get(f"/api/chats/{kira}/session")).json
    for relationship, mood in itertools.product(RELATIONSHIPS, MOODS):
        change = {"relationship_type": relationship, "mood_preference": mood}
        answer = await anya.patch(f"/api/chats/{kira}/session", change)
        assert (answer.status, answer.json) == (200, {**before, **change})
        assert (await anya.get(f"/api/chats/{kira}/session")).json == answer.json


async def test_a_setting_that_is_not_named_stays(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    path = f"/api/chats/{kira}/session"
    assert (await anya.patch(path, {"mood_preference": "sweet"})).json["relationship_type"] == "neutral"
    assert (await anya.patch(path, {"relationship_type": "friend"})).json["mood_preference"] == "sweet"
    assert (await anya.patch(path, {})).json["relationship_type"] == "friend"


async def test_a_refused_setting_changes_nothing(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    path = f"/api/chats/{kira}/session"
    refused = await anya.patch(path, {"relationship_type": "partner", "mood_preference": "angry"})
    assert (refused.status, refused.json["field"]) == (400, "mood_preference")
    assert (await anya.get(path)).json["relationship_type"] == "neutral"


async def test_every_person_and_character_have_their_own(app: AppUnderTest) -> None:
    anya, boris, kira, lena = app.person(7), app.person(8), await app.character(), await app.character()
    await anya.patch(f"/api/chats/{kira}/session", {"relationship_type": "partner"})
    for someone, character in ((anya, lena), (boris, kira)):
        assert (await someone.get(f"/api/chats/{character}/session")).json["relationship_type"] == "neutral"


async def test_the_settings_reach_the_next_prompt(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    await anya.says(kira, "Привет!")
    await anya.patch(f"/api/chats/{kira}/session", {"relationship_type": "partner", "mood_preference": "playful"})
    await anya.says(kira, "Привет!")
    before, after = (prompt.messages[0].content for prompt in sqlite_app.model.asked)
    assert before != after
