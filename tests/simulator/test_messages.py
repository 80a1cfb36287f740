import pytest
from aiogram import Bot
from aiogram.types import BufferedInputFile

from support.simulator import LENA, BotClient, Json, Simulator, picture

KEYBOARD = {"inline_keyboard": [[{"text": "yes", "callback_data": "y"}]]}
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


@pytest.fixture
async def sent(bot: BotClient) -> Json:
    """A message with a keyboard."""
    message: Json = await bot.call("sendMessage", chat_id=LENA, text="hello", reply_markup=KEYBOARD)
    return message


async def test_a_message_is_answered_as_telegram_shows_it(simulator: Simulator, bot: BotClient) -> None:
    message = await bot.call("sendMessage", chat_id=LENA, text="hello <b>you</b>", parse_mode="HTML")
    now = simulator.clock.now()
    assert now - 60 < message.pop("date") <= now
    assert message == {
        "message_id": 2,
        "from": {"id": 42, "is_bot": True, "first_name": "Bot 42", "username": "local_42_bot"},
        "chat": {"id": LENA, "type": "private", "first_name": "Lena"},
        "text": "hello you",
        "entities": [{"type": "bold", "offset": 6, "length": 3}],
    }
    assert (await simulator.chat())["messages"][-1]["text"] == "hello you"


async def test_a_mention_introduces_whom_it_names(bot: BotClient) -> None:
    text = f'<a href="tg://user?id={LENA}">you</a> and <a href="tg://user?id=999">nobody</a>'
    message = await bot.call("sendMessage", chat_id=LENA, text=text, parse_mode="HTML")
    lena = {"id": LENA, "is_bot": False, "first_name": "Lena"}
    assert message["entities"] == [{"type": "text_mention", "offset": 0, "length": 3, "user": lena}]


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
async def test_a_message_needs_a_text(bot: BotClient, text: str) -> None:
    code, words = await bot.refused("sendMessage", chat_id=LENA, text=text)
    assert code == 400
    assert words in {"Bad Request: message text is empty", "Bad Request: text must be non-empty"}


async def test_a_text_has_4096_units_after_its_entities(bot: BotClient) -> None:
    fits = "😀" * 2048
    assert (await bot.call("sendMessage", chat_id=LENA, text=f"<b>{fits}</b>", parse_mode="HTML"))["text"] == fits
    assert await bot.refused("sendMessage", chat_id=LENA, text=fits + "a") == (400, "Bad Request: message is too long")


@pytest.mark.parametrize("chat", [8, -100, "@nobody", "x", 10**20])
async def test_nobody_else_is_found(bot: BotClient, chat: object) -> None:
    for method in ("sendMessage", "editMessageText", "sendMessageDraft"):
        assert await bot.refused(method, chat_id=chat, text="hi") == (400, "Bad Request: chat not found")
    assert await bot.refused("getChat", chat_id=chat) == (400, "Bad Request: chat not found")


async def test_a_chat_must_be_named(bot: BotClient) -> None:
    assert await bot.refused("sendMessage", text="hi") == (400, "Bad Request: chat_id is empty")


async def test_a_bot_does_not_speak_first(simulator: Simulator, bot: BotClient) -> None:
    await simulator.user(8)
    for method, params in (("sendMessage", {"text": "hi"}), ("sendChatAction", {"action": "typing"})):
        assert await bot.refused(method, chat_id=8, **params) == (
            403,
            "Forbidden: bot can't initiate conversation with a user",
        )


async def test_a_blocked_bot_cannot_send(simulator: Simulator, bot: BotClient, sent: Json) -> None:
    await simulator.post("/sim/block", bot=42, from_=LENA, blocked=True)
    blocked = (403, "Forbidden: bot was blocked by the user")
    assert await bot.refused("sendMessage", chat_id=LENA, text="hi") == blocked
    assert await bot.refused("sendMessageDraft", chat_id=LENA, draft_id=1, text="hi") == blocked
    assert await bot.refused("sendChatAction", chat_id=LENA, action="typing") == blocked
    assert (await simulator.ask("/sim/chats/42/messages", **{"from": LENA, "text": "hi"})).status == 400
    await simulator.post("/sim/block", bot=42, from_=LENA, blocked=False)
    assert (await bot.call("sendMessage", chat_id=LENA, text="hi"))["text"] == "hi"


