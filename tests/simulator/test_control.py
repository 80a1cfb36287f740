import asyncio
import io
import json
from urllib.parse import parse_qs, urlsplit

import init_data_py
import pytest

from parley_simulator.init_data import with_fragment
from support.simulator import LENA, TOKEN, WITHIN, BotClient, Json, Simulator

KEYBOARD = {"inline_keyboard": [[{"text": "yes", "callback_data": "y"}]]}

PUBLIC_KEY = "4112765021341e5415e772cd65903f6b94e3ea1c2ab669e6d3e18ee2db00da61"
"""Of the published test pair that the simulator signs with."""


async def test_bots_are_listed(simulator: Simulator) -> None:
    assert (await simulator.get("/sim/bots")).json == {"bots": []}
    await simulator.known_bot()
    expected = {
        "id": 42,
        "username": "local_42_bot",
        "allowed_updates": None,
        "webhook_url": "",
        "pending_update_count": 0,
        "polling": False,
        "commands": [],
        "held": False,
    }
    assert (await simulator.get("/sim/bots")).json == {"bots": [expected]}
    assert (await simulator.get("/sim/bots/42")).json == expected


async def test_a_person_is_made_and_changed(simulator: Simulator) -> None:
    made = await simulator.post("/sim/users", first_name="Ира", language_code="ru", username="ira")
    assert made == {
        "id": made["id"],
        "is_bot": False,
        "first_name": "Ира",
        "username": "ira",
        "language_code": "ru",
        "stars": 1000,
    }
    changed = await simulator.post(
        "/sim/users", id=made["id"], first_name="Ирина", last_name="К", is_premium=True, username=None, stars=5
    )
    assert changed == {
        "id": made["id"],
        "is_bot": False,
        "first_name": "Ирина",
        "last_name": "К",
        "language_code": "ru",
        "is_premium": True,
        "stars": 5,
    }
    assert (await simulator.get(f"/sim/users/{made['id']}")).json == changed
    assert (await simulator.post("/sim/users", first_name="Next"))["id"] == made["id"] + 1


async def test_writing_opens_a_chat_and_marks_commands(simulator: Simulator) -> None:
    bot = await simulator.known_bot()
    await simulator.user(username="lena")
    told = await simulator.says("/start@local_42_bot now")
    message = told["message"]
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 19}]
    assert message["chat"] == {"id": LENA, "type": "private", "first_name": "Lena", "username": "lena"}
    assert abs(message["date"] - simulator.clock.now()) < 60
    (update,) = await bot.updates()
    assert update == {"update_id": told["update_id"], "message": message}


async def test_a_person_replies_and_edits(simulator: Simulator, bot: BotClient) -> None:
    sent = await bot.call("sendMessage", chat_id=LENA, text="well?")
    reply = (await simulator.says("so", reply_to=sent["message_id"]))["message"]
    assert reply["reply_to_message"] == sent
    edit = await simulator.post("/sim/chats/42/edits", from_=LENA, message_id=reply["message_id"], text="so #what")
    assert edit["message"]["text"] == "so #what"
    assert edit["message"]["edit_date"] >= reply["date"]
    assert edit["message"]["entities"] == [{"type": "hashtag", "offset": 3, "length": 5}]
    assert (await simulator.chat())["messages"][-1] == edit["message"]
    assert [next(iter(update.keys() - {"update_id"})) for update in await bot.updates()] == [
        "message",
        "edited_message",
    ]


async def test_the_ids_of_updates_rise(simulator: Simulator, bot: BotClient) -> None:
    first = await simulator.says("one")
    edit = await simulator.post(
        "/sim/chats/42/edits", from_=LENA, message_id=first["message"]["message_id"], text="two"
    )
    block = await simulator.post("/sim/block", bot=42, from_=LENA, blocked=True)
    assert [edit["update_id"], block["update_id"]] == [first["update_id"] + 1, first["update_id"] + 2]


async def test_a_chat_nobody_opened_is_empty(simulator: Simulator) -> None:
    await simulator.known_bot()
    await simulator.user()
    assert await simulator.chat() == {"messages": [], "deleted": [], "draft": None, "action": None}


