"""What all sends and edits share: the keyboard, the reply, the limits, and how a bot sees the outcome."""

from parley_simulator import keyboards
from parley_simulator.bot_api.call import Call
from parley_simulator.refusal import bad_request
from parley_simulator.state import Bot, PrivateChat
from parley_simulator.wire import Json, whole_number


def as_bot_sees(message: Json) -> Json:
    """The Bot API shows inline keyboards only; what lies below the chat is between the server and the person."""
    markup = message.get("reply_markup")
    if markup is None or "inline_keyboard" in markup:
        return message
    return {name: value for name, value in message.items() if name != "reply_markup"}


def reply_markup(call: Call, *, is_invoice: bool = False) -> Json:
    """The keyboard as a field of the message; nothing if there is none."""
    markup = keyboards.checked(call.params.json("reply_markup", "reply keyboard markup"), is_invoice=is_invoice)
    return {} if markup is None else {"reply_markup": markup}


def send(call: Call, content: Json, *, is_invoice: bool = False) -> Json:
    """Send a message: check everything else that was asked for, count it, put it into the chat."""
    markup = reply_markup(call, is_invoice=is_invoice)
    person = call.person()
    chat = call.open_chat(person)
    reply = _reply(call, chat)
    call.world.limits.send(call.bot.id, chat.id)
    protected = {"has_protected_content": True} if call.params.flag("protect_content") else {}
    return as_bot_sees(call.world.place_by_bot(call.bot, person, reply | content | markup | protected))


def to_edit(call: Call) -> tuple[PrivateChat, Json]:
    """The message to edit and its chat; raises if it is not there or not the bot's."""
    chat = call.bot.look_into(call.person().id)
    message = chat.messages.get(call.params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not _can_be_edited(message, call.bot):
        raise bad_request("message can't be edited")
    return chat, message


def edit(call: Call, chat: PrivateChat, before: Json, after: Json) -> Json:
    """Put the edited message into the place of the old one."""
    if before == after:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message"
        )
    call.world.limits.send(call.bot.id, chat.id)
    edited = after | {"edit_date": int(call.world.clock.now())}
    chat.messages[edited["message_id"]] = edited
    call.world.chat_changed(call.bot, chat.id)
    return edited


def replied_to(message: Json) -> Json:
    """A message as it stands in the reply to it: a reply within is left out."""
    return {name: value for name, value in as_bot_sees(message).items() if name != "reply_to_message"}


def shown(bot: Bot, person: int, number: int) -> Json | None:
    """A message of their chat as the bot sees it; None if it is not there."""
    chat = bot.chats.get(person)
    message = chat.messages.get(number) if chat else None
    return None if message is None else as_bot_sees(message)


def _can_be_edited(message: Json, bot: Bot) -> bool:
    """The bot's own, not forwarded, and not one that changed the keyboard below the chat."""
    markup = message.get("reply_markup")
    has_other_keyboard = markup is not None and "inline_keyboard" not in markup
    return message["from"]["id"] == bot.id and not has_other_keyboard and "forward_origin" not in message


def _reply(call: Call, chat: PrivateChat) -> Json:
    asked = call.params.json("reply_parameters", "reply parameters")
    if asked is None:
        number = call.params.integer("reply_to_message_id")
        may_be_missing = call.params.flag("allow_sending_without_reply")
    elif isinstance(asked, dict):
        number, may_be_missing = _number(asked.get("message_id")), asked.get("allow_sending_without_reply") is True
    else:
        raise bad_request("object expected as reply parameters")
    if number == 0:
        return {}
    message = chat.messages.get(number)
    if message is not None:
        return {"reply_to_message": replied_to(message)}
    if may_be_missing:
        return {}
    raise bad_request("message to be replied not found")


def _number(value: object) -> int:
    """A message's id, sent as a number or as its digits; -1 is nobody's."""
    number = whole_number(value) if isinstance(value, str) else value
    return number if isinstance(number, int) else -1
