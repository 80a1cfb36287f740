"""What a person does: write, correct, tap, stop, block."""

from typing import Final

from parley_simulator.bot_api.sending import as_bot_sees, replied_to
from parley_simulator.entities import found_in
from parley_simulator.keyboards import buttons
from parley_simulator.refusal import Refused
from parley_simulator.state import Bot, Person, PrivateChat
from parley_simulator.wire import Json
from parley_simulator.world import Callback, World

_CALLBACK_LIVES: Final = 150.0


def write(
    world: World, bot: Bot, person: Person, text: str, reply_to: int | None = None, date: int | None = None
) -> tuple[int | None, Json]:
    """Send a text to a bot; it opens the chat. The update's id and the message."""
    chat = bot.look_into(person.id)
    _not_blocked(chat)
    content = _text(text)
    if reply_to is not None:
        content["reply_to_message"] = replied_to(_message(chat, reply_to))
    return world.place_for_bot(bot, person, content, date)


def hand_over(world: World, bot: Bot, person: Person, button_text: str, data: str) -> tuple[int | None, Json]:
    """Send what an app behind a keyboard button gave."""
    _not_blocked(bot.look_into(person.id))
    return world.place_for_bot(bot, person, {"web_app_data": {"data": data, "button_text": button_text}})


def correct(world: World, bot: Bot, person: Person, number: int, text: str) -> tuple[int | None, Json]:
    """Edit one's own message."""
    chat = bot.look_into(person.id)
    _not_blocked(chat)
    before = _message(chat, number)
    if before["from"]["id"] != person.id or "text" not in before:
        raise Refused(400, "only one's own text can be edited")
    kept = {name: value for name, value in before.items() if name not in {"text", "entities"}}
    edited = kept | {"edit_date": int(world.clock.now())} | _text(text)
    chat.messages[number] = edited
    world.chat_changed(bot, person.id)
    return world.tell(bot, "edited_message", edited, person.id), edited


def tap(
    world: World, bot: Bot, person: Person, number: int, data: str, *, stale: bool = False
) -> tuple[int | None, str]:
    """Tap an inline button; ``stale`` if it was there when the finger came down. The update's id and the query's."""
    message = _tapped(bot.look_into(person.id), person, number, data, stale=stale)
    query = world.remember_callback(Callback(bot.id, expires=world.clock.now() + _CALLBACK_LIVES))
    pressed = {
        "id": query,
        "from": person.user,
        "message": message,
        "chat_instance": str((bot.id << 20) ^ person.id),
        "data": data,
    }
    return world.tell(bot, "callback_query", pressed, person.id), query


def stop_draft(world: World, bot: Bot, person: Person, number: int) -> int | None:
    """Stop what the bot is writing, as its button does; a bot that shows no button may be stopped here all the same."""
    chat = bot.look_into(person.id)
    draft = chat.draft_at(world.clock.now())
    if draft is None or draft.id != number:
        raise Refused(404, "no such draft")
    if draft.is_stopped:
        raise Refused(400, "this draft is stopped already")
    draft.is_stopped, draft.can_stop = True, False
    if not draft.keep_on_stop:
        chat.draft = None
    world.chat_changed(bot, person.id)
    return world.tell(bot, "stopped_message_generation", {"chat": person.chat, "draft_id": number}, person.id)


def block(world: World, bot: Bot, person: Person, *, blocked: bool) -> int | None:
    """Block the bot or let it speak again; nothing happens if that is so already."""
    chat = bot.chat_with(person.id)
    if chat.blocked == blocked:
        return None
    chat.blocked = blocked
    member = {"user": bot.user, "status": "member"}
    banned = {"user": bot.user, "status": "kicked", "until_date": 0}
    world.chat_changed(bot, person.id)
    changed = {
        "chat": person.chat,
        "from": person.user,
        "date": int(world.clock.now()),
        "old_chat_member": member if blocked else banned,
        "new_chat_member": banned if blocked else member,
    }
    return world.tell(bot, "my_chat_member", changed, person.id)


def _text(text: str) -> Json:
    entities = found_in(text)
    return {"text": text, "entities": entities} if entities else {"text": text}


def _not_blocked(chat: PrivateChat) -> None:
    if chat.blocked:
        raise Refused(400, "this person blocked the bot; unblock it first")


def _message(chat: PrivateChat, number: int) -> Json:
    message = chat.messages.get(number)
    if message is None:
        raise Refused(404, "no such message")
    return message


def _tapped(chat: PrivateChat, person: Person, number: int, data: str, *, stale: bool) -> Json:
    if stale and number in chat.deleted:
        return {"chat": person.chat, "message_id": number, "date": 0}
    message = _message(chat, number)
    if not stale and all(button.get("callback_data") != data for button in buttons(message.get("reply_markup"))):
        raise Refused(400, "the message has no button with this data")
    return as_bot_sees(message)