async def test_a_tap_needs_its_button_unless_it_is_stale(simulator: Simulator, bot: BotClient) -> None:
    message = await bot.call("sendMessage", chat_id=LENA, text="?", reply_markup=KEYBOARD)
    tap = {"bot": 42, "from": LENA, "message_id": message["message_id"]}
    assert (await simulator.ask("/sim/callbacks", **tap, data="n")).status == 400
    await bot.call("editMessageText", chat_id=LENA, message_id=message["message_id"], text="!")
    assert (await simulator.ask("/sim/callbacks", **tap, data="y")).status == 400
    assert (await simulator.ask("/sim/callbacks", **tap, data="y", stale=True)).status == 200
    await bot.call("deleteMessage", chat_id=LENA, message_id=message["message_id"])
    assert (await simulator.ask("/sim/callbacks", **tap, data="y", stale=True)).status == 200
    edited, deleted = await bot.updates()
    assert edited["callback_query"]["message"]["text"] == "!"
    assert deleted["callback_query"]["message"] == {
        "chat": {"id": LENA, "type": "private", "first_name": "Lena"},
        "message_id": message["message_id"],
        "date": 0,
    }


async def test_blocking_tells_the_bot_once(simulator: Simulator, bot: BotClient) -> None:
    told = await simulator.post("/sim/block", bot=42, from_=LENA, blocked=True)
    assert await simulator.post("/sim/block", bot=42, from_=LENA, blocked=True) == {"update_id": None}
    await simulator.post("/sim/block", bot=42, from_=LENA, blocked=False)
    blocked, unblocked = await bot.updates()
    assert blocked["update_id"] == told["update_id"]
    for update, statuses in ((blocked, ("member", "kicked")), (unblocked, ("kicked", "member"))):
        changed = update["my_chat_member"]
        assert (changed["old_chat_member"]["status"], changed["new_chat_member"]["status"]) == statuses
        assert changed["from"]["id"] == LENA
        assert changed["new_chat_member"]["user"]["id"] == 42


async def test_init_data_is_signed_by_the_bot(simulator: Simulator, bot: BotClient) -> None:
    await simulator.user(first_name='Lé "+&=%', last_name="К", language_code="ru", is_premium=True)
    launched = await simulator.post("/sim/init-data", bot=42, user=LENA)
    assert launched["url"] is None
    init_data = init_data_py.validate_by_hash(launched["init_data"], TOKEN)
    assert init_data.user is not None
    assert (init_data.user.id, init_data.user.first_name, init_data.user.is_premium) == (LENA, 'Lé "+&=%', True)
    assert init_data.query_id
    assert init_data.start_param is None
    init_data_py.validate_by_signature(launched["init_data"], 42, public_key=PUBLIC_KEY)


async def test_the_launch_address_bears_everything_the_app_is_told(simulator: Simulator, bot: BotClient) -> None:
    app = {"type": "web_app", "text": "Open", "web_app": {"url": "http://127.0.0.1:8080/app/?a=1"}}
    await bot.call("setChatMenuButton", menu_button=app)
    launched = await simulator.post("/sim/init-data", bot=42, user=LENA, start_param="ref_1")
    init_data_py.validate_by_hash(launched["init_data"], TOKEN)
    assert parse_qs(launched["init_data"])["start_param"] == ["ref_1"]
    address = urlsplit(launched["url"])
    assert parse_qs(address.query) == {"a": ["1"], "tgWebAppStartParam": ["ref_1"]}
    told = parse_qs(address.fragment)
    assert told["tgWebAppData"] == [launched["init_data"]]
    assert told["tgWebAppVersion"] >= ["9.1"]
    assert told["tgWebAppPlatform"] == ["weba"]
    assert "bg_color" in json.loads(told["tgWebAppThemeParams"][0])


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://a/", "https://a/#P"),
        ("https://a/#", "https://a/#P"),
        ("https://a/#/s/1", "https://a/#/s/1?P"),
        ("https://a/#/s/1?view=x", "https://a/#/s/1?view=x&P"),
    ],
)
def test_an_address_with_a_fragment_keeps_it(url: str, whole: str) -> None:
    assert with_fragment(url, "P") == whole


