"""Which character opens to whom, on every route of a chat (contract §2 Characters, Messages)."""

from collections.abc import AsyncIterator

import pytest

from support.app import AppUnderTest, Someone
from support.routes import OF_A_CHAT, Route

PREMIUM_REQUIRED = {"error": "premium_required", "message": "Для доступа к этому персонажу нужна подписка"}
AGE_REQUIRED = {
    "error": "age_confirmation_required",
    "message": "Этот персонаж доступен после подтверждения возраста 18+",
}
NOT_FOUND = {"error": "character_not_found", "message": "Персонаж не найден"}


async def every_route(
    app: AppUnderTest, someone: Someone, character: int
) -> AsyncIterator[tuple[Route, int, dict[str, object]]]:
    for route in OF_A_CHAT:
        answer = await someone.call(route.method, route.at(character, message=10**12, memory=10**12), route.body)
        yield route, answer.status, answer.json


async def test_a_missing_character_is_not_found_on_every_route(app: AppUnderTest) -> None:
    async for route, status, body in every_route(app, app.person(), 999):
        assert (status, body) == (404, NOT_FOUND), str(route)


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_active": False, "content_rating": "nsfw"}])
async def test_an_inactive_character_is_not_found_on_every_route(app: AppUnderTest, fields: dict[str, object]) -> None:
    gone = await app.character("Gone", **fields)
    async for route, status, body in every_route(app, app.person(), gone):
        assert (status, body) == (404, NOT_FOUND), str(route)


async def test_a_removed_character_is_not_found_and_its_chat_comes_back_with_it(app: AppUnderTest) -> None:
    kira, anya = await app.character("Кира"), app.person()
    await anya.says(kira, "Привет!")
    messages = await anya.history(kira)
    await app.parley.cards.remove((await app.parley.cards.listing())[0].id)
    async for route, status, body in every_route(app, anya, kira):
        assert (status, body) == (404, NOT_FOUND), str(route)
    assert await app.character("Кира") == kira
    assert await anya.history(kira) == messages


async def test_nsfw_needs_a_confirmed_age_on_every_route(app: AppUnderTest) -> None:
    spicy, anya = await app.character("Spicy", content_rating="nsfw"), app.person()
    async for route, status, body in every_route(app, anya, spicy):
        assert (status, body) == (403, AGE_REQUIRED), str(route)
    await anya.post("/api/users/confirm-adult", {"confirmed": True})
    async for route, status, _ in every_route(app, anya, spicy):
        assert status != 403, str(route)
    await anya.post("/api/users/confirm-adult", {"confirmed": False})
    assert (await anya.says(spicy, "Привет!")).json == AGE_REQUIRED


async def test_premium_needs_a_subscription_only_to_be_answered(app: AppUnderTest) -> None:
    vip, anya = await app.character("Vip", access_type="premium"), app.person()
    async for route, status, body in every_route(app, anya, vip):
        assert (status, body) == (403, PREMIUM_REQUIRED) if route.needs_subscription else status != 403, str(route)
    assert (await anya.get("/api/users/limits")).json["messages_limit"]["used"] == 0
    assert (await anya.get(f"/api/chats/{vip}/messages")).json["total"] == 0


async def test_a_subscriber_talks_to_premium_characters(app: AppUnderTest) -> None:
    vip, anya = await app.character("Vip", access_type="premium"), app.person()
    await app.grant_premium(anya)
    assert (await anya.says(vip, "Привет!")).status == 200
    assert (await anya.post(f"/api/chats/{vip}/regenerate")).status == 200


async def test_ones_own_history_stays_readable_when_the_subscription_has_ended(app: AppUnderTest) -> None:
    vip, anya = await app.character("Vip", access_type="premium"), app.person()
    await app.grant_premium(anya, days=1)
    await anya.says(vip, "Привет!")
    messages = await anya.history(vip)
    app.clock.ahead += app.clock.ahead.__class__(days=1, seconds=1)
    anya = app.person()
    assert (await anya.says(vip, "Привет!")).json == PREMIUM_REQUIRED
    assert (await anya.post(f"/api/chats/{vip}/regenerate")).json == PREMIUM_REQUIRED
    assert await anya.history(vip) == messages
    assert (await anya.delete(f"/api/chats/{vip}/messages/{messages[0]['id']}")).status == 200


async def test_a_premium_nsfw_character_asks_for_age_first(app: AppUnderTest) -> None:
    vip, anya = await app.character("Vip", access_type="premium", content_rating="nsfw"), app.person()
    assert (await anya.says(vip, "Привет!")).json == AGE_REQUIRED
    await anya.post("/api/users/confirm-adult", {"confirmed": True})
    assert (await anya.says(vip, "Привет!")).json == PREMIUM_REQUIRED


async def test_the_refusals_are_told_in_english_too(sqlite_app: AppUnderTest) -> None:
    vip = await sqlite_app.character("Vip", access_type="premium")
    spicy = await sqlite_app.character("Spicy", content_rating="nsfw")
    anya = sqlite_app.person(language="en")
    assert (await anya.says(vip, "Hi")).json["message"] == "A subscription is needed for this character"
    assert (await anya.says(spicy, "Hi")).json["message"] == "Confirm that you are 18 or older to see this character"
