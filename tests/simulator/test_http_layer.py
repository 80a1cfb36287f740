import asyncio
import io
import json
import sys

import aiohttp
import init_data_py
import pytest

from parley_simulator import server
from parley_simulator.bot_api.methods import CANONICAL
from support.simulator import LENA, TOKEN, BotClient, Simulator, picture, read

ENDLESS = "9" * 5000
"""More digits than Python reads as a number."""


async def test_a_success_and_a_refusal_look_as_on_telegram(simulator: Simulator) -> None:
    answer = await simulator.bot().ask("getMe")
    assert (answer.status, answer.json["ok"]) == (200, True)
    assert answer.result["id"] == 42
    assert answer.result["is_bot"] is True
    assert answer.result["username"].endswith("bot")
    assert (await simulator.bot().ask("sendMessage", chat_id=1)).json == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: message text is empty",
    }


@pytest.mark.parametrize("method", ["getme", "GETME", "GetMe", "test/getMe", "TEST/getMe"[5:]])
async def test_a_method_is_known_in_any_case_and_on_the_test_servers(simulator: Simulator, method: str) -> None:
    assert (await simulator.bot().call(method))["id"] == 42


async def test_parameters_come_in_every_way(bot: BotClient) -> None:
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    fields = {"chat_id": str(LENA), "text": "hi & bye", "reply_markup": json.dumps(keyboard)}
    form = aiohttp.FormData(fields, default_to_multipart=True)
    url, session = bot.url("sendMessage"), bot.session
    calls = [
        session.get(url, params=fields),
        session.post(url, params=fields),
        session.post(url, data=fields),
        session.post(url, data=form),
        session.post(url, json=fields),
        session.post(url, json=fields | {"chat_id": LENA, "reply_markup": keyboard}),
        session.post(url, params={"chat_id": LENA, "text": "of the address"}, json=fields),
    ]
    for call in calls:
        async with call as response:
            message = (await read(response)).result
        assert message["text"] == "hi & bye"
        assert message["reply_markup"] == keyboard


@pytest.mark.parametrize("yes", [True, "true", "True", "1", 1, "yes"])
async def test_booleans_may_be_strings(bot: BotClient, yes: object) -> None:
    message = await bot.call("sendMessage", chat_id=LENA, text="hi", protect_content=yes)
    assert message["has_protected_content"] is True


@pytest.mark.parametrize(
    "token", ["042:TEST", "42", "42:", "42:ab", "x:TEST", ":TEST", "42:" + "a" * 61, "1" * 21 + ":TEST", "42:TE%20ST"]
)
async def test_a_malformed_token_is_refused(simulator: Simulator, token: str) -> None:
    assert await simulator.bot(token).refused("getMe") == (401, "Unauthorized: invalid token specified")
    assert (await simulator.get("/sim/bots")).json == {"bots": []}


@pytest.mark.parametrize("token", ["1:abc", "9" * 20 + ":" + "a_-" * 20, "42:TEST"])
async def test_a_bot_exists_from_the_first_use_of_its_token(simulator: Simulator, token: str) -> None:
    assert (await simulator.bot(token).call("getMe"))["id"] == int(token.partition(":")[0])


async def test_a_token_may_be_percent_encoded(simulator: Simulator) -> None:
    assert (await simulator.bot("42%3ATEST").call("getMe"))["id"] == 42


async def test_any_secret_opens_a_bot_and_the_last_one_signs(simulator: Simulator, bot: BotClient) -> None:
    assert (await bot.call("getMe"))["id"] == 42
    assert (await simulator.bot("42:OTHER").call("getMe"))["id"] == 42
    signed = await simulator.post("/sim/init-data", bot=42, user=LENA)
    init_data_py.validate_by_hash(signed["init_data"], "42:OTHER")


async def test_a_get_may_bring_its_parameters_in_a_body(simulator: Simulator, bot: BotClient) -> None:
    assert (await bot.call("getMe"))["id"] == 42
    form = {"chat_id": str(LENA), "text": "hi"}
    async with simulator.session.get(f"{simulator.base}/bot{TOKEN}/sendMessage", data=form) as answer:
        assert (await answer.json())["result"]["text"] == "hi"


async def test_an_unknown_method_is_not_found(bot: BotClient) -> None:
    assert await bot.refused("sendNothing") == (404, "Not Found: method not found")