async def test_calls_are_written_down(simulator: Simulator) -> None:
    bot = simulator.bot()
    await bot.ask("GETME")
    await bot.ask("sendMessage", chat_id=5, text="hi")
    await simulator.bot("43:OTHER").ask("getMe")
    await simulator.bot("0:bad").ask("getMe")
    calls = await simulator.calls()
    assert [(call["n"], call["bot"], call["method"], call["status"]) for call in calls] == [
        (1, 42, "getMe", 200),
        (2, 42, "sendMessage", 400),
        (3, 43, "getMe", 200),
        (4, None, "getMe", 401),
    ]
    assert calls[1]["params"] == {"chat_id": 5, "text": "hi"}
    assert calls[1]["response"] == {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    assert abs(calls[0]["time"] - simulator.clock.now()) < 60
    assert [call["n"] for call in await simulator.calls(bot=42)] == [1, 2]
    assert [call["n"] for call in await simulator.calls(method="getme", after=1)] == [3, 4]
    assert await simulator.calls(after=4) == []


async def test_a_long_poll_is_written_down_when_it_ends(simulator: Simulator, bot: BotClient) -> None:
    before = len(await simulator.calls())
    poll = await simulator.waiting_poll(bot)
    assert len(await simulator.calls()) == before
    await simulator.says("hi")
    await poll
    (call,) = await simulator.calls(after=before)
    assert call["method"] == "getUpdates"
    assert call["response"]["result"][0]["message"]["text"] == "hi"


async def test_a_reset_forgets_everything_and_frees_whoever_waits(simulator: Simulator, bot: BotClient) -> None:
    poll = await simulator.waiting_poll(bot)
    await simulator.post("/sim/reset")
    assert (await poll).result == []
    assert (await simulator.get("/sim/bots")).json == {"bots": []}
    assert (await simulator.get(f"/sim/users/{LENA}")).status == 404
    assert await simulator.bot("42:ANOTHER").call("getMe")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sim/reset", {"all": True}),
        ("/sim/users", {}),
        ("/sim/users", {"first_name": ""}),
        ("/sim/users", {"first_name": "x", "id": True}),
        ("/sim/users", {"first_name": "x", "stars": -1}),
        ("/sim/chats/42/messages", {"from": LENA}),
        ("/sim/chats/42/messages", {"from": LENA, "text": ""}),
        ("/sim/chats/42/messages", {"from": LENA, "text": "a" * 4097}),
        ("/sim/chats/42/messages", {"from": LENA, "text": "x", "reply_to": 999}),
        ("/sim/chats/42/messages", {"from": LENA, "text": "x", "colour": "red"}),
        ("/sim/chats/42/messages", {"from": 999, "text": "x"}),
        ("/sim/chats/999/messages", {"from": LENA, "text": "x"}),
        ("/sim/chats/x/messages", {"from": LENA, "text": "x"}),
        ("/sim/chats/42/edits", {"from": LENA, "message_id": 999, "text": "x"}),
        ("/sim/chats/42/edits", {"from": LENA, "message_id": 2, "text": "x"}),
        ("/sim/callbacks", {"bot": 42, "from": LENA, "message_id": 999, "data": "y", "stale": True}),
        ("/sim/callbacks", {"bot": 42, "from": LENA, "message_id": 2, "data": "a" * 65, "stale": True}),
        ("/sim/drafts/stop", {"bot": 42, "from": LENA, "draft_id": 1}),
        ("/sim/block", {"bot": 42, "from": LENA}),
        ("/sim/init-data", {"bot": 42, "user": 999}),
        ("/sim/init-data", {"bot": 42, "user": LENA, "start_param": "a b"}),
        ("/sim/hold", {"bot": 999, "hold": True}),
        ("/sim/redeliver", {"bot": 42, "update_ids": [1]}),
        ("/sim/nothing", {}),
        ("/web/data", {"bot": 42, "from": LENA, "button_text": "x", "data": ""}),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(
    simulator: Simulator, bot: BotClient, path: str, fields: Json
) -> None:
    await bot.call("sendMessage", chat_id=LENA, text="of the bot")
    answer = await simulator.ask(path, **fields)
    assert 400 <= answer.status < 500
    assert answer.json.keys() == {"error"}
    assert answer.json["error"]


@pytest.mark.parametrize(
    "path", ["/sim/bots/9", "/sim/users/9", "/sim/chats/42/9", "/sim/chats/9/7", "/sim/callbacks/9", "/sim/calls?x=1"]
)
async def test_what_is_not_there_is_refused_with_a_reason(simulator: Simulator, bot: BotClient, path: str) -> None:
    answer = await simulator.get(path)
    assert 400 <= answer.status < 500
    assert answer.json.keys() == {"error"}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"first_name": "\\ud800"}'])
