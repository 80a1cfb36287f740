"""Bodies no honest client sends, and lies about their length: the answer is ours or none, the next person is served."""

import asyncio
import gc
import json
import resource

from support.app import AppUnderTest
from support.raw_http import connect, exchange, request

PROFILE = "/api/users/profile"
MEBIBYTE = 1024 * 1024


# --- bodies ----------------------------------------------------------------------------------------


def peak() -> int:
    """The most memory this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def test_a_body_that_says_it_is_too_large_is_not_even_read(besieged: AppUnderTest) -> None:
    sent = request("POST", "/api/chats/1/messages", besieged.person(), f"Content-Length: {100 * MEBIBYTE}")
    answer = await exchange(besieged, sent)
    assert answer.status == 413
    assert json.loads(answer.data.partition(b"\r\n\r\n")[2])["error"] == "payload_too_large"


async def test_a_hundred_mebibytes_are_refused_in_bounded_memory(besieged: AppUnderTest) -> None:
    gc.collect()
    before, piece = peak(), b"a" * MEBIBYTE
    plain = request("POST", "/api/chats/1/messages", besieged.person(), f"Content-Length: {100 * MEBIBYTE}")
    chunked = request("POST", "/api/chats/1/messages", besieged.person(), "Transfer-Encoding: chunked")
    for head, sent in ((plain, piece), (chunked, b"100000\r\n" + piece + b"\r\n")):
        answer = await exchange(besieged, head, *[sent] * 100)
        assert answer.status in {413, None}
    assert peak() - before < 64 * MEBIBYTE


async def test_a_body_may_have_64_kibibytes_and_not_one_byte_more(besieged: AppUnderTest) -> None:
    for length in [64 * 1024, 64 * 1024 + 1]:
        body = b'{"confirmed": true}'.ljust(length)
        for lines in ([], ["Transfer-Encoding: chunked"]):
            sent = body if not lines else b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
            answer = await exchange(
                besieged, request("POST", "/api/users/confirm-adult", besieged.person(), *lines, body=sent)
            )
            assert answer.status == (200 if length == 64 * 1024 else 413)


BODIES = (
    b'{"message": ' + b"[" * 30_000,
    b'{"a":' * 12_000,
    b"[" * 30_000 + b"]" * 30_000,
    b'{"message": 1e999}',
    b'{"message": NaN}',
    b'{"message": ' + b"9" * 60_000 + b"}",
    b'{"message": "\\ud800"}',
    bytes(range(256)),
    b"\x00" * 1000,
    b'{"message": "\xff\xfe"}',
    b'\xef\xbb\xbf{"message": "x"}',
    '{"message": "x"}'.encode("utf-16"),
    b"\x1f\x8b\x08\x00" * 100,
    b"[]",
    b'"message"',
    b"null",
    b"",
    b"message=x",
)


async def test_a_body_that_is_no_body_of_ours_is_400(besieged: AppUnderTest) -> None:
    for body in BODIES:
        for path in (
            "/api/chats/1/messages",
            "/api/chats/1/memories",
            "/api/users/confirm-adult",
            "/api/chats/1/forget-recent",
        ):
            answer = await besieged.person().call("POST", path, raw=body)
            assert (answer.status, answer.json["error"]) == (400, "invalid_input")
        for path in (PROFILE, "/api/chats/1/session"):
            assert (await besieged.person().call("PATCH", path, raw=body)).status == 400


async def test_of_a_member_given_twice_the_last_counts(besieged: AppUnderTest) -> None:
    body = b'{"confirmed": true, "confirmed": false}'
    answer = await besieged.person().call("POST", "/api/users/confirm-adult", raw=body)
    assert answer.json == {"success": True, "is_adult_confirmed": False}


async def test_the_kind_a_body_says_it_is_of_changes_nothing(besieged: AppUnderTest) -> None:
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/msgpack",
        "text/plain",
        "application/json; charset=utf-16",
        "x" * 5000,
    ]:
        good = await besieged.person().call(
            "POST", "/api/users/confirm-adult", raw=b'{"confirmed": true}', headers={"Content-Type": kind}
        )
        assert good.status == 200
        bad = await besieged.person().call(
            "POST", "/api/users/confirm-adult", raw=b"--x\r\n\r\n", headers={"Content-Type": kind}
        )
        assert bad.status == 400


# --- framing ---------------------------------------------------------------------------------------

SMUGGLED = b"GET /api/users/limits HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_two_readings_of_a_bodys_length_never_make_two_requests(besieged: AppUnderTest) -> None:
    for lines in [
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Transfer-Encoding: chunked, identity"],
        ["Transfer-Encoding: identity, chunked"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding : chunked"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5, 6"],
        ["Content-Length: -1"],
        ["Content-Length: +5"],
        ["Content-Length: 5x"],
        ["Content-Length: 0x5"],
        ["Content-Length: " + "9" * 40],
        ["Content-Length : 5"],
        [" Content-Length: 5"],
    ]:
        sent = request("POST", "/api/users/confirm-adult", besieged.person(), *lines) + b"0\r\n\r\n" + SMUGGLED
        answer = await exchange(besieged, sent)
        assert answer.status in {400, 413, None}
        assert 200 not in answer.statuses
        assert (await besieged.person().get(PROFILE)).json["is_adult_confirmed"] is False


async def test_a_body_shorter_than_it_says_waits_and_is_never_answered(besieged: AppUnderTest) -> None:
    sent = (
        request("POST", "/api/users/confirm-adult", besieged.person(), "Content-Length: 100") + b'{"confirmed": true}'
    )
    assert (await exchange(besieged, sent, within=0.3)).data == b""
    assert (await besieged.person().get(PROFILE)).json["is_adult_confirmed"] is False


async def test_bytes_beyond_a_bodys_length_are_never_part_of_it(besieged: AppUnderTest) -> None:
    sent = request("POST", "/api/users/confirm-adult", besieged.person(), "Content-Length: 19")
    answer = await exchange(besieged, sent + b'{"confirmed": true}' + b"GARBAGE\r\n\r\n")
    assert set(answer.statuses) <= {200, 400}


async def test_what_is_no_http_is_dropped(besieged: AppUnderTest) -> None:
    for noise in [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\x00" * 4096,
        b"\r\n" * 1000,
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\xff" * 4096,
    ]:
        answer = await exchange(besieged, noise, within=0.3)
        assert answer.status in {400, 401, 404, 405, 431, 505, None}


async def test_those_who_never_finish_their_request_hold_up_nobody(besieged: AppUnderTest) -> None:
    slow = [await connect(besieged) for _ in range(200)]
    try:
        for _, writer in slow:
            writer.write(b"GET /api/users/profile HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for _, writer in slow:
            writer.write(b"a")
        async with asyncio.timeout(5):
            assert (await besieged.person().get(PROFILE)).status == 200
    finally:
        for _, writer in slow:
            writer.close()


async def test_those_who_leave_in_the_middle_leave_nothing_behind(besieged: AppUnderTest) -> None:
    body, going_on = b'{"message": "x"}', asyncio.Event()
    besieged.model.will_say("Жила", "-была", wait=going_on)
    for sent in (body[:5], body):
        _, writer = await connect(besieged)
        writer.write(request("POST", "/api/chats/1/messages", besieged.person(), f"Content-Length: {len(body)}") + sent)
        await writer.drain()
        if sent == body:
            await asyncio.wait_for(besieged.model.said.wait(), 10)
        writer.transport.abort()
    going_on.set()
    anya = besieged.person()
    async with anya.socket(1, after=0) as socket:
        await socket.until("message.complete")
    assert [each["message_text"] for each in await anya.history(1)] == ["x", "Жила-была"]
    assert (await anya.get("/api/users/limits")).json["messages_limit"]["used"] == 1


# --- injections into what is stored ------------------------------------------------------------------


async def test_what_people_write_comes_back_as_they_wrote_it(besieged: AppUnderTest) -> None:
    for text in [
        "'; DROP TABLE messages;--",
        "<script>alert(1)</script>",
        "%s %d {0} {x}",
        "\u202eabc",
        "a\r\nSet-Cookie: x=1",
        ":name :user",
        "\\x00\\u0000",
        "${7*7}",
        "\U0001f600" * 100,
        "\\0",
        "NULL",
    ]:
        anya = besieged.person()
        besieged.model.will_say(text, "")
        answer = await anya.says(1, text)
        assert answer.json["user_message"]["message_text"] == text
        assert answer.json["assistant_message"]["message_text"] == text
        memory = await anya.post("/api/chats/1/memories", {"content": text, "memory_type": "fact"})
        assert memory.json["content"] == text
        assert [each["message_text"] for each in await anya.history(1)][-2:] == [text, text]
        found = await anya.get("/api/characters/search?q=" + "".join(f"%{byte:02x}" for byte in text.encode()[:200]))
        assert found.status in {200, 400}
