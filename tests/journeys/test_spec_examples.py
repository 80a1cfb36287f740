"""The specification's own examples, run as they are printed, and its flows, run by a JavaScript engine."""

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from journeys.spec.examples import (
    EVENTS,
    EXAMPLES,
    LIMIT_EXCEEDED,
    PREMIUM_REQUIRED,
    RATE_LIMIT,
    SEND_MESSAGE,
    STATUSES,
    WITH_SUBSCRIPTION,
    Example,
)
from parley.adapters.db import OpenDatabase
from parley.kernel.errors import AppError
from parley.kernel.ports import ModelFailed
from parley.shell.errors import STATUS
from support.app import BOT_TOKEN, Answer, AppUnderTest, Someone
from support.init_data_vectors import signed

FLOWS = Path(__file__).parent / "spec"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def lived_in(app: AppUnderTest, someone: Someone, genre: str = "anime") -> dict[str, int]:
    """What the document takes for granted: Kira, a chat with her of some days, facts she knows. Ids by their names."""
    kira = await app.character(
        "Кира", description_long="Милая девушка из аниме...", genre=genre, tags=["anime", "romance", "fantasy"],
        avatar="", first_mes="Привет, {{user}}!",
    )  # fmt: skip
    for _ in range(6):
        app.model.will_say("Привет! Всё отлично, спасибо!")
        await someone.says(kira, "Привет! Как дела?")
    facts = [("fact", 8), ("preference", 6), ("emotion", 5)]
    made = [
        (
            await someone.post(
                f"/api/chats/{kira}/memories", {"content": kind, "memory_type": kind, "importance": importance}
            )
        ).json["id"]
        for kind, importance in facts
    ]
    messages = await someone.history(kira)
    return {"characterId": kira, "messageId": messages[-1]["id"], "memoryId": made[0]}


def alexey(app: AppUnderTest) -> Someone:
    """The person of the document, with the username that is printed there."""
    user = {"id": 456789, "first_name": "Alex", "username": "alex_user", "language_code": "en"}
    date = str(int(app.clock.now().timestamp()))
    return Someone(
        app.session, app.base_url, signed({"auth_date": date, "user": json.dumps(user), "query_id": "q"}, BOT_TOKEN)
    )


async def run(someone: Someone, example: Example, ids: dict[str, int]) -> Answer:
    """Send the request as it is printed; only letters that no request line can hold are escaped, as browsers do."""
    head, _, body = example.request.strip().partition("\n\n")
    line, *headers = head.split("\n")
    for name, number in ids.items():
        line = line.replace(f":{name}", str(number))
    head = "\r\n".join([f"{quote(line, safe='/?&=+,: ')} HTTP/1.1", "Host: parley", "Connection: close", *headers])
    head = head.replace("<initDataString>", someone.init_data)
    if body:
        head += f"\r\nContent-Length: {len(body.encode())}"
    return await raw(someone.base_url, f"{head}\r\n\r\n{body}".encode())


async def raw(base_url: str, request: bytes) -> Answer:
    host, _, port = base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    status, *headers = head.decode().split("\r\n")
    pairs = (header.partition(": ") for header in headers)
    return Answer(int(status.split(" ")[1]), {name.lower(): value for name, _, value in pairs}, body.decode())


def differences(shown: Any, given: Any, added: frozenset[str], where: str = "") -> Iterator[str]:
    """Where an answer has another shape than the document's: keys, types, forms of times; lists by their members."""
    if type(shown) is not type(given):
        yield f"{where} is {given!r} and should be like {shown!r}"
    elif isinstance(shown, dict):
        yield from (f"{where}.{key} is missing" for key in shown.keys() - given.keys())
        yield from (f"{where}.{key} is not in the document" for key in given.keys() - shown.keys() - added)
        for key in shown.keys() & given.keys():
            yield from differences(shown[key], given[key], added, f"{where}.{key}")
    elif isinstance(shown, list):
        yield from (f"{where} is empty" for _ in range(1) if not given)
        for number, each in enumerate(given):
            yield from differences(shown[min(number, len(shown) - 1)], each, added, f"{where}[{number}]")
    elif isinstance(shown, str) and bool(TIME.fullmatch(shown)) is not bool(TIME.fullmatch(given)):
        yield f"{where}: {given!r} has another form than {shown!r}"


