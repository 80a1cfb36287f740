"""Headers, paths and methods no honest client sends: the answer is ours or none, and the next person is served."""

import json

from parley.adapters.db import OpenDatabase
from support.app import AppUnderTest
from support.raw_http import RawAnswer, exchange, request

PROFILE = "/api/users/profile"
MEBIBYTE = 1024 * 1024


def told(answer: RawAnswer) -> str:
    """The code of the error in an answer."""
    code: str = json.loads(answer.data.partition(b"\r\n\r\n")[2])["error"]
    return code


# --- headers ---------------------------------------------------------------------------------------

INJECTIONS = (
    "' OR 1=1--",
    "'; DROP TABLE users;--",
    '" OR ""="',
    "1) UNION SELECT secret FROM service_keys--",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "%s%n%x",
    "\xff\xfe",
    "../../etc/passwd",
    "A" * 8000,
    "null",
    "[object Object]",
)


async def test_what_is_no_init_data_is_401_and_nothing_more(besieged: AppUnderTest) -> None:
    for scheme in ["tma ", "TMA ", "tma", "Bearer ", "Basic ", ""]:
        for injection in INJECTIONS:
            answer = await exchange(besieged, request("GET", PROFILE, None, f"Authorization: {scheme}{injection}"))
            assert answer.status == 401, injection
            assert told(answer) == "unauthorized"


async def test_injections_into_every_part_of_init_data_are_401(besieged: AppUnderTest) -> None:
    good = besieged.person().init_data
    for injection in INJECTIONS[:6]:
        for forged in (
            f"{good}{injection}",
            f"{good}&x={injection}",
            f"{injection}{good}",
            good.replace("hash=", f"hash={injection}"),
        ):
            assert (
                await exchange(besieged, request("GET", PROFILE, None, f"Authorization: tma {forged}"))
            ).status == 401