@pytest.mark.parametrize("path", ["/bot42:TEST", "/bot", "/file/bot42:TEST/photos/none.jpg", "/file/x"])
async def test_a_bad_path_is_not_found(simulator: Simulator, bot: BotClient, path: str) -> None:
    assert (await simulator.get(path)).refusal == (404, "Not Found")


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"\xff", b"[" * 100_000])
async def test_json_that_is_no_object_is_refused(bot: BotClient, body: bytes) -> None:
    async with bot.session.post(bot.url("getMe"), data=body, headers={"Content-Type": "application/json"}) as response:
        assert (await read(response)).refusal == (400, "Bad Request: can't parse JSON object")


async def test_a_form_that_is_not_one_is_refused(bot: BotClient) -> None:
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        async with bot.session.post(bot.url("getMe"), data=b"nonsense", headers={"Content-Type": content_type}) as got:
            assert (await read(got)).status == 400


async def test_a_huge_body_is_refused(bot: BotClient) -> None:
    body = io.BytesIO(json.dumps({"text": "a" * (1 << 20)}).encode())
    headers = {"Content-Type": "application/json"}
    async with bot.session.post(bot.url("sendMessage"), data=body, headers=headers) as response:
        assert (await read(response)).refusal == (413, "Request Entity Too Large")


async def test_a_text_beyond_32_kibibytes_is_refused(bot: BotClient) -> None:
    assert await bot.refused("sendMessage", chat_id=LENA, text="a" * 32_769) == (400, "Bad Request: text is too long")


async def test_a_limit_is_told_in_the_body_and_in_the_head(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/sim/limits", chat_burst=1, chat_per_second=0.25)
    await bot.call("sendMessage", chat_id=LENA, text="one")
    answer = await bot.ask("sendMessage", chat_id=LENA, text="two")
    assert answer.refusal == (429, "Too Many Requests: retry after 4")
    assert answer.json["parameters"] == {"retry_after": 4}
    assert answer.headers["Retry-After"] == "4"


async def test_what_was_uploaded_can_be_downloaded(simulator: Simulator, bot: BotClient) -> None:
    form = aiohttp.FormData({"chat_id": str(LENA), "caption": "a <b>dot</b>", "parse_mode": "HTML"})
    form.add_field("photo", picture(), filename="dot.png", content_type="image/png")
    async with bot.session.post(bot.url("sendPhoto"), data=form) as response:
        message = (await read(response)).result
    assert message["caption"] == "a dot"
    (size,) = message["photo"]
    assert (size["width"], size["height"], size["file_size"]) == (1, 1, len(picture()))
    described = await bot.call("getFile", file_id=size["file_id"])
    assert (await simulator.get(f"/file/bot{TOKEN}/{described['file_path']}")).body == picture()
    again = await bot.call("sendPhoto", chat_id=LENA, photo=size["file_id"])
    assert again["photo"] == message["photo"]
    shown = await simulator.get(f"/web/files/42/{size['file_id']}")
    assert (shown.body, shown.headers["Content-Type"]) == (picture(), "image/png")


async def test_a_file_may_be_attached_under_any_name(bot: BotClient) -> None:
    form = aiohttp.FormData({"chat_id": str(LENA), "document": "attach://mine"})
    form.add_field("mine", b"<h1>hi</h1>", filename="page.html", content_type="text/html")
    async with bot.session.post(bot.url("sendDocument"), data=form) as response:
        document = (await read(response)).result["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == ("page.html", "text/html", 11)
    async with bot.session.get(f"{bot.base}/web/files/42/{document['file_id']}") as response:
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.content_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "there is no photo in the request"),
        ({"photo": "attach://none"}, "there is no photo in the request"),
        ({"photo": "https://example.org/a.png"}, "failed to get HTTP URL content"),
        ({"photo": "nothing"}, "wrong remote file identifier specified: Wrong character in the string"),
    ],
)
async def test_a_photo_that_is_not_there_is_refused(bot: BotClient, fields: dict[str, str], words: str) -> None:
    assert await bot.refused("sendPhoto", chat_id=LENA, **fields) == (400, f"Bad Request: {words}")


async def test_a_photo_that_is_no_picture_is_refused(bot: BotClient) -> None:
    form = aiohttp.FormData({"chat_id": str(LENA)})
    form.add_field("photo", b"not a picture", filename="dot.png", content_type="image/png")
    async with bot.session.post(bot.url("sendPhoto"), data=form) as response:
        assert (await read(response)).refusal == (400, "Bad Request: IMAGE_PROCESS_FAILED")