# --- requests and answers --------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
async def test_an_example_gives_an_answer_of_the_shape_that_is_printed(
    sqlite_app: AppUnderTest, example: Example
) -> None:
    anya = alexey(sqlite_app)
    ids = await lived_in(sqlite_app, anya, "romance" if "genre=romance" in example.request else "anime")
    answer = await run(anya, example, ids)
    assert answer.status == 200, answer.text
    assert answer.headers["api-version"] == "1.0"
    given, shown = answer.json, json.loads(example.answer)
    if "messages" in given:
        given["messages"] = given["messages"][:2]  # the document shows one question and one answer
    assert list(differences(shown, given, example.added)) == []


async def test_the_answers_say_what_the_requests_asked_for(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person(name="x")
    ids = await lived_in(sqlite_app, anya)
    answers = {example.title: (await run(anya, example, ids)).json for example in EXAMPLES[:8]}
    profile = answers["Обновление профиля"]
    assert (profile["display_name"], profile["gender"], profile["language"]) == ("Алексей", "male", "ru")
    assert answers["Поиск персонажей"]["characters"][0]["name"] == "Кира"
    assert [tag["name"] for tag in answers["Теги по категории"]["tags"]] == ["anime", "fantasy"]
    history = answers["Получение истории сообщений"]["messages"]
    assert [each["role"] for each in history] == ["user", "assistant"] * 6
    assert [each["id"] for each in history] == sorted(each["id"] for each in history)
    sent = answers["Отправка сообщения"]
    assert sent["user_message"]["message_text"] == "Привет! Как дела?"
    assert sent["limits"]["remaining"] == 50 - 7


async def test_limits_with_a_subscription_have_the_shape_that_is_printed(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    ids = await lived_in(sqlite_app, anya)
    await sqlite_app.grant_premium(anya)
    answer = await run(anya, WITH_SUBSCRIPTION, ids)
    shown = json.loads(WITH_SUBSCRIPTION.answer)
    assert list(differences(shown, answer.json, frozenset())) == []
    assert (answer.json["messages_limit"]["total"], answer.json["messages_limit"]["remaining"]) == (-1, -1)
    assert answer.json["subscription"]["status"] == "active"


# --- errors ----------------------------------------------------------------------------------------


async def test_the_daily_limit_is_refused_in_the_words_that_are_printed(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, rate_limits="off") as app:
        anya, kira = app.person(), await app.character()
        for _ in range(50):
            await anya.says(kira, "Привет!")
        answer = await anya.says(kira, "Привет!")
        shown = json.loads(LIMIT_EXCEEDED)
        shown["limits"]["resets_at"] = answer.json["limits"]["resets_at"]
        assert (answer.status, answer.json) == (429, shown)
        assert TIME.fullmatch(answer.json["limits"]["resets_at"])


async def test_premium_is_refused_in_the_words_that_are_printed(sqlite_app: AppUnderTest) -> None:
    vip = await sqlite_app.character(access_type="premium")
    answer = await sqlite_app.person().says(vip, "Привет!")
    assert (answer.status, answer.json) == (403, json.loads(PREMIUM_REQUIRED))


async def test_too_many_requests_are_refused_in_the_words_that_are_printed(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db) as app:
        anya, kira = app.person(), await app.character()
        answers = [await anya.says(kira, "Привет!") for _ in range(11)]
        shown = json.loads(RATE_LIMIT)
        assert (answers[-1].status, {**answers[-1].json, "retry_after": 45}) == (429, shown)
        assert list(differences(shown, answers[-1].json, frozenset())) == []


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_every_code_of_the_table_has_its_status(code: str, status: int) -> None:
    kinds: list[type[AppError]] = [kind for kind in AppError.__subclasses__() if kind.code == code]
    assert [STATUS[kind] for kind in kinds] == [status]


# --- the socket ------------------------------------------------------------------------------------


async def test_events_have_the_shape_that_is_printed(sqlite_app: AppUnderTest) -> None:
    anya, kira = sqlite_app.person(), await sqlite_app.character()
    sqlite_app.model.will_say("Привет!")
    async with anya.socket(kira) as phone:
        await phone.connection.send_str(SEND_MESSAGE)
        frames = {frame["event"]: frame for frame in await phone.until("message.complete")}
    for event in ("message.new", "message.typing", "message.complete"):
        assert list(differences(json.loads(EVENTS[event]), frames[event], frozenset({"seq"}))) == [], event
    assert frames["message.new"]["data"]["message_text"] == "Привет!"


async def test_errors_on_the_socket_are_told_in_the_words_that_are_printed(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, daily_message_limit="0") as app:
        anya, kira = app.person(), await app.character()
        async with anya.socket(kira) as phone:
            await phone.connection.send_str(SEND_MESSAGE)
            assert (await phone.until("error"))[-1] == json.loads(EVENTS["error"])


async def test_a_model_that_fails_is_an_llm_error_on_both_channels(sqlite_app: AppUnderTest) -> None:
    anya, kira = sqlite_app.person(), await sqlite_app.character()
    for _ in range(2):
        sqlite_app.model.will_fail(ModelFailed("server"))
    assert (await anya.says(kira, "Привет!")).json["error"] == "llm_error"
    async with anya.socket(kira) as phone:
        await phone.connection.send_str(SEND_MESSAGE)
        assert (await phone.until("error"))[-1]["data"]["code"] == "llm_error"


# --- the flows -------------------------------------------------------------------------------------


async def play(someone: Someone, flow: str) -> dict[str, Any]:
    """Run a flow of the document, word for word, in Node; what the page got and drew."""
    node = shutil.which("node")
    assert node is not None, "these tests need Node.js 20.10 or newer: make test sets it up where the machine has none"
    version = await _output(node, "--version")
    flags = ("--experimental-websocket",) if int(version[1:].split(b".")[0]) < 22 else ()
    script, text = str(FLOWS / "browser.mjs"), str(FLOWS / flow)
    told = await _output(node, "--no-warnings", *flags, script, text, someone.base_url, stdin=someone.init_data)
    seen: dict[str, Any] = json.loads(told)
    return seen


async def _output(*command: str, stdin: str = "") -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin.encode())
    assert process.returncode == 0, err.decode()
    return out


async def test_the_typical_chat_runs_as_it_is_written(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person(name="Аня + Ко & = % ?")
    assert await sqlite_app.character("Кира") == 1
    sqlite_app.model.will_say("Привет, Аня!")
    seen = await play(anya, "typical_chat.ts")
    assert [(each["path"], each["status"]) for each in seen["answers"]] == [
        ("/api/chats/1/messages?limit=20", 200),
        ("/api/users/limits", 200),
    ]
    assert [(each["role"], each["message_text"]) for each in seen["appended"]] == [
        ("user", "Привет!"),
        ("assistant", "Привет, Аня!"),
    ]
    assert seen["typing"] == [True, False]


async def test_the_management_of_memory_runs_as_it_is_written(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    assert await sqlite_app.character("Кира") == 1
    for number in range(8):
        await anya.post("/api/chats/1/memories", {"content": str(number), "memory_type": "fact"})
        await anya.says(1, str(number))
    seen = await play(anya, "memory.ts")
    assert [(each["method"], each["path"], each["status"]) for each in seen["answers"]] == [
        ("GET", "/api/chats/1/memories", 200),
        ("DELETE", "/api/chats/1/memories/5", 200),
        ("DELETE", "/api/chats/1/memories", 200),
        ("POST", "/api/chats/1/forget-recent", 200),
    ]
    bodies = [each["body"] for each in seen["answers"]]
    assert (bodies[0]["total"], len(bodies[0]["memories"])) == (8, 8)
    assert bodies[1:] == [
        {"success": True, "deleted_id": 5},
        {"success": True, "deleted_count": 7},
        {"success": True, "deleted_messages_count": 5},
    ]


async def test_the_change_of_a_session_runs_as_it_is_written(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    assert await sqlite_app.character("Кира") == 1
    (answer,) = (await play(anya, "session.ts"))["answers"]
    assert (answer["method"], answer["status"]) == ("PATCH", 200)
    assert (answer["body"]["relationship_type"], answer["body"]["mood_preference"]) == ("partner", "playful")
    assert (await anya.get("/api/chats/1/session")).json == answer["body"]
