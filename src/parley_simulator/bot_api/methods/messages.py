"""Text messages, and everything that is done to a message afterwards."""

from collections.abc import Mapping
from typing import Final

from parley_simulator.bot_api.call import Call, Method
from parley_simulator.bot_api.formatting import caption, text
from parley_simulator.bot_api.sending import as_bot_sees, edit, reply_markup, send, to_edit
from parley_simulator.refusal import bad_request
from parley_simulator.state import PrivateChat
from parley_simulator.wire import Json, whole_number

_TEXT: Final = frozenset({"text", "entities", "reply_markup"})
_CAPTION: Final = frozenset({"caption", "caption_entities", "reply_markup"})
_MARKUP: Final = frozenset({"reply_markup"})
_COPIED: Final = ("text", "entities", "photo", "document", "caption", "caption_entities")
_DELETABLE_FOR: Final = 48 * 3600
_MOST_AT_ONCE: Final = 100


async def send_message(call: Call) -> Json:
    """A text message."""
    return send(call, _text_fields(call))


async def edit_message_text(call: Call) -> Json:
    """Another text; without a keyboard the old one goes."""
    after = _text_fields(call) | _inline_markup(call)
    chat, before = to_edit(call)
    if "text" not in before:
        raise bad_request("there is no text in the message to edit")
    return edit(call, chat, before, _without(before, _TEXT) | after)


async def edit_message_caption(call: Call) -> Json:
    """Another caption; without a keyboard the old one goes."""
    after = caption(call) | _inline_markup(call)
    chat, before = to_edit(call)
    if not before.keys() & {"photo", "document"}:
        raise bad_request("there is no caption in the message to edit")
    return edit(call, chat, before, _without(before, _CAPTION) | after)


async def edit_message_reply_markup(call: Call) -> Json:
    """Another inline keyboard, or none."""
    after = _inline_markup(call)
    chat, before = to_edit(call)
    return edit(call, chat, before, _without(before, _MARKUP) | after)


async def delete_message(call: Call) -> bool:
    """Take one message away from both sides."""
    chat = call.bot.look_into(call.person().id)
    number = call.params.integer("message_id")
    if number not in chat.messages:
        raise bad_request("message to delete not found")
    if not _is_deletable(call, chat, number):
        raise bad_request("message can't be deleted")
    chat.delete(number)
    call.world.chat_changed(call.bot, chat.id)
    return True


async def delete_messages(call: Call) -> bool:
    """Take several away; what is not there is skipped."""
    chat = call.bot.look_into(call.person().id)
    for number in _message_ids(call):
        if number in chat.messages and _is_deletable(call, chat, number):
            chat.delete(number)
    call.world.chat_changed(call.bot, chat.id)
    return True


async def forward_message(call: Call) -> Json:
    """A message once more, with where it came from."""
    source = _source(call, "forward")
    if source.get("has_protected_content"):
        raise bad_request("message can't be forwarded")
    origin = {"type": "user", "sender_user": source["from"], "date": source["date"]}
    return send(call, _copied(source) | {"forward_origin": source.get("forward_origin", origin)})


async def copy_message(call: Call) -> Json:
    """A message once more, as one's own; a caption may be given anew."""
    content = _copied(_source(call, "copy"))
    if "caption" in call.params.values and "text" not in content:
        content = _without(content, _CAPTION) | caption(call)
    return {"message_id": send(call, content)["message_id"]}


METHODS: Final[Mapping[str, Method]] = {
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
}


def _text_fields(call: Call) -> Json:
    plain, entities = text(call)
    return {"text": plain} | ({"entities": entities} if entities else {})


def _inline_markup(call: Call) -> Json:
    markup = reply_markup(call)
    if markup and "inline_keyboard" not in markup["reply_markup"]:
        raise bad_request("inline keyboard expected")
    return markup


def _without(message: Json, fields: frozenset[str]) -> Json:
    return {name: value for name, value in message.items() if name not in fields}


def _is_deletable(call: Call, chat: PrivateChat, number: int) -> bool:
    return bool(chat.messages[number]["date"] > call.world.clock.now() - _DELETABLE_FOR)


def _message_ids(call: Call) -> list[int]:
    numbers = call.params.json("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > _MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    return [_message_id(each) for each in numbers]


def _message_id(sent: object) -> int:
    number = whole_number(sent) if isinstance(sent, str) else sent
    if not isinstance(number, int):
        raise bad_request("invalid message identifier specified")
    return number


def _source(call: Call, verb: str) -> Json:
    chat = call.bot.look_into(call.person("from_chat_id").id)
    message = chat.messages.get(call.params.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if not message.keys() & {"text", "photo", "document"}:
        raise bad_request("message can't be copied" if verb == "copy" else "message can't be forwarded")
    return as_bot_sees(message)


def _copied(source: Json) -> Json:
    return {name: source[name] for name in _COPIED if name in source}
