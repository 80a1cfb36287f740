"""The daily quota and the subscription (spec «Limits API», contract §2 Limits)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.features.identity.service import Identity
from parley.features.limits.service import Limits
from parley.kernel.ids import TelegramUserId
from parley.kernel.ports import ModelFailed
from support.app import Answer, AppUnderTest, Someone
from support.turns import eventually

EXHAUSTED = "Дневной лимит {} сообщений исчерпан"


async def limits(someone: Someone) -> dict[str, Any]:
    answer = await someone.get("/api/users/limits")
    assert answer.status == 200
    body: dict[str, Any] = answer.json
    return body


def midnight_after(moment: datetime) -> str:
    return (moment + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")


def set_to(app: AppUnderTest, hour: int, minute: int, second: float = 0) -> None:
    """Let it be this time of tomorrow's day, UTC."""
    today = datetime.now(UTC)  # noqa: TID251 - beside the machine's clock
    wanted = (today + timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    app.clock.ahead = wanted + timedelta(seconds=second) - today


# --- what is told ----------------------------------------------------------------------------------


async def test_a_new_person_has_the_whole_day_before_them(app: AppUnderTest) -> None:
    set_to(app, 12, 0)
    assert await limits(app.person()) == {
        "has_subscription": False,
        "messages_limit": {
            "total": 50, "used": 0, "remaining": 50, "resets_at": midnight_after(app.clock.now())
        },
        "subscription": None,
    }  # fmt: skip


async def test_every_message_takes_one_unit(app: AppUnderTest) -> None:
    set_to(app, 12, 0)
    anya, kira, lena = app.person(), await app.character(), await app.character()
    for used, character in enumerate((kira, lena, kira), 1):
        told = (await anya.says(character, "Привет!")).json["limits"]
        assert told == {"remaining": 50 - used, "total": 50, "resets_at": midnight_after(app.clock.now())}
        seen = (await limits(anya))["messages_limit"]
        assert seen == {**told, "used": used}


async def test_what_costs_nothing_takes_nothing_and_gives_nothing_back(app: AppUnderTest) -> None:
    anya, kira = app.person(), await app.character()
    said = (await anya.says(kira, "Привет!")).json
    for _ in range(3):
        await anya.post(f"/api/chats/{kira}/regenerate")
    await anya.patch(f"/api/chats/{kira}/messages/{said['user_message']['id']}", {"message": "иначе"})
    await anya.delete(f"/api/chats/{kira}/messages/{said['user_message']['id']}")
    await anya.post(f"/api/chats/{kira}/reset")
    assert (await limits(anya))["messages_limit"]["used"] == 1


async def test_what_is_refused_takes_nothing(app: AppUnderTest) -> None:
    anya, kira = app.person(), await app.character()
    await anya.says(kira, "")
    await anya.says(999, "Привет!")
    await anya.says(await app.character(access_type="premium"), "Привет!")
    await anya.says(kira, "Привет!", {"Idempotency-Key": ""})
    assert (await limits(anya))["messages_limit"]["used"] == 0


async def test_a_failed_reply_gives_its_unit_back(app: AppUnderTest) -> None:
    anya, kira = app.person(), await app.character()
    app.model.will_fail(ModelFailed("server"))
    failed = await anya.says(kira, "Привет!")
    assert (failed.status, failed.json["error"]) == (502, "llm_error")
    assert (await limits(anya))["messages_limit"]["used"] == 0
    assert (await anya.post(f"/api/chats/{kira}/regenerate")).status == 200
    assert (await limits(anya))["messages_limit"]["used"] == 0


async def test_people_have_quotas_of_their_own(app: AppUnderTest) -> None:
    anya, boris, kira = app.person(7), app.person(8), await app.character()
    await anya.says(kira, "Привет!")
    assert (await limits(boris))["messages_limit"]["used"] == 0


# --- the limit -------------------------------------------------------------------------------------


async def test_the_message_over_the_limit_is_refused_with_the_state(db: OpenDatabase) -> None:
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="2") as app:
        set_to(app, 12, 0)
        anya, kira = app.person(), await app.character()
        assert [(await anya.says(kira, "Привет!")).json["limits"]["remaining"] for _ in range(2)] == [1, 0]
        refused = await anya.says(kira, "Привет!")
        state = {"remaining": 0, "total": 2, "resets_at": midnight_after(app.clock.now())}
        assert refused.status == 429
        assert refused.json == {"error": "daily_limit_exceeded", "message": EXHAUSTED.format(2), "limits": state}
        assert (await limits(anya))["messages_limit"] == {**state, "used": 2}
        assert (await anya.get(f"/api/chats/{kira}/messages")).json["total"] == 4
        assert (await anya.post(f"/api/chats/{kira}/regenerate")).status == 200


async def test_a_limit_of_none_lets_nobody_speak(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, rate_limits="off", daily_message_limit="0") as app:
        anya, kira = app.person(), await app.character()
        refused = await anya.says(kira, "Привет!")
        assert (refused.status, refused.json["message"]) == (429, EXHAUSTED.format(0))
        await app.grant_premium(anya)
        assert (await anya.says(kira, "Привет!")).status == 200