@pytest.mark.parametrize("form", ["reply_parameters", "reply_to_message_id"])
async def test_a_reply_bears_what_it_replies_to(bot: BotClient, sent: Json, form: str) -> None:
    number = sent["message_id"]
    reply = {form: {"message_id": number} if form == "reply_parameters" else number}
    message = await bot.call("sendMessage", chat_id=LENA, text="re", **reply)
    assert message["reply_to_message"] == sent
    again = await bot.call("sendMessage", chat_id=LENA, text="re", reply_to_message_id=message["message_id"])
    assert "reply_to_message" not in again["reply_to_message"]


async def test_a_reply_to_nothing_is_refused_unless_it_may_be(bot: BotClient) -> None:
    missing = {"message_id": 999}
    assert await bot.refused("sendMessage", chat_id=LENA, text="re", reply_parameters=missing) == (
        400,
        "Bad Request: message to be replied not found",
    )
    missing["allow_sending_without_reply"] = True
    assert "reply_to_message" not in await bot.call("sendMessage", chat_id=LENA, text="re", reply_parameters=missing)


async def test_a_keyboard_below_the_chat_is_seen_by_the_person_alone(simulator: Simulator, bot: BotClient) -> None:
    keyboard = {"keyboard": [["a", "b"]], "resize_keyboard": True}
    message = await bot.call("sendMessage", chat_id=LENA, text="choose", reply_markup=keyboard)
    assert "reply_markup" not in message
    seen = (await simulator.chat())["messages"][-1]["reply_markup"]
    assert seen["keyboard"] == [[{"text": "a"}, {"text": "b"}]]
    assert await bot.refused("editMessageText", chat_id=LENA, message_id=message["message_id"], text="no") == (
        400,
        "Bad Request: message can't be edited",
    )


async def test_an_edit_changes_the_text_and_drops_the_keyboard(
    simulator: Simulator, bot: BotClient, sent: Json
) -> None:
    edited = await bot.call("editMessageText", chat_id=LENA, message_id=sent["message_id"], text="bye")
    assert edited["text"] == "bye"
    assert edited["edit_date"] >= sent["date"]
    assert "reply_markup" not in edited
    assert (await simulator.chat())["messages"][-1] == edited


async def test_a_keyboard_can_be_changed_alone(bot: BotClient, sent: Json) -> None:
    target = {"chat_id": LENA, "message_id": sent["message_id"]}
    other = {"inline_keyboard": [[{"text": "no", "callback_data": "n"}]]}
    assert (await bot.call("editMessageReplyMarkup", **target, reply_markup=other))["reply_markup"] == other
    assert await bot.refused("editMessageReplyMarkup", **target, reply_markup=other) == (400, NOT_MODIFIED)
    assert "reply_markup" not in await bot.call("editMessageReplyMarkup", **target)


async def test_an_edit_that_changes_nothing_is_refused(bot: BotClient, sent: Json) -> None:
    target = {"chat_id": LENA, "message_id": sent["message_id"], "text": "hello"}
    assert await bot.refused("editMessageText", **target, reply_markup=KEYBOARD) == (400, NOT_MODIFIED)
    await bot.call("editMessageText", **target)
    assert await bot.refused("editMessageText", **target) == (400, NOT_MODIFIED)


async def test_only_the_bots_own_messages_can_be_edited(bot: BotClient) -> None:
    assert await bot.refused("editMessageText", chat_id=LENA, message_id=1, text="x") == (
        400,
        "Bad Request: message can't be edited",
    )
    assert await bot.refused("editMessageText", chat_id=LENA, message_id=999, text="x") == (
        400,
        "Bad Request: message to edit not found",
    )


async def test_a_message_is_deleted_for_both(simulator: Simulator, bot: BotClient, sent: Json) -> None:
    target = {"chat_id": LENA, "message_id": sent["message_id"]}
    assert await bot.call("deleteMessage", **target) is True
    assert (await simulator.chat())["deleted"] == [sent["message_id"]]
    assert await simulator.texts() == ["/start"]
    assert await bot.refused("deleteMessage", **target) == (400, "Bad Request: message to delete not found")
    assert await bot.call("deleteMessages", chat_id=LENA, message_ids=[1, 2, 3]) is True
    assert await simulator.texts() == []


