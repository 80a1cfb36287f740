"""What a bot says of itself: name, descriptions, commands, menu button."""

import re
from collections.abc import Mapping
from typing import Final, Literal

from parley_simulator.bot_api.call import Call, Method
from parley_simulator.refusal import bad_request
from parley_simulator.wire import Json, whole_number

_LANGUAGE: Final = re.compile(r"([a-z]{2})?")
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_MOST_COMMANDS: Final = 100
_SCOPES: Final = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_CHAT_SCOPES: Final = frozenset({"chat", "chat_administrators", "chat_member"})
_LONGEST_BUTTON: Final = 64

Said = Literal["names", "descriptions", "short_descriptions"]


async def get_me(call: Call) -> Json:
    """The bot itself."""
    return call.bot.user | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_guest_queries": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_join_request_queries": False,
    }


def _setter(said: Said, field: str, longest: int) -> Method:
    """A method that says something in a language; nothing said is what everyone else reads."""

    async def say(call: Call) -> bool:
        text, language = call.params.text(field).strip(), _language(call)
        if len(text) > longest:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        texts: dict[str, str] = getattr(call.bot, said)
        texts.pop(language, None)
        if text:
            texts[language] = text
        call.world.watchers.tell(kind="state")
        return True

    return say


def _getter(said: Said, field: str) -> Method:
    async def tell(call: Call) -> Json:
        language = _language(call)
        texts: dict[str, str] = getattr(call.bot, said)
        fallback = call.bot.name if said == "names" else ""
        return {field: texts.get(language) or texts.get("") or fallback}

    return tell


async def set_my_commands(call: Call) -> bool:
    """The commands of a scope and a language."""
    commands = call.params.json("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > _MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return _put_commands(call, [_command(each) for each in commands])


async def delete_my_commands(call: Call) -> bool:
    """None in this scope and language."""
    return _put_commands(call, [])


async def get_my_commands(call: Call) -> list[Json]:
    """The commands of exactly this scope and language."""
    return call.bot.commands.get((_scope(call), _language(call)), [])


async def set_chat_menu_button(call: Call) -> bool:
    """The button beside the text field, of one chat or of all."""
    button = _menu_button(call.params.json("menu_button", "menu button"))
    chat = call.person().id if call.params.has("chat_id") else 0
    if button["type"] == "default":
        call.bot.menu_buttons.pop(chat, None)
    else:
        call.bot.menu_buttons[chat] = button
    call.world.watchers.tell(kind="state")
    return True


async def get_chat_menu_button(call: Call) -> Json:
    """That button; a chat without one of its own has the button of all."""
    chat = call.person().id if call.params.has("chat_id") else 0
    return call.bot.menu_button_for(chat) or {"type": "default"}


METHODS: Final[Mapping[str, Method]] = {
    "getMe": get_me,
    "setMyName": _setter("names", "name", 64),
    "getMyName": _getter("names", "name"),
    "setMyDescription": _setter("descriptions", "description", 512),
    "getMyDescription": _getter("descriptions", "description"),
    "setMyShortDescription": _setter("short_descriptions", "short_description", 120),
    "getMyShortDescription": _getter("short_descriptions", "short_description"),
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}


def _language(call: Call) -> str:
    language = call.params.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _scope(call: Call) -> str:
    scope = call.params.json("scope", "BotCommandScope")
    if scope is None:
        return "default"
    kind = scope.get("type") if isinstance(scope, dict) else None
    if not isinstance(scope, dict) or not isinstance(kind, str) or kind not in _SCOPES | _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if kind in _SCOPES:
        return kind
    chat = whole_number(str(scope.get("chat_id", "")).strip())
    if chat not in call.world.people:
        raise bad_request("chat not found")
    return f"{kind}:{chat}"


def _put_commands(call: Call, commands: list[Json]) -> bool:
    place = (_scope(call), _language(call))
    call.bot.commands.pop(place, None)
    if commands:
        call.bot.commands[place] = commands
    call.world.watchers.tell(kind="state")
    return True


def _command(command: object) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name, description = command.get("command"), command.get("description")
    if not isinstance(name, str) or not _COMMAND.fullmatch(name.removeprefix("/").lower()):
        raise bad_request("BOT_COMMAND_INVALID")
    if not isinstance(description, str) or not 1 <= len(description.strip()) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name.removeprefix("/").lower(), "description": description.strip()}


def _menu_button(button: object) -> Json:
    if button is None:
        return {"type": "default"}
    if not isinstance(button, dict):
        raise bad_request("can't parse menu button: expected an Object")
    kind = button.get("type")
    if kind in ("default", "commands"):
        return {"type": kind}
    if kind != "web_app":
        raise bad_request("can't parse menu button: unsupported type specified")
    text, web_app = button.get("text"), button.get("web_app")
    url = web_app.get("url") if isinstance(web_app, dict) else None
    if not isinstance(text, str) or not 1 <= len(text.strip()) <= _LONGEST_BUTTON:
        raise bad_request("BUTTON_TEXT_INVALID")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise bad_request("BUTTON_URL_INVALID")
    return {"type": "web_app", "text": text.strip(), "web_app": {"url": url}}