async def test_an_upload_beyond_fifty_mebibytes_is_refused(bot: BotClient) -> None:
    form = aiohttp.FormData({"chat_id": str(LENA)})
    form.add_field("document", io.BytesIO(bytes((51 << 20) + 1)), filename="big.bin")
    async with bot.session.post(bot.url("sendDocument"), data=form) as response:
        assert (await read(response)).refusal == (413, "Request Entity Too Large")


async def test_a_poll_whose_caller_has_gone_takes_no_updates(simulator: Simulator, bot: BotClient) -> None:
    poll = await simulator.waiting_poll(bot)
    poll.cancel()
    await asyncio.wait([poll])
    simulator.clock.advance(2.1)
    await simulator.says("hi")
    assert len(await bot.updates()) == 1
    assert [call["method"] for call in await simulator.calls(method="getUpdates")] == ["getUpdates"] * 3


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", ""])
async def test_the_server_listens_on_this_machine_alone(host: str) -> None:
    with pytest.raises(ValueError, match="this machine alone"):
        async with server.running(host):
            pass


async def test_a_taken_port_is_an_error(simulator: Simulator) -> None:
    with pytest.raises(OSError, match="in use"):
        async with server.running(port=int(simulator.base.rpartition(":")[2])):
            pass


async def test_it_runs_alone_until_it_is_asked_to_end() -> None:
    script = "from parley_simulator.server import serve; serve(ready=lambda url: print(url, flush=True))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    base = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:
        bot = BotClient(base, TOKEN, session)
        await bot.call("getMe")
        poll = bot.polling()
        async with session.get(f"{base}/web/events") as line:
            await line.content.readline()
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 10) == 0
        await asyncio.wait([poll])
        assert poll.exception() or poll.result().status == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://example.org"}, {"Host": "example.org"}, {"Origin": "null"}])
async def test_pages_of_other_sites_are_kept_out(simulator: Simulator, headers: dict[str, str]) -> None:
    for path in ("/sim/reset", "/web/read"):
        async with simulator.session.post(simulator.base + path, json={}, headers=headers) as response:
            assert (await read(response)).json == {"error": "only from this machine"}
            assert response.status == 403


async def test_the_page_is_served_with_a_strict_policy(simulator: Simulator) -> None:
    async with simulator.session.get(simulator.base + "/") as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "script-src 'self';" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        *("/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/server.py", "/none.js", "/core", "/%00.js"),
        f"/{'x' * 300}.js",
    ],
)
async def test_nothing_else_is_served(simulator: Simulator, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(simulator.base.rpartition(":")[2]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert b" 404 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_digits_without_end_are_nobodys_number(simulator: Simulator) -> None:
    state = await simulator.get(f"/web/state?person={ENDLESS}")
    assert (state.status, state.json["chats"]) == (200, [])
    assert (await simulator.get(f"/sim/users/{ENDLESS}")).status == 404
    assert (await simulator.get(f"/sim/calls?after={ENDLESS}")).status == 400


_NAMES = [
    "chat_id",
    "text",
    "parse_mode",
    "entities",
    "reply_markup",
    "reply_parameters",
    "message_id",
    "message_ids",
    "draft_id",
    "action",
    "commands",
    "callback_query_id",
    "scope",
    "language_code",
    "menu_button",
    "photo",
    "document",
    "file_id",
    "caption",
    "from_chat_id",
    "offset",
    "limit",
    "allowed_updates",
    "url",
    "secret_token",
    "prices",
    "title",
    "description",
    "payload",
    "currency",
    "user_id",
    "name",
    "pre_checkout_query_id",
    "telegram_payment_charge_id",
    "error_message",
]
_NONSENSE: list[object] = [
    None, True, -1, 1e300, 2**70, "", "\0", "[1", "٣", "9" * 30, [], {}, [[]], [{}], {"type": []}, {"type": {}},
    {"type": "chat", "chat_id": [1]}, {"type": "web_app", "text": "x", "web_app": 5}, {"message_id": 2**80},
    ENDLESS, [ENDLESS], {"message_id": ENDLESS}, {"type": "chat", "chat_id": ENDLESS},
    {"inline_keyboard": [[5]]}, {"keyboard": 5}, [{"type": [], "offset": "x"}], [{"type": "text_mention", "user": {}}],
]  # fmt: skip


@pytest.mark.parametrize("method", CANONICAL)
async def test_no_nonsense_breaks_a_method(simulator: Simulator, bot: BotClient, method: str) -> None:
    await simulator.post("/sim/limits", enabled=False)
    for value in _NONSENSE:
        for chat in (value, LENA):
            answer = await bot.ask(method, **dict.fromkeys(_NAMES, value) | {"chat_id": chat})
            assert answer.status < 500, value