async def test_a_message_of_two_days_ago_cannot_be_deleted(simulator: Simulator, bot: BotClient, sent: Json) -> None:
    simulator.clock.advance(48 * 3600 + 1)
    assert await bot.refused("deleteMessage", chat_id=LENA, message_id=sent["message_id"]) == (
        400,
        "Bad Request: message can't be deleted",
    )


async def test_messages_are_forwarded_and_copied(simulator: Simulator, bot: BotClient, sent: Json) -> None:
    source = {"chat_id": LENA, "from_chat_id": LENA, "message_id": 1}
    forwarded = await bot.call("forwardMessage", **source)
    assert forwarded["text"] == "/start"
    assert forwarded["forward_origin"]["sender_user"]["id"] == LENA
    copy = await bot.call("copyMessage", **source)
    assert copy == {"message_id": forwarded["message_id"] + 1}
    assert "forward_origin" not in (await simulator.chat())["messages"][-1]


async def test_a_caption_is_edited_and_copied(simulator: Simulator, bot: BotClient, aiogram: Bot) -> None:
    photo = await aiogram.send_photo(LENA, BufferedInputFile(picture(), "dot.png"), caption="a <b>dot</b>")
    target = {"chat_id": LENA, "message_id": photo.message_id}
    edited = await bot.call("editMessageCaption", **target, caption="<b>one</b> dot", parse_mode="HTML")
    assert edited["caption"] == "one dot"
    assert edited["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    await bot.call("copyMessage", **target, from_chat_id=LENA, caption="copied")
    copy = (await simulator.chat())["messages"][-1]
    assert (copy["caption"], copy["photo"]) == ("copied", edited["photo"])
    assert "caption" not in await bot.call("editMessageCaption", **target)
    assert await bot.refused("editMessageCaption", **target, caption="a" * 1025) == (
        400,
        "Bad Request: message caption is too long",
    )


async def test_an_edit_must_fit_its_message(bot: BotClient, sent: Json, aiogram: Bot) -> None:
    photo = await aiogram.send_photo(LENA, BufferedInputFile(picture(), "dot.png"))
    for method, message, what in (
        ("editMessageText", photo.message_id, "text"),
        ("editMessageCaption", sent["message_id"], "caption"),
    ):
        assert await bot.refused(method, chat_id=LENA, message_id=message, text="x", caption="x") == (
            400,
            f"Bad Request: there is no {what} in the message to edit",
        )


async def test_an_edit_takes_inline_keyboards_alone(bot: BotClient, sent: Json) -> None:
    target = {"chat_id": LENA, "message_id": sent["message_id"], "text": "x"}
    assert await bot.refused("editMessageText", **target, reply_markup={"keyboard": [["a"]]}) == (
        400,
        "Bad Request: inline keyboard expected",
    )


async def test_what_is_protected_is_not_forwarded(bot: BotClient) -> None:
    message = await bot.call("sendMessage", chat_id=LENA, text="secret", protect_content=True)
    source = {"chat_id": LENA, "from_chat_id": LENA, "message_id": message["message_id"]}
    assert await bot.refused("forwardMessage", **source) == (400, "Bad Request: message can't be forwarded")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([], "message identifiers are not specified"),
        (list(range(1, 102)), "too many message identifiers specified"),
        (["x"], "invalid message identifier specified"),
    ],
)
async def test_messages_to_delete_are_one_to_a_hundred(bot: BotClient, numbers: object, words: str) -> None:
    assert await bot.refused("deleteMessages", chat_id=LENA, message_ids=numbers) == (400, f"Bad Request: {words}")


async def test_a_draft_is_seen_until_the_message_comes(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=5, text="Hel")
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=5, text="<b>Hello", parse_mode="")
    assert (await simulator.chat())["draft"] == {"draft_id": 5, "text": "<b>Hello"}
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id="6", text="")
    assert (await simulator.chat())["draft"] == {"draft_id": 6, "text": ""}
    await bot.call("sendMessage", chat_id=LENA, text="Hello")
    assert (await simulator.chat())["draft"] is None


