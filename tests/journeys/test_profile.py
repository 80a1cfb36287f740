"""The person's profile and their word on their age (spec «User Profile API», contract §2 Profile)."""

import asyncio

from support.app import AppUnderTest


async def test_a_profile_is_changed_and_answered_whole(app: AppUnderTest) -> None:
    anya = app.person(name="Anna", language="en")
    before = (await anya.get("/api/users/profile")).json
    change = {"display_name": "Алексей", "gender": "male", "language": "ru", "timezone": "Europe/Moscow"}
    answer = await anya.patch("/api/users/profile", change)
    assert answer.status == 200
    assert answer.json == {**before, **change}
    assert (await anya.get("/api/users/profile")).json == answer.json


async def test_members_that_are_not_named_stay(app: AppUnderTest) -> None:
    anya = app.person()
    await anya.patch("/api/users/profile", {"gender": "female", "timezone": "Asia/Almaty"})
    profile: dict[str, object] = {}
    for change in ({}, {"display_name": "Анечка"}, {"language": "kk"}):
        profile = (await anya.patch("/api/users/profile", change)).json
        assert (profile["gender"], profile["timezone"]) == ("female", "Asia/Almaty")
    assert (profile["display_name"], profile["language"]) == ("Анечка", "kk")


async def test_a_gender_is_one_of_three_or_none(app: AppUnderTest) -> None:
    anya = app.person()
    for gender in ("female", "male", None, "other"):
        assert (await anya.patch("/api/users/profile", {"gender": gender})).json["gender"] == gender


async def test_a_time_zone_can_be_taken_back(app: AppUnderTest) -> None:
    anya = app.person()
    await anya.patch("/api/users/profile", {"timezone": "Europe/Moscow"})
    assert (await anya.patch("/api/users/profile", {"timezone": None})).json["timezone"] is None


async def test_a_display_name_has_1_to_64_characters(app: AppUnderTest) -> None:
    anya = app.person()
    for name in ("А", "я" * 64, "Мария-Луиза", "👩‍🚀", "O'Neil <b>", "名前", "a\nb"):
        answer = await anya.patch("/api/users/profile", {"display_name": f" \t{name}\n "})
        assert (answer.status, answer.json["display_name"]) == (200, name)


async def test_a_refused_change_changes_nothing(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    before = (await anya.get("/api/users/profile")).json
    for change in (
        {"display_name": "Новое", "gender": "x"},
        {"language": "en", "timezone": "Mars/Olympus"},
        {"display_name": "Новое", "id": 5},
    ):
        assert (await anya.patch("/api/users/profile", change)).status == 400
    assert (await anya.get("/api/users/profile")).json == before


async def test_what_is_not_the_persons_to_change_is_refused(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for name in ("id", "telegram_user_id", "username", "is_adult_confirmed", "created_at"):
        answer = await anya.patch("/api/users/profile", {name: 1})
        assert (answer.status, answer.json["field"]) == (400, name)


async def test_age_is_confirmed_and_withdrawn(app: AppUnderTest) -> None:
    anya = app.person()
    for confirmed in (True, True, False, False, True):
        answer = await anya.post("/api/users/confirm-adult", {"confirmed": confirmed})
        assert (answer.status, answer.json) == (200, {"success": True, "is_adult_confirmed": confirmed})
        assert (await anya.get("/api/users/profile")).json["is_adult_confirmed"] is confirmed


async def test_changes_at_once_do_not_undo_each_other(app: AppUnderTest) -> None:
    anya = app.person()
    await anya.get("/api/users/profile")
    await asyncio.gather(
        anya.patch("/api/users/profile", {"display_name": "Анечка"}),
        anya.patch("/api/users/profile", {"gender": "female"}),
        anya.patch("/api/users/profile", {"language": "kk"}),
        anya.patch("/api/users/profile", {"timezone": "Asia/Almaty"}),
        anya.post("/api/users/confirm-adult", {"confirmed": True}),
    )
    profile = (await anya.get("/api/users/profile")).json
    assert profile["is_adult_confirmed"] is True
    assert [profile[name] for name in ("display_name", "gender", "language", "timezone")] == [
        "Анечка", "female", "kk", "Asia/Almaty"
    ]  # fmt: skip