@pytest.mark.parametrize("characters", [1, 5])
async def test_fifty_at_once_never_get_more_than_the_limit(db: OpenDatabase, characters: int) -> None:
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="20") as app:
        set_to(app, 12, 0)
        anya = app.person()
        chats = [await app.character() for _ in range(characters)]
        answers = await asyncio.gather(*(anya.says(chats[number % characters], str(number)) for number in range(50)))
        served = [answer for answer in answers if answer.status == 200]
        assert sorted(answer.json["limits"]["remaining"] for answer in served) == list(range(20))
        assert {answer.json["error"] for answer in answers if answer.status != 200} == {"daily_limit_exceeded"}
        assert (await limits(anya))["messages_limit"]["used"] == 20
        stored = [(await anya.get(f"/api/chats/{chat}/messages")).json["total"] for chat in chats]
        assert sum(stored) == 40


async def test_two_processes_at_once_never_give_more_than_the_limit(db: OpenDatabase) -> None:
    async with (
        AppUnderTest.running(db, rate_limits="off", daily_message_limit="10") as one,
        AppUnderTest.running(db, rate_limits="off", daily_message_limit="10") as two,
    ):
        set_to(one, 12, 0)
        set_to(two, 12, 0)
        chats = [await one.character() for _ in range(6)]
        asked: list[asyncio.Task[Answer]] = []
        async with asyncio.TaskGroup() as tasks:
            for number in range(30):
                app = (one, two)[number % 2]
                asked.append(tasks.create_task(app.person().says(chats[number % 6], str(number))))
        statuses = [task.result().status for task in asked]
        assert (statuses.count(200), statuses.count(429)) == (10, 20)
        assert (await limits(two.person()))["messages_limit"]["used"] == 10


# --- midnight --------------------------------------------------------------------------------------


async def test_the_quota_is_fresh_at_midnight_utc(db: OpenDatabase) -> None:
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="1") as app:
        set_to(app, 23, 59, 50)
        anya, kira = app.person(), await app.character()
        spent = (await anya.says(kira, "Привет!")).json["limits"]
        assert spent["resets_at"] == midnight_after(app.clock.now())
        assert (await anya.says(kira, "Привет!")).status == 429
        app.clock.ahead += timedelta(seconds=10)
        assert app.clock.now().strftime("%Y-%m-%dT00:00:00Z") == spent["resets_at"]
        assert (await limits(anya))["messages_limit"] == {
            "total": 1, "used": 0, "remaining": 1, "resets_at": midnight_after(app.clock.now())
        }  # fmt: skip
        assert (await anya.says(kira, "Привет!")).status == 200
        assert (await anya.says(kira, "Привет!")).status == 429


# --- the subscription ------------------------------------------------------------------------------


async def test_a_subscription_lifts_the_limit(db: OpenDatabase) -> None:
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="1") as app:
        set_to(app, 12, 0)
        anya, kira = app.person(), await app.character()
        await anya.says(kira, "Привет!")
        await app.grant_premium(anya, days=30)
        start = app.clock.now()
        answers = [await anya.says(kira, "Привет!") for _ in range(3)]
        assert [each.json["limits"] for each in answers] == [{"remaining": -1, "total": -1, "resets_at": None}] * 3
        told = await limits(anya)
        assert told["messages_limit"] == {"total": -1, "used": 4, "remaining": -1, "resets_at": None}
        assert told["has_subscription"] is True
        subscription = told["subscription"]
        assert subscription["status"] == "active"
        begins, ends = (datetime.strptime(subscription[name], "%Y-%m-%dT%H:%M:%S%z") for name in ("start_at", "end_at"))
        assert abs(begins - start) < timedelta(minutes=1)
        assert ends - begins == timedelta(days=30)


async def test_a_second_grant_lengthens_the_first(app: AppUnderTest) -> None:
    anya = app.person()
    await app.grant_premium(anya, days=10)
    first = (await limits(anya))["subscription"]
    await app.grant_premium(anya, days=5)
    second = (await limits(anya))["subscription"]
    assert second["start_at"] == first["start_at"]
    begins, ends = (datetime.strptime(second[name], "%Y-%m-%dT%H:%M:%S%z") for name in ("start_at", "end_at"))
    assert ends - begins == timedelta(days=15)


async def test_a_subscription_ends_to_the_second(db: OpenDatabase) -> None:
    async with AppUnderTest.running(db, rate_limits="off", daily_message_limit="1") as app:
        set_to(app, 12, 0)
        await app.grant_premium(app.person(), days=2)
        kira = await app.character()
        app.clock.ahead += timedelta(days=2, seconds=-30)
        assert (await limits(app.person()))["has_subscription"] is True
        assert (await app.person().says(kira, "Привет!")).json["limits"]["total"] == -1
        app.clock.ahead += timedelta(seconds=31)
        ended = await limits(app.person())
        assert (ended["has_subscription"], ended["subscription"]) == (False, None)
        assert (ended["messages_limit"]["total"], ended["messages_limit"]["remaining"]) == (1, 0)
        assert (await app.person().says(kira, "Привет!")).status == 429


async def test_a_grant_by_another_process_is_seen_within_a_second(app: AppUnderTest) -> None:
    """What `parley users grant-premium` does, beside a process that has just remembered that there is none."""
    anya, vip = app.person(), await app.character(access_type="premium")
    assert (await limits(anya))["has_subscription"] is False
    assert (await anya.says(vip, "Привет!")).status == 403
    db = app.parley.world.db
    person = await Identity.without_sign_in(db, SystemClock()).by_telegram_id(TelegramUserId(7))
    assert person is not None
    await Limits(db, SystemClock(), 50).grant(person.id, 30, "operator")

    async def is_seen() -> bool:
        return bool((await limits(anya))["has_subscription"])

    await eventually(is_seen)
    assert (await anya.says(vip, "Привет!")).status == 200