async def test_a_draft_lives_half_a_minute(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=5, text="Hel")
    simulator.clock.advance(29)
    assert (await simulator.chat())["draft"] == {"draft_id": 5, "text": "Hel"}
    simulator.clock.advance(1.1)
    assert (await simulator.chat())["draft"] is None


@pytest.mark.parametrize("number", [0, "", "x"])
async def test_a_draft_needs_a_number(bot: BotClient, number: object) -> None:
    assert await bot.refused("sendMessageDraft", chat_id=LENA, draft_id=number, text="x") == (
        400,
        "Bad Request: RANDOM_ID_INVALID",
    )


async def test_stop_ends_a_draft_and_tells_the_bot(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=5, text="Hel", can_stop=True)
    told = await simulator.post("/sim/drafts/stop", bot=42, from_=LENA, draft_id=5)
    assert (await simulator.chat())["draft"] is None
    (update,) = await bot.updates()
    assert update["update_id"] == told["update_id"]
    assert update["stopped_message_generation"] == {
        "chat": {"id": LENA, "type": "private", "first_name": "Lena"},
        "draft_id": 5,
    }


async def test_a_draft_may_stay_when_it_is_stopped(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=5, text="Hel", can_stop=True, keep_on_stop="true")
    await simulator.post("/sim/drafts/stop", bot=42, from_=LENA, draft_id=5)
    assert (await simulator.chat())["draft"] == {"draft_id": 5, "text": "Hel"}
    assert (await simulator.ask("/sim/drafts/stop", **{"bot": 42, "from": LENA, "draft_id": 5})).status == 400


async def test_a_draft_without_a_button_can_be_stopped_all_the_same(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=5, text="Hel")
    await simulator.post("/sim/drafts/stop", bot=42, from_=LENA, draft_id=5)
    assert (await simulator.chat())["draft"] is None


async def test_a_draft_that_is_not_there_cannot_be_stopped(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("sendMessageDraft", chat_id=LENA, draft_id=5, text="Hel")
    answer = await simulator.ask("/sim/drafts/stop", **{"bot": 42, "from": LENA, "draft_id": 6})
    assert answer.status == 404


async def test_typing_is_shown_for_five_seconds(simulator: Simulator, bot: BotClient) -> None:
    await bot.call("sendChatAction", chat_id=LENA, action="typing")
    assert (await simulator.chat())["action"] == "typing"
    simulator.clock.advance(5.1)
    assert (await simulator.chat())["action"] is None
    assert await bot.refused("sendChatAction", chat_id=LENA, action="dancing") == (
        400,
        "Bad Request: wrong parameter action in request",
    )


async def test_a_tap_is_answered_once(simulator: Simulator, bot: BotClient, sent: Json) -> None:
    tap = await simulator.post("/sim/callbacks", bot=42, from_=LENA, message_id=sent["message_id"], data="y")
    (update,) = await bot.updates()
    query = update["callback_query"]
    assert (query["id"], query["data"], query["message"]) == (tap["callback_query_id"], "y", sent)
    path = f"/sim/callbacks/{query['id']}"
    assert (await simulator.get(path)).json == {"answered": False, "text": None, "show_alert": False}
    answer = {"callback_query_id": query["id"], "text": "done", "show_alert": True}
    assert await bot.call("answerCallbackQuery", **answer) is True
    assert (await simulator.get(path)).json == {"answered": True, "text": "done", "show_alert": True}
    assert await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="too late") is True
    assert (await simulator.get(path)).json["text"] == "done"


async def test_a_tap_can_be_answered_for_a_while_and_by_its_own_bot(
    simulator: Simulator, bot: BotClient, sent: Json
) -> None:
    tap = await simulator.post("/sim/callbacks", bot=42, from_=LENA, message_id=sent["message_id"], data="y")
    too_old = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    other = await simulator.known_bot("43:OTHER")
    assert await other.refused("answerCallbackQuery", callback_query_id=tap["callback_query_id"]) == too_old
    assert await bot.refused("answerCallbackQuery", callback_query_id="1") == too_old
    simulator.clock.advance(151)
    assert await bot.refused("answerCallbackQuery", callback_query_id=tap["callback_query_id"]) == too_old