async def test_init_data_that_begins_like_a_good_one_is_not_taken_for_it(besieged: AppUnderTest) -> None:
    good = besieged.person().init_data
    assert (await besieged.person().get(PROFILE)).status == 200
    for cut in (1, 2, 10, 64, len(good) // 2):
        answer = await exchange(besieged, request("GET", PROFILE, None, f"Authorization: tma {good[:-cut]}"))
        assert answer.status == 401
    flipped = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert (await exchange(besieged, request("GET", PROFILE, None, f"Authorization: tma {flipped}"))).status == 401


async def test_a_request_id_that_is_none_is_replaced(besieged: AppUnderTest) -> None:
    for line in [
        "X-Request-Id: a\tb",
        "X-Request-Id: a b",
        "X-Request-Id: <script>",
        "X-Request-Id: " + "a" * 65,
        "X-Request-Id:",
        "X-Request-Id: \xe9",
        "X-Request-Id: a\x0bb",
        "X-Request-Id: a%0d%0aSet-Cookie: x=1",
    ]:
        answer = await exchange(besieged, request("GET", PROFILE, besieged.person(), line))
        assert answer.status in {200, 400}
        ids = [each for each in answer.head if each.lower().startswith(b"x-request-id")]
        assert all(len(each.split(b": ")[1]) == 32 for each in ids)
        assert b"Set-Cookie" not in answer.data


async def test_a_header_cannot_be_split(besieged: AppUnderTest) -> None:
    for line in (
        "X-Request-Id: good\r\nSet-Cookie: x=1",
        "X-Request-Id: good\nSet-Cookie: x=1",
        "X-Request-Id: good\rSet-Cookie: x=1",
    ):
        answer = await exchange(besieged, request("GET", PROFILE, besieged.person(), line))
        assert not any(each.lower().startswith(b"set-cookie") for each in answer.head)


async def test_a_key_that_is_none_is_named(besieged: AppUnderTest) -> None:
    for key in ["", "a" * 256, "ключ".encode().decode("latin-1"), "a\tb", "a\x7fb"]:
        sent = request(
            "POST",
            "/api/users/confirm-adult",
            besieged.person(),
            f"Idempotency-Key: {key}",
            body=b'{"confirmed": true}',
        )
        answer = await exchange(besieged, sent)
        assert answer.status == 400
        assert (await besieged.person().get(PROFILE)).json["is_adult_confirmed"] is False


async def test_injections_into_a_key_are_only_keys(besieged: AppUnderTest) -> None:
    for number, key in enumerate(("' OR 1=1--", "'; DROP TABLE users;--", "%s", "{{x}}")):
        sent = request(
            "POST",
            "/api/users/confirm-adult",
            besieged.person(),
            f"Idempotency-Key: {key}",
            body=b'{"confirmed": true}',
        )
        answers = [await exchange(besieged, sent) for _ in range(2)]
        assert [each.status for each in answers] == [200, 200], number


async def test_ten_thousand_headers_are_refused_or_ignored(besieged: AppUnderTest) -> None:
    lines = [f"X-Nonsense-{number}: {number}" for number in range(10_000)]
    answer = await exchange(besieged, request("GET", PROFILE, besieged.person(), *lines))
    assert answer.status in {200, 431, None}


async def test_one_endless_header_is_cut_off(besieged: AppUnderTest) -> None:
    head = request("GET", PROFILE, besieged.person())[:-2] + b"X-Endless: "
    answer = await exchange(besieged, head, *[b"a" * MEBIBYTE] * 32)
    assert answer.status in {431, None}


async def test_a_head_may_have_60_kibibytes_and_no_mebibyte(besieged: AppUnderTest) -> None:
    for size, statuses in ((60 * 1024, {200}), (1024 * 1024, {431, None})):
        head = request("GET", PROFILE, besieged.person())[:-2]
        answer = await exchange(besieged, head, b"X-Long: ", *[b"a" * 4096] * (size // 4096), b"\r\n\r\n")
        assert answer.status in statuses


# --- paths -----------------------------------------------------------------------------------------


async def test_a_path_leads_where_it_says_or_nowhere(besieged: AppUnderTest) -> None:
    for target in [
        "/api/../metrics/x",
        "/api/..%2f..%2fetc/passwd",
        "/api/%2e%2e/%2e%2e/etc/passwd",
        "/pages/..%2findex.html",
        "/pages/..%2f..%2fsettings.py",
        "/pages/%00.css",
        "/pages/style.css%00.png",
        "/pages/.env",
        "/pages/..",
        "/pages/....//style.css",
        "/pages/%2e%2e%5csettings.py",
        "/characters/..%2f1",
        "/characters/1-000000000000.svg%00",
        "/api/chats/1%00/messages",
        "/api/chats/1%2fmessages",
        "/api/chats/%D9%A1/messages",
        "/api/chats/1;x=1/messages",
        "/api/chats/\u00e9/messages",
        "/api/chats/" + "1" * 5000 + "/messages",
        "/api/" + "a/" * 2000,
        "/" + "%41" * 3000,
        "/api/chats/1/messages/1'%20OR%201=1--",
        "/api/characters/1%20UNION%20SELECT",
        "/%",
        "/%zz",
        "/api/%c0%ae%c0%ae",
        "/\\..\\..\\x",
        "/api/users/profile%20",
        "/api/users/profile%0a",
        "/api/users/profile%00",
        "/api/users/profile?%00",
        "/api/users/profile?a=%ff",
        "/api/users/profile?" + "a&" * 5000,
        "/api/users/profile#x",
        "/API/users/profile",
    ]:
        answer = await exchange(besieged, request("GET", target, besieged.person()))
        assert answer.status in {200, 400, 404, 405, None}
        if answer.status == 200:
            assert target.startswith(("/api/users/profile", "/api/chats/1%2fmessages"))
        assert b"root:" not in answer.data
        assert b"Traceback" not in answer.data
        assert b"import " not in answer.data


async def test_no_spelling_of_a_path_gets_round_authentication(besieged: AppUnderTest) -> None:
    for target in [
        "//api/users/profile",
        "/api//users/profile",
        "///api///users///profile///",
        "/%61pi/users/profile",
        "/api/users/profile/",
        "http://127.0.0.1/api/users/profile",
        "http://evil.example/api/users/profile",
    ]:
        assert (await exchange(besieged, request("GET", target))).status == 401
        assert (await exchange(besieged, request("GET", target, besieged.person()))).status == 200


async def test_a_target_that_is_no_path_is_no_way_in(besieged: AppUnderTest) -> None:
    for target in ["*", "", "api/users/profile", "//", "http://", "http:///api", "127.0.0.1:80", "?x"]:
        for method in ("GET", "OPTIONS"):
            answer = await exchange(besieged, request(method, target))
            assert answer.status != 500
            assert b"telegram_user_id" not in answer.data


# --- methods ---------------------------------------------------------------------------------------


async def test_other_methods_give_nothing_away(besieged: AppUnderTest) -> None:
    for method in ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PUT", "PROPFIND", "get", "NONSENSE"]:
        stranger = await exchange(besieged, request(method, PROFILE))
        assert stranger.status in {400, 401, None}
        answer = await exchange(besieged, request(method, PROFILE, besieged.person(), "X-Canary: c4n4ry"))
        assert answer.status in {204, 400, 405, None}
        assert b"c4n4ry" not in answer.data
        if answer.status in {204, 405}:
            (allowed,) = [each for each in answer.head if each.lower().startswith(b"allow: ")]
            assert {b"GET", b"PATCH"} <= set(allowed.decode().upper().encode()[7:].split(b", "))


async def test_head_and_options_count_like_any_other_request(sqlite_db: OpenDatabase) -> None:
    async with AppUnderTest.running(sqlite_db, rate_limits="on") as limited:
        anya = limited.person()
        await limited.character("Кира")
        spellings = [
            "/api/chats/1/messages",
            "//api/chats/1/messages",
            "/api//chats//1//messages/",
            "/%61pi/chats/1/messages",
        ]
        statuses = [
            (await exchange(limited, request("GET" if number % 3 else "HEAD", spellings[number % 4], anya))).status
            for number in range(32)
        ]
        assert statuses.count(429) == 2
        assert statuses[30:] == [429, 429]
        others = [(await anya.call("OPTIONS", PROFILE)).status for _ in range(121)]
        assert others.count(429) == 1