async def test_a_body_that_is_no_object_is_refused(simulator: Simulator, body: bytes) -> None:
    async with simulator.session.post(f"{simulator.base}/sim/users", data=body) as response:
        assert response.status == 400
        assert "error" in await response.json()


async def test_a_huge_body_is_refused(simulator: Simulator) -> None:
    body = io.BytesIO(json.dumps({"first_name": "x" * (1 << 20)}).encode())
    async with simulator.session.post(f"{simulator.base}/sim/users", data=body) as response:
        assert response.status == 413
        assert "error" in await response.json()


async def test_the_web_client_sees_its_persons_chats(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("setMyName", name="Parrot")
    await bot.call("setMyDescription", description="I repeat")
    await bot.call("setMyCommands", commands=[{"command": "start", "description": "Begin"}])
    await bot.call("sendMessage", chat_id=LENA, text="hello")
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=1, text="mo", can_stop=True)
    state = (await simulator.get(f"/web/state?person={LENA}")).json
    (shown,) = state["bots"]
    assert (shown["id"], shown["name"], shown["description"], shown["menu_button"]) == (42, "Parrot", "I repeat", None)
    assert shown["commands"] == [{"command": "start", "description": "Begin"}]
    assert state["people"] == [{"id": LENA, "is_bot": False, "first_name": "Lena", "stars": 1000}]
    (chat,) = state["chats"]
    assert chat.pop("last")["text"] == "hello"
    assert chat == {"bot": 42, "unread": 1, "blocked": False, "started": True, "can_stop": True}
    await simulator.post("/web/read", bot=42, person=LENA)
    assert (await simulator.get(f"/web/state?person={LENA}")).json["chats"][0]["unread"] == 0
    assert (await simulator.get("/web/state?person=9")).json["chats"] == []


async def test_the_web_client_hears_what_changes(simulator: Simulator, bot: BotClient) -> None:
    async with simulator.session.get(f"{simulator.base}/web/events") as line:
        assert line.content_type == "text/event-stream"
        heard: list[Json] = []

        async def until(*events: Json) -> None:
            async with asyncio.timeout(WITHIN):
                while not all(event in heard for event in events):
                    text = (await line.content.readline()).decode()
                    if text.startswith("data: "):
                        heard.append(json.loads(text[6:]))

        await line.content.readline()
        chat = {"kind": "chat", "bot": 42, "chat": LENA}
        message = await bot.call("sendMessage", chat_id=LENA, text="?", reply_markup=KEYBOARD)
        await until(chat)
        heard.clear()
        tap = await simulator.post("/sim/callbacks", bot=42, from_=LENA, message_id=message["message_id"], data="y")
        await bot.call("answerCallbackQuery", callback_query_id=tap["callback_query_id"], text="ok")
        answered = {"kind": "callback", "id": tap["callback_query_id"], "text": "ok", "show_alert": False, "url": None}
        await until(answered)
        await bot.call("sendMessageDraft", chat_id=LENA, draft_id=1, text="x")
        await until(chat)
        heard.clear()
        simulator.clock.advance(31)  # the draft ends by itself
        await until(chat)
        await bot.call("setMyName", name="Parrot")
        await until({"kind": "state"})
        await simulator.post("/sim/reset")
        await until({"kind": "reset"})


async def test_what_an_app_gives_reaches_the_bot(simulator: Simulator, bot: BotClient) -> None:
    await simulator.post("/web/data", bot=42, from_=LENA, button_text="Open", data="chosen")
    (update,) = await bot.updates()
    assert update["message"]["web_app_data"] == {"button_text": "Open", "data": "chosen"}
