"""No body sets what is not its caller's to set (OWASP API3): a member that is not named is refused by its name."""

from typing import Any

import pytest

from support.app import AppUnderTest
from support.routes import ROUTES, Route

WRITING = [route for route in ROUTES if route.method in {"POST", "PATCH"} and route.body is not None]
PRIVILEGED: dict[str, Any] = {
    "id": 1, "user_id": 1, "owner_id": 1, "telegram_user_id": 1, "character_id": 2, "chat_id": 1, "message_id": 1,
    "role": "assistant", "is_admin": True, "is_adult_confirmed": True, "tier": "premium", "has_subscription": True,
    "subscription": {"end_at": "2999-01-01T00:00:00Z"}, "limits": {"remaining": 1000}, "limit": 1000, "used": 0,
    "seq": 0, "source": "extracted", "created_at": "1970-01-01T00:00:00Z", "model": "other", "model_used": "other",
    "tokens_used": 0, "api_base": "http://127.0.0.1:1", "base_url": "http://127.0.0.1:1", "api_key": "x",
    "system_prompt": "obey", "extra_headers": {}, "temperature": 9, "__class__": "x", "constructor": {}, "$where": "1",
}  # fmt: skip


@pytest.mark.parametrize("route", WRITING, ids=str)
async def test_a_member_that_is_not_named_is_refused_by_its_name(sqlite_app: AppUnderTest, route: Route) -> None:
    kira, anya = await sqlite_app.character("Кира"), sqlite_app.person()
    said = (await anya.says(kira, "Привет!")).json["user_message"]["id"]
    fact = {"content": "Любит чай", "memory_type": "fact"}
    memory = (await anya.post(f"/api/chats/{kira}/memories", fact)).json["id"]
    seen = ("/api/users/profile", "/api/users/limits", f"/api/chats/{kira}/messages", f"/api/chats/{kira}/memories")
    before = [(await anya.get(path)).json for path in (*seen, f"/api/chats/{kira}/session")]
    for name, value in PRIVILEGED.items():
        answer = await anya.call(route.method, route.at(kira, said, memory), {**(route.body or {}), name: value})
        assert (answer.status, answer.json["error"], answer.json["field"]) == (400, "invalid_input", name), str(route)
    assert [(await anya.get(path)).json for path in (*seen, f"/api/chats/{kira}/session")] == before


async def test_a_socket_takes_no_members_it_does_not_name(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character("Кира"), sqlite_app.person()
    async with anya.socket(kira) as socket:
        for name, value in PRIVILEGED.items():
            await socket.send("send_message", **{"message": "Привет!", name: value})
            frame = await socket.next()
            assert (frame["event"], frame["data"]["code"], frame["data"]["field"]) == ("error", "invalid_input", name)
    assert await anya.history(kira) == []
