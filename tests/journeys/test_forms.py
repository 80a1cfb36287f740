"""The form of every request and answer (contract §2 Form, §7), route by route."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import aiohttp

from parley.adapters.db import OpenDatabase
from parley.kernel.errors import ServiceUnavailable
from parley.kernel.ports import Tx
from parley.kernel.sentences import SENTENCES
from support.app import AppUnderTest, Someone
from support.routes import NOT_IDS, OF_A_CHAT, ROUTES, WITH_BODY

NO_OBJECTS = {
    "an array": b"[]",
    "null": b"null",
    "a number": b"5",
    "a string": b'"message"',
    "not JSON": b"{message: 1}",
    "cut JSON": b'{"message": "x',
    "two values": b"{} {}",
    "a form": b"message=x",
    "UTF-16": '{"message": "x"}'.encode("utf-16"),
    "not UTF-8": b'{"message": "\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"message": "x"}',
    "deep": b'{"message": ' + b"[" * 20_000,
    "white space": b"  \n ",
}


async def person_with_a_chat(app: AppUnderTest) -> tuple[Someone, dict[str, int]]:
    """Somebody whose chat has a message and a memory, and their ids."""
    kira, anya = await app.character("Кира"), app.person()
    said = (await anya.says(kira, "Привет!")).json
    remembered = {"content": "Любит чай", "memory_type": "fact"}
    memory = (await anya.post(f"/api/chats/{kira}/memories", remembered)).json
    return anya, {"character": kira, "message": said["assistant_message"]["id"], "memory": memory["id"]}


def is_invalid(answer: Any, field: str | None) -> bool:
    body: dict[str, object] = answer.json
    told = {"error", "message"} if field is None else {"error", "message", "field"}
    return (
        answer.status == 400 and body["error"] == "invalid_input" and body.keys() == told and body.get("field") == field
    )


# --- bodies ----------------------------------------------------------------------------------------


async def test_every_wrong_value_is_refused_by_the_name_of_its_member(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in WITH_BODY:
        for name, values in route.wrong.items():
            for value in values:
                answer = await anya.call(route.method, route.at(**ids), {**(route.body or {}), name: value})
                assert is_invalid(answer, name), (name, value, answer.text)


async def test_an_unknown_member_is_refused_by_its_name(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in WITH_BODY:
        for name in ("colour", "Message", "имя", "a`b", "a b", "", "__proto__"):
            answer = await anya.call(route.method, route.at(**ids), {**(route.body or {}), name: 1})
            assert is_invalid(answer, name), (name, answer.text)


async def test_what_is_no_json_object_is_refused(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in WITH_BODY:
        for kind, raw in NO_OBJECTS.items():
            answer = await anya.call(route.method, route.at(**ids), raw=raw)
            assert answer.status == 400, (kind, answer.text)
            assert answer.json["error"] == "invalid_input", kind


async def test_a_member_that_is_needed_is_named_when_it_is_missing(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in (route for route in WITH_BODY if route.required):
        for name in route.required:
            body = {key: value for key, value in (route.body or {}).items() if key != name}
            assert is_invalid(await anya.call(route.method, route.at(**ids), body), name)
        assert (await anya.call(route.method, route.at(**ids), raw=b"")).status == 400


async def test_where_nothing_is_needed_an_empty_object_is_enough(sqlite_app: AppUnderTest) -> None:
    for route in WITH_BODY:
        if not route.required:
            anya, ids = await person_with_a_chat(sqlite_app)
            assert (await anya.call(route.method, route.at(**ids), {})).status == 200, str(route)


async def test_where_no_member_exists_no_body_is_enough(sqlite_app: AppUnderTest) -> None:
    for route in WITH_BODY:
        if route.method == "POST" and not route.required:
            anya, ids = await person_with_a_chat(sqlite_app)
            assert (await anya.call(route.method, route.at(**ids))).status == 200, str(route)


async def test_a_lone_surrogate_is_refused(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in WITH_BODY:
        for name in route.wrong:
            raw = f'{{"{name}": "\\ud800"}}'.encode()
            answer = await anya.call(route.method, route.at(**ids), raw=raw)
            assert (answer.status, answer.json["error"]) == (400, "invalid_input"), (str(route), name)


async def test_what_the_content_type_says_does_not_matter(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense", ""):
        raw = json.dumps({"display_name": "Аня"}).encode()
        answer = await anya.call("PATCH", "/api/users/profile", raw=raw, headers={"Content-Type": kind})
        assert answer.status == 200, kind


async def test_a_body_over_64_kib_is_too_large(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in WITH_BODY:
        answer = await anya.call(route.method, route.at(**ids), raw=b" " * (64 * 1024 + 1))
        assert (answer.status, answer.json["error"]) == (413, "payload_too_large")
        assert (await anya.call(route.method, route.at(**ids), raw=b" " * (64 * 1024))).status == 400


async def test_a_body_that_does_not_say_its_length_is_bounded_too(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()

    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 1024

    async with sqlite_app.session.patch(
        f"{anya.base_url}/api/users/profile", data=endless(), headers={"Authorization": f"tma {anya.init_data}"}
    ) as answer:
        assert answer.status == 413
        assert (await answer.json())["error"] == "payload_too_large"


# --- ids -------------------------------------------------------------------------------------------


async def test_what_is_no_id_is_no_character(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in (route for route in ROUTES if "{character_id}" in route.path):
        for wrong in (*NOT_IDS, str(2**63 - 1), "999"):
            answer = await anya.call(route.method, route.at(**{**ids, "character": wrong}), route.body)
            assert (answer.status, answer.json["error"]) == (404, "character_not_found"), wrong


MISSING = {"message": "message_not_found", "memory": "memory_not_found", "variant": "not_found"}


async def test_what_is_no_id_is_no_message_memory_or_variant(sqlite_app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(sqlite_app)
    for route in OF_A_CHAT:
        for kind, code in MISSING.items():
            for wrong in NOT_IDS if f"{{{kind}_id}}" in route.path else ():
                answer = await anya.call(route.method, route.at(**{**ids, kind: wrong}), route.body)
                assert (answer.status, answer.json["error"]) == (404, code), (str(route), wrong)


async def test_what_does_not_exist_is_not_found(app: AppUnderTest) -> None:
    anya, ids = await person_with_a_chat(app)
    for route in OF_A_CHAT:
        for kind, code in MISSING.items():
            for wrong in (str(2**63 - 1), "987654321") if f"{{{kind}_id}}" in route.path else ():
                answer = await anya.call(route.method, route.at(**{**ids, kind: wrong}), route.body)
                assert (answer.status, answer.json["error"]) == (404, code), (str(route), wrong)


async def test_a_nul_in_a_path_or_query_breaks_nothing(app: AppUnderTest) -> None:
    anya, _ = await person_with_a_chat(app)
    for path, status in {
        "/api/chats/%00/messages": 404,
        "/api/%00": 404,
        "/api/tags/%00": 404,
        "/characters/%00": 404,
        "/api/characters?tags=%00": 400,
        "/api/characters?genre=%00": 400,
        "/api/characters/search?q=%00": 400,
        "/api/characters/search?q=a%00b": 400,
        "/api/characters?limit=%00": 400,
        "/api/characters?tags=%ED%A0%80": 200,
        "/api/characters/search?q=%ff%fe": 200,
        "/api/characters?%00=1": 200,
    }.items():
        assert (await anya.get(path)).status == status, path


# --- methods and addresses -------------------------------------------------------------------------


async def test_what_lives_nowhere_is_not_found(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for path in ("/api", "/api/", "/api/nothing", "/api/users", "/api/users/profile/x", "/api/chats/1", "/nothing"):
        answer = await anya.get(path)
        assert (answer.status, answer.json) == (404, {"error": "not_found", "message": "Здесь ничего нет"}), path


async def test_another_method_is_not_allowed(sqlite_app: AppUnderTest) -> None:
    anya, kira = sqlite_app.person(), await sqlite_app.character()
    for route in ROUTES:
        known = {each.method for each in ROUTES if each.path == route.path}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
            answer = await anya.call(method, route.at(character=kira), {})
            assert (answer.status, answer.json["error"]) == (405, "method_not_allowed"), (method, route.path)
            assert known <= {each.strip() for each in answer.headers["Allow"].split(",")}


async def test_a_slash_at_the_end_or_twice_changes_nothing(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for path in ("/api/users/profile/", "//api/users/profile", "/api//users///profile//"):
        assert (await anya.get(path)).json == (await anya.get("/api/users/profile")).json, path


# --- headers ---------------------------------------------------------------------------------------


def every_kind_of_answer(character: int) -> Iterator[tuple[str, str, object]]:
    yield "GET", "/api/users/profile", None
    yield "GET", "/api/tags", None
    yield "GET", "/api/nothing", None
    yield "PUT", "/api/users/profile", None
    yield "PATCH", "/api/users/profile", {"colour": 1}
    yield "POST", f"/api/chats/{character}/messages", {"message": "Привет!"}
    yield "DELETE", f"/api/chats/{character}/memories", None
    yield "GET", "/api/chats/0/session", None
    yield "PATCH", "/api/users/profile", {"display_name": "x" * 70_000}


async def test_every_answer_is_json_and_bears_version_and_request_id(sqlite_app: AppUnderTest) -> None:
    anya, stranger = sqlite_app.person(), sqlite_app.person()
    stranger.init_data = "hash=0"
    kira = await sqlite_app.character()
    for someone in (anya, stranger):
        for method, path, body in every_kind_of_answer(kira):
            answer = await someone.call(method, path, body)
            assert answer.headers["API-Version"] == "1.0", path
            assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"]), path
            assert answer.headers["Content-Type"].startswith("application/json"), path
            assert json.loads(answer.text) is not None


async def test_a_stream_bears_version_and_request_id_too(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    answer = await anya.says(kira, "Привет!", {"Accept": "text/event-stream", "X-Request-Id": "abc"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert (answer.headers["API-Version"], answer.headers["X-Request-Id"]) == ("1.0", "abc")


async def test_a_request_may_bring_its_id_but_no_rubbish(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for given in ("a", "trace-1.2_3", "A" * 64):
        assert (await anya.get("/api/users/profile", {"X-Request-Id": given})).headers["X-Request-Id"] == given
    for given in ("", " ", "a b", "A" * 65, "<script>", '"', "я"):
        assert (await anya.get("/api/users/profile", {"X-Request-Id": given})).headers["X-Request-Id"] != given
    ids = {(await anya.get("/api/users/profile")).headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


async def test_version_1_is_served(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for version in ("1", "1.0", "1.1", "1.23", " 1.0 "):
        answer = await anya.get("/api/users/profile", {"API-Version": version})
        assert (answer.status, answer.headers["API-Version"]) == (200, "1.0"), version


async def test_no_other_version_is_served(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    for version in ("2", "2.0", "0", "0.9", "1.", "1.0.0", ".1", "v1", "1.x", "", "latest", "11", "-1", "1,0", "1.٣"):
        for path in ("/api/users/profile", "/api/tags", "/api/nothing"):
            answer = await anya.get(path, {"API-Version": version})
            assert is_invalid(answer, "API-Version"), (version, answer.text)
            assert answer.headers["API-Version"] == "1.0"


# --- languages -------------------------------------------------------------------------------------


async def test_people_are_told_in_english_or_russian(sqlite_app: AppUnderTest) -> None:
    spoken = {"ru": "ru", None: "ru", "de": "ru", "uk": "ru", "en": "en", "en-GB": "en", "EN": "en", "english": "en"}
    for number, (code, language) in enumerate(spoken.items(), 100):
        answer = await sqlite_app.person(number, language=code).get("/api/characters/0")
        sentence = {"ru": "Персонаж не найден", "en": "Character not found"}[language]
        assert answer.json == {"error": "character_not_found", "message": sentence}, code


async def test_the_language_of_the_profile_is_the_language_of_the_sentences(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person(language="ru")
    await anya.patch("/api/users/profile", {"language": "en-US"})
    assert (await anya.get("/api/nothing")).json["message"] == "There is nothing here"
    assert (await anya.get("/api/nothing", {"API-Version": "3"})).json["message"].startswith("The request")
    assert (await anya.call("PATCH", "/api/users/profile", raw=b" " * 70_000)).json["message"].startswith("The request")


# --- many at once ----------------------------------------------------------------------------------


@dataclass
class BreakingDatabase:
    """The real database, until it is told to break."""

    db: OpenDatabase
    fault: Exception | None = None

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        if self.fault is not None:
            raise self.fault
        return self.db.begin()

    def read(self, *, long: bool = False) -> AbstractAsyncContextManager[Tx]:
        if self.fault is not None:
            raise self.fault
        return self.db.read(long=long)

    async def prove_writable(self) -> None:
        await self.db.prove_writable()

    async def close(self) -> None:
        await self.db.close()


async def test_a_fault_of_ours_tells_nothing_of_the_inside(sqlite_db: OpenDatabase) -> None:
    db = BreakingDatabase(sqlite_db)
    async with AppUnderTest.running(db, rate_limits="off") as app:
        anya, kira = app.person(), await app.character()
        assert (await anya.get("/api/users/profile")).status == 200
        for fault, status, body in (
            (RuntimeError("SELECT secret FROM /var/lib/parley"), 500, SENTENCES["internal_error"]["ru"]),
            (ServiceUnavailable(7), 503, SENTENCES["service_unavailable"]["ru"]),
        ):
            db.fault = fault
            for answer in (await anya.get("/api/users/profile"), await anya.says(kira, "Привет!")):
                assert answer.status == status
                assert answer.json == {
                    "error": f"{'internal_error' if status == 500 else 'service_unavailable'}",
                    "message": body,
                }
                assert answer.headers["API-Version"] == "1.0"
                assert answer.headers.get("Retry-After") == (None if status == 500 else "7")
            db.fault = None


async def test_pipelined_requests_on_one_connection_are_answered_in_order(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    host, _, port = sqlite_app.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for number in (1, 2, 3):
        writer.write(
            f"GET /api/users/profile HTTP/1.1\r\nHost: x\r\nAuthorization: tma {anya.init_data}\r\n"
            f"X-Request-Id: {number}\r\nConnection: {'close' if number == 3 else 'keep-alive'}\r\n\r\n".encode()
        )
    seen = re.findall(rb"x-request-id: (\d)", await reader.read())
    writer.close()
    assert seen == [b"1", b"2", b"3"]


async def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    host, _, port = sqlite_app.base_url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"PATCH /api/users/profile HTTP/1.1\r\nHost: x\r\nAuthorization: tma {anya.init_data}\r\n"
        'Content-Length: 100\r\n\r\n{"display_'.encode()
    )
    await writer.drain()
    writer.close()
    assert (await anya.get("/api/users/profile")).json["display_name"] == "Аня"
    async with aiohttp.ClientSession() as other:
        assert (await other.get(f"{anya.base_url}/livez")).status == 200
