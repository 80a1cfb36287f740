"""`/api/ws/chat/{characterId}`: who is let in, what is heeded, who hears what."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from support.app import AppUnderTest, Socket, Someone
from support.turns import kinds, lasting, texts, under_way, used


def address(someone: Someone, character: object, query: str) -> URL:
    """The socket's address with a query string that stays as it is."""
    return URL(f"{someone.base_url.replace('http', 'ws', 1)}/api/ws/chat/{character}?{query}", encoded=True)


async def refusal(someone: Someone, character: object, query: str) -> tuple[str, int | None]:
    """The code of the error event, and of the close that follows it."""
    async with someone.session.ws_connect(address(someone, character, query)) as connection:
        socket = Socket(connection)
        frame = await socket.next()
        assert frame["event"] == "error"
        return frame["data"]["code"], await socket.closed()


# --- who is let in


async def test_the_refused_are_told_why_and_closed_with_the_code_for_it(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    kira = await sqlite_app.character()
    premium = await sqlite_app.character(access_type="premium")
    nsfw = await sqlite_app.character(content_rating="nsfw")
    inactive = await sqlite_app.character(is_active=False)
    mine = f"initData={quote(anya.init_data, safe='')}"
    assert await refusal(anya, kira, "") == ("unauthorized", 4401)
    assert await refusal(anya, kira, "initData=") == ("unauthorized", 4401)
    assert await refusal(anya, kira, mine[:-1] + "0") == ("unauthorized", 4401)
    assert await refusal(anya, 999_999, "initData=nobody") == ("unauthorized", 4401)
    assert await refusal(anya, premium, mine) == ("premium_required", 4403)
    assert await refusal(anya, nsfw, mine) == ("age_confirmation_required", 4403)
    for absent in (999_999, inactive, 0, -1, "x", 2**63, "1e3"):
        assert await refusal(anya, absent, mine) == ("character_not_found", 4404)


async def test_init_data_is_understood_encoded_and_raw_as_in_the_specs_example(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person(name="Аня +&?=%")
    raw = anya.init_data
    for query in (
        f"initData={quote(raw, safe='')}",
        f"initData={raw}",
        f"after=0&initData={raw}",
        f"initData={raw}&after=0",
        f"initData={quote(raw, safe='')}&after=0",
    ):
        async with anya.session.ws_connect(address(anya, kira, query)) as connection:
            socket = Socket(connection)
            await socket.send("ping")
            assert (await socket.next())["event"] == "pong"


async def test_an_after_that_is_no_number_is_refused(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    for wrong in ("x", "-1", "", "1.5"):
        code, _ = await refusal(anya, kira, f"initData={quote(anya.init_data, safe='')}&after={wrong}")
        assert code == "invalid_input"


# --- what is heeded

BAD_FRAMES: list[str | bytes] = [
    "not JSON",
    "",
    "[]",
    "null",
    '"send_message"',
    "{}",
    '{"event": 5}',
    '{"event": "unknown"}',
    '{"event": "send_message"}',
    '{"event": "send_message", "data": "Hi"}',
    '{"event": "send_message", "data": {"message": 5}}',
    '{"event": "send_message", "data": {"message": "  "}}',
    '{"event": "send_message", "data": {"message": "nul \\u0000"}}',
    '{"event": "send_message", "data": {"message": "half \\ud800"}}',
    '{"event": "send_message", "data": {"message": "Hi", "role": "system"}}',
    '{"event": "send_message", "data": {"message": "Hi", "client_id": 5}}',
    '{"event": "send_message", "data": {"message": "Hi", "client_id": ""}}',
    json.dumps({"event": "send_message", "data": {"message": "Hi", "client_id": "x" * 129}}),
    json.dumps({"event": "send_message", "data": {"message": "x" * 4001}}),
    '{"event": "resume"}',
    '{"event": "resume", "data": {"after": "x"}}',
    '{"event": "resume", "data": {"after": -1}}',
    '{"event": "resume", "data": {"after": 1e400}}',
    "[" * 5000,
    b"\x00\xff binary",
]


async def test_a_bad_frame_is_answered_and_the_socket_stays_open(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    async with anya.socket(kira) as phone:
        for frame in BAD_FRAMES:
            await (phone.connection.send_str(frame) if isinstance(frame, str) else phone.connection.send_bytes(frame))
            answer = await phone.next()
            assert (answer["event"], answer["data"]["code"]) == ("error", "invalid_input"), frame
            assert "seq" not in answer
        await phone.send("send_message", message="Hi")
        await phone.until("message.complete")
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 1)


async def test_a_frame_over_its_bound_ends_that_socket_alone(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    async with anya.socket(kira) as phone, anya.socket(kira) as laptop:
        await phone.connection.send_str("x" * (64 * 1024 + 1))
        assert await phone.closed() == 1009
        await laptop.send("ping")
        assert (await laptop.next())["event"] == "pong"


async def test_the_longest_message_goes_through_however_it_is_escaped(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    async with anya.socket(kira) as phone:
        await phone.connection.send_str(json.dumps({"event": "send_message", "data": {"message": "🙂" * 4000}}))
        assert (await phone.next())["data"]["message_text"] == "🙂" * 4000


async def test_thirty_events_a_minute_are_heeded_and_pings_are_not_counted(sqlite_app: AppUnderTest) -> None:
    async with AppUnderTest.running(sqlite_app.parley.world.db, rate_limits="on") as limited:
        kira, anya = await limited.character(), limited.person()
        async with anya.socket(kira) as phone, anya.socket(kira) as laptop:
            for _ in range(40):
                await phone.send("ping")
                assert (await phone.next())["event"] == "pong"
            for number in range(30):
                device = phone if number % 2 else laptop
                await device.send("stop") if number % 3 else await device.connection.send_str("no JSON")
                await device.send("ping")
                await device.until("pong")
            await phone.send("stop")
            told = (await phone.next())["data"]
            assert (told["code"], told["message"]) == ("rate_limit", "Слишком много запросов, подождите")
            assert 1 <= told["retry_after"] <= 60


# --- one message, however often it is sent


async def test_the_same_client_id_twice_is_one_message(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    async with anya.socket(kira) as phone:
        await phone.send("send_message", message="Hi", client_id="c1")
        first = await phone.until("message.complete")
        await phone.send("send_message", message="Hi", client_id="c1")
        echo = await phone.next()
        await phone.send("ping")
        assert (await phone.next())["event"] == "pong"
    assert (echo["event"], echo["data"]) == ("message.new", first[0]["data"])
    assert "seq" not in echo
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 1)


async def test_the_same_client_id_is_one_message_also_while_it_waits_and_across_connections(app: AppUnderTest) -> None:
    kira, anya, end = await app.character(), app.person(), asyncio.Event()
    app.model.will_say("One", " two", wait=end)
    async with anya.socket(kira) as phone:
        await phone.send("send_message", message="First", client_id="c1")
        await phone.until("message.delta")
        for client_id in ("c2", "c2", "c1"):
            await phone.send("send_message", message="Second", client_id=client_id)
        await phone.send("ping")
        await phone.until("pong")
    async with anya.socket(kira, after=0) as phone:
        await phone.send("send_message", message="Second", client_id="c2")
        end.set()
        await phone.until("message.complete")
        await phone.until("message.complete")
        echoed = await phone.next()
    assert echoed["data"]["client_id"] == "c2"
    assert (await texts(anya, kira), await used(anya)) == (["First", "One two", "Second", "All right."], 2)


async def test_the_same_client_id_answers_the_message_whose_turn_failed(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    app.model.will_say("", "never", wait=asyncio.Event())
    async with anya.socket(kira) as phone:
        await phone.send("send_message", message="Hi", client_id="c1")
        said = (await phone.until("message.typing"))[0]["data"]
        await phone.send("stop")
        await phone.until("error")
        await phone.send("send_message", message="Hi", client_id="c1")
        frames = await phone.until("message.complete")
    assert said in [each["data"] for each in frames if each["event"] == "message.new"]
    assert (await texts(anya, kira), await used(anya)) == (["Hi", "All right."], 1)


async def test_two_people_may_use_the_same_client_id(sqlite_app: AppUnderTest) -> None:
    kira = await sqlite_app.character()
    for someone in (sqlite_app.person(7), sqlite_app.person(8)):
        async with someone.socket(kira) as phone:
            await phone.send("send_message", message="Hi", client_id="c1")
            await phone.until("message.complete")
        assert await used(someone) == 1


# --- who hears what


async def test_all_devices_of_a_person_hear_the_same_whoever_asked(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    async with anya.socket(kira) as phone, anya.socket(kira) as laptop:
        assert (await anya.says(kira, "By REST")).status == 200
        await phone.send("send_message", message="By socket")
        heard = [
            [frame for _ in range(2) for frame in await device.until("message.complete")] for device in (phone, laptop)
        ]
    assert lasting(heard[0]) == lasting(heard[1])
    assert [each["seq"] for each in lasting(heard[0])] == [1, 2, 3, 4, 5, 6]


async def test_changes_by_rest_are_heard_on_sockets(app: AppUnderTest) -> None:
    kira, anya = await app.character(), app.person()
    answer = (await anya.says(kira, "Hi")).json
    said, reply = answer["user_message"]["id"], answer["assistant_message"]["id"]
    async with anya.socket(kira) as phone:
        await anya.patch(f"/api/chats/{kira}/messages/{said}", {"message": "Hello"})
        await anya.patch(f"/api/chats/{kira}/session", {"mood_preference": "sweet"})
        await anya.delete(f"/api/chats/{kira}/messages/{reply}")
        await anya.post(f"/api/chats/{kira}/new-scene", {"messages_to_keep": 1})
        updated, session, deleted, reset = [await phone.next() for _ in range(4)]
    assert [updated["seq"], session["seq"], deleted["seq"], reset["seq"]] == [4, 5, 6, 7]
    assert (updated["event"], updated["data"]["message_text"]) == ("message.updated", "Hello")
    assert "edited_at" in updated["data"]
    assert (session["event"], session["data"]["mood_preference"]) == ("session.updated", "sweet")
    assert session["data"] == (await anya.get(f"/api/chats/{kira}/session")).json | {
        "messages_count": 2
    }  # as it was when it was told
    assert (deleted["event"], deleted["data"]) == ("message.deleted", {"message_ids": [reply]})
    assert (reset["event"], reset["data"]) == ("chat.reset", {"kept_message_ids": [said]})


async def test_nobody_hears_another_persons_chat(sqlite_app: AppUnderTest) -> None:
    kira, anya, boris = await sqlite_app.character(), sqlite_app.person(7), sqlite_app.person(8)
    async with anya.socket(kira) as hers, boris.socket(kira, after=0) as his:
        await hers.send("send_message", message="A secret")
        await hers.until("message.complete")
        await his.send("resume", after=0)
        await his.send("ping")
        assert (await his.next())["event"] == "pong"
        await his.send("send_message", message="Mine")
        heard = await his.until("message.complete")
    assert "A secret" not in json.dumps(heard)
    assert [each["seq"] for each in lasting(heard)] == [1, 2, 3]


async def test_who_comes_in_the_middle_of_a_reply_gets_the_text_so_far(sqlite_app: AppUnderTest) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("Once upon", " a time", wait=end)
    async with under_way(sqlite_app, anya.says(kira, "Tell me a story")), anya.socket(kira) as early:
        await early.until("message.delta")
        async with anya.socket(kira, after=0) as late:
            frames = await late.until("message.delta")
            assert kinds(frames) == ["message.new", "message.typing", "message.delta"]
            assert (frames[-1]["data"]["text"], frames[-1]["data"]["index"]) == ("Once upon", 0)
            end.set()
            frames += await late.until("message.complete")
    deltas = [each["data"] for each in frames if each["event"] == "message.delta"]
    assert "".join(each["text"] for each in deltas) == frames[-2]["data"]["message_text"] == "Once upon a time"
    assert [each["index"] for each in deltas] == list(range(len(deltas)))


async def test_rights_lost_while_the_socket_is_open_end_talking_but_not_hearing(sqlite_app: AppUnderTest) -> None:
    premium = await sqlite_app.character(access_type="premium")
    adult = await sqlite_app.character(content_rating="nsfw")
    anya = sqlite_app.person()
    await sqlite_app.grant_premium(anya, days=1)
    await anya.post("/api/users/confirm-adult", {"confirmed": True})
    async with anya.socket(premium) as paid, anya.socket(adult) as grown_up:
        await anya.post("/api/users/confirm-adult", {"confirmed": False})
        await grown_up.send("send_message", message="Hi")
        assert (await grown_up.next())["data"]["code"] == "age_confirmation_required"
        sqlite_app.clock.ahead += timedelta(hours=25)
        for event, data in (("send_message", {"message": "Hi"}), ("regenerate", {})):
            await paid.send(event, **data)
            assert (await paid.next())["data"]["code"] == "premium_required"
        await sqlite_app.person().patch(f"/api/chats/{premium}/session", {"mood_preference": "sweet"})
        assert (await paid.next())["event"] == "session.updated"


# --- what was missed


async def a_long_log(app: AppUnderTest, anya: Someone, kira: int) -> list[dict[str, Any]]:
    """A chat in which everything has happened once, as its log tells it."""
    first = (await anya.says(kira, "One")).json
    await anya.post(f"/api/chats/{kira}/regenerate")
    await anya.patch(f"/api/chats/{kira}/messages/{first['user_message']['id']}", {"message": "One, edited"})
    await anya.patch(f"/api/chats/{kira}/session", {"mood_preference": "sweet"})
    await anya.says(kira, "Two")
    await anya.post(f"/api/chats/{kira}/forget-recent", {"count": 1})
    async with anya.socket(kira, after=0) as phone:
        newest = int((await anya.get(f"/api/chats/{kira}/messages")).headers["X-Chat-Seq"])
        return [await phone.next() for _ in range(newest)]


@pytest.mark.parametrize("by_event", [False, True])
async def test_a_socket_cut_after_any_frame_misses_nothing_and_hears_nothing_twice(
    app: AppUnderTest, *, by_event: bool
) -> None:
    kira, anya = await app.character(), app.person()
    log = await a_long_log(app, anya, kira)
    assert [each["seq"] for each in log] == list(range(1, len(log) + 1))
    for cut in range(len(log) + 1):
        async with anya.socket(kira, after=None if by_event else cut) as phone:
            if by_event:
                await phone.send("resume", after=cut)
            heard = [await phone.next() for _ in range(len(log) - cut)]
            await phone.send("ping")
            assert (await phone.next())["event"] == "pong"
        assert log[:cut] + heard == log


async def test_a_socket_cut_after_every_frame_of_a_turn_hears_the_whole_turn_in_the_end(
    sqlite_app: AppUnderTest,
) -> None:
    kira, anya, end = await sqlite_app.character(), sqlite_app.person(), asyncio.Event()
    sqlite_app.model.will_say("Once", " upon", " a time", wait=end)
    heard: list[dict[str, Any]] = []
    async with under_way(sqlite_app, anya.says(kira, "Hi")) as turn:
        end.set()
        while not heard or heard[-1]["event"] != "message.complete":
            async with anya.socket(kira, after=lasting(heard)[-1]["seq"] if lasting(heard) else 0) as phone:
                heard.append(await phone.next())
        await turn
    assert [(each["event"], each["seq"]) for each in lasting(heard)] == [
        ("message.new", 1),
        ("message.new", 2),
        ("message.complete", 3),
    ]


async def test_a_log_longer_than_one_reading_is_replayed_whole(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    for number in range(230):
        await anya.patch(f"/api/chats/{kira}/session", {"mood_preference": "sweet" if number % 2 else "formal"})
    async with anya.socket(kira, after=0) as phone:
        assert [(await phone.next())["seq"] for _ in range(230)] == list(range(1, 231))
    async with anya.socket(kira, after=10**18) as ahead:
        await ahead.send("ping")
        assert (await ahead.next())["event"] == "pong"


async def test_a_socket_opened_while_the_process_ends_is_sent_elsewhere(sqlite_app: AppUnderTest) -> None:
    kira, anya = await sqlite_app.character(), sqlite_app.person()
    sqlite_app.parley.edge.is_draining = True
    async with anya.socket(kira) as phone:
        assert await phone.closed() == 1012


async def test_an_address_that_is_no_chat_is_closed_as_unknown(sqlite_app: AppUnderTest) -> None:
    anya = sqlite_app.person()
    async with anya.session.ws_connect(address(anya, "1/messages", "initData=x")) as connection:
        assert await Socket(connection).closed() == 4404
