"""Somebody else's things look like nothing (DESIGN promise 1): every route of the document, with another's ids."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from support.app import AppUnderTest, Someone
from support.routes import ROUTES

CANARY = "c4n4ry-of-anya"
NOBODYS = 10**15
_GOOD_BODIES = {(route.method, route.path): route.body for route in ROUTES}


@dataclass(frozen=True, slots=True)
class Belongings:
    """What somebody has: ids by the name they have in paths."""

    owner: Someone
    character: int
    ids: dict[str, list[int]]


async def belongings(app: AppUnderTest, owner: Someone, character: int, mark: str) -> Belongings:
    """A chat with two turns, a regenerated reply, three memories and settings of its own."""
    await owner.patch("/api/users/profile", {"display_name": f"name {mark}"})
    for number in range(2):
        app.model.will_say(f"reply {number} {mark}")
        assert (await owner.says(character, f"said {number} {mark}")).status == 200
    app.model.will_say(f"another reply {mark}")
    await owner.post(f"/api/chats/{character}/regenerate")
    for number in range(3):
        body = {"content": f"fact {number} {mark}", "memory_type": "fact"}
        assert (await owner.post(f"/api/chats/{character}/memories", body)).status == 200
    await owner.patch(f"/api/chats/{character}/session", {"mood_preference": "sarcastic"})
    memories = (await owner.get(f"/api/chats/{character}/memories")).json["memories"]
    messages = await owner.history(character)
    ids = {"message_id": [each["id"] for each in messages], "memory_id": [each["id"] for each in memories]}
    return Belongings(owner, character, ids)


async def everything(of: Belongings) -> list[Any]:
    """All that its owner can see."""
    paths = ["/api/users/profile", "/api/users/limits", "/api/chats"]
    paths += [f"/api/chats/{of.character}/{each}" for each in ("messages?limit=100", "memories", "session")]
    for message in of.ids["message_id"]:
        paths += [f"/api/chats/{of.character}/messages/{message}/{each}" for each in ("variants", "receipt")]
    return [(path, (await of.owner.get(path)).json) for path in paths]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Method and path of every operation that answers one person."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if path.startswith("/api/") and operation["security"]:
                yield method.upper(), path


def filled(path: str, character: int, message: int, memory: int) -> str:
    return path.format(character_id=character, message_id=message, memory_id=memory, variant_id=1)


@pytest.fixture
async def document(sqlite_app: AppUnderTest) -> dict[str, Any]:
    answer: dict[str, Any] = (await sqlite_app.person().get("/schema/openapi.json")).json
    return answer


async def test_every_id_of_another_person_is_as_unknown_as_one_that_never_was(app: AppUnderTest) -> None:
    document = (await app.person().get("/schema/openapi.json")).json
    kira, boris = await app.character("Кира"), app.person(8, "Борис")
    anyas = await belongings(app, app.person(7, "Аня"), kira, CANARY)
    await belongings(app, boris, kira, "of boris")
    before = await everything(anyas)
    tried = 0
    for method, path in operations(document):
        if "{message_id}" not in path and "{memory_id}" not in path:
            continue
        body = _GOOD_BODIES[method, path]
        never = await boris.call(method, filled(path, kira, NOBODYS, NOBODYS), body)
        for message, memory in zip(anyas.ids["message_id"], anyas.ids["memory_id"] * 2, strict=False):
            answer = await boris.call(method, filled(path, kira, message, memory), body)
            assert answer.status == never.status == 404, (method, path)
            assert answer.json == never.json
            assert answer.json["error"] in {"message_not_found", "memory_not_found"}
            tried += 1
    assert tried >= 4 * 7
    assert await everything(anyas) == before


async def test_nothing_a_person_does_shows_or_changes_anything_of_another(app: AppUnderTest) -> None:
    document = (await app.person().get("/schema/openapi.json")).json
    kira, boris = await app.character("Кира"), app.person(8, "Борис")
    anyas = await belongings(app, app.person(7, "Аня"), kira, CANARY)
    own = await belongings(app, boris, kira, "of boris")
    before = await everything(anyas)
    for method, path in operations(document):
        url = filled(path, kira, own.ids["message_id"][0], own.ids["memory_id"][0])
        url += "?q=x" if path.endswith("search") else ""
        answer = await boris.call(method, url, _GOOD_BODIES.get((method, path)))
        assert CANARY not in answer.text, (method, path)
        assert CANARY not in repr(answer.headers)
    assert not any(CANARY in "".join(each.content for each in prompt.messages) for prompt in app.model.asked[-2:])
    assert await everything(anyas) == before


async def test_a_page_before_anothers_message_is_a_page_of_ones_own(sqlite_app: AppUnderTest) -> None:
    kira, boris = await sqlite_app.character("Кира"), sqlite_app.person(8, "Борис")
    own = await belongings(sqlite_app, boris, kira, "of boris")
    anyas = await belongings(sqlite_app, sqlite_app.person(7, "Аня"), kira, CANARY)
    page = (await boris.get(f"/api/chats/{kira}/messages?before_id={max(anyas.ids['message_id']) + 1}")).json
    assert [each["id"] for each in page["messages"]] == own.ids["message_id"]
    assert page["total"] == len(own.ids["message_id"])


async def test_an_idempotency_key_of_another_is_free(sqlite_app: AppUnderTest) -> None:
    kira = await sqlite_app.character("Кира")
    anya, boris = sqlite_app.person(7, "Аня"), sqlite_app.person(8, "Борис")
    key = {"Idempotency-Key": "the-same-key"}
    sqlite_app.model.will_say(f"reply {CANARY}")
    first = await anya.says(kira, f"said {CANARY}", key)
    second = await boris.says(kira, "said by boris", key)
    assert (first.status, second.status) == (200, 200)
    assert CANARY not in second.text
    other = await boris.says(kira, f"said {CANARY}", {"Idempotency-Key": "boris-key"})
    assert other.json["user_message"]["id"] != first.json["user_message"]["id"]


async def test_a_socket_hears_and_replays_only_its_own_persons_chat(app: AppUnderTest) -> None:
    kira = await app.character("Кира")
    anyas = await belongings(app, app.person(7, "Аня"), kira, CANARY)
    boris = app.person(8, "Борис")
    async with boris.socket(kira, after=0) as watching, anyas.owner.socket(kira) as speaking:
        app.model.will_say(f"third {CANARY}")
        await speaking.send("send_message", message=f"said {CANARY}", client_id="shared-client-id")
        await speaking.until("message.complete")
        await watching.send("resume", after=0)
        await watching.send("stop")
        app.model.will_say("for boris")
        await watching.send("send_message", message="said by boris", client_id="shared-client-id")
        frames = await watching.until("message.complete")
    assert not any(CANARY in repr(frame) for frame in frames)
    assert frames[0]["data"]["message_text"] == "said by boris"
    assert [each["message_text"] for each in await boris.history(kira)] == ["said by boris", "for boris"]


async def test_a_stop_does_not_reach_anothers_reply(sqlite_app: AppUnderTest) -> None:
    kira = await sqlite_app.character("Кира")
    anya, boris = sqlite_app.person(7, "Аня"), sqlite_app.person(8, "Борис")
    going_on = asyncio.Event()
    sqlite_app.model.will_say("Жила", "-была", " река.", wait=going_on)
    async with anya.socket(kira) as socket:
        await socket.send("send_message", message="Расскажи сказку")
        await socket.until("message.delta")
        assert (await boris.post(f"/api/chats/{kira}/stop")).json == {"success": True, "stopped": False}
        assert (await boris.post(f"/api/chats/{kira}/reset")).json["deleted_messages_count"] == 0
        going_on.set()
        frames = await socket.until("message.complete")
    assert frames[-2]["data"]["message_text"] == "Жила-была река."
