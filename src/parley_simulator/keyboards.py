"""The ``reply_markup`` parameter: which keyboards Telegram takes, and in which words it refuses the others."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from parley_simulator.entities.links import checked as checked_link
from parley_simulator.refusal import bad_request
from parley_simulator.wire import Json, encode

_MOST_INLINE_BUTTONS: Final = 100
_MOST_BUTTONS: Final = 300
_MOST_BYTES: Final = 10 << 10
_LONGEST_DATA: Final = 64
_LONGEST_COPY: Final = 256
_LONGEST_PLACEHOLDER: Final = 64
_STYLES: Final = {"danger", "success", "primary"}
_LOOKS: Final = ("style", "icon_custom_emoji_id")
_APP_SCHEMES: Final = ("https://", "http://")


def checked(reply_markup: object, *, is_invoice: bool = False) -> Json | None:
    """The keyboard as Telegram keeps it, None for none. ``is_invoice``: its first button must pay. Raises Refused."""
    if reply_markup is None or reply_markup == "":
        return None
    if not isinstance(reply_markup, dict):
        raise bad_request("object expected as reply markup")
    if rows := _rows(reply_markup, "keyboard"):
        return _reply_keyboard(reply_markup, rows)
    if rows := _rows(reply_markup, "inline_keyboard"):
        return _inline_keyboard(rows, is_invoice=is_invoice)
    if _flag(reply_markup, "remove_keyboard") or _flag(reply_markup, "hide_keyboard"):
        return {"remove_keyboard": True} | _options(reply_markup, "selective")
    if _flag(reply_markup, "force_reply"):
        return {"force_reply": True} | _options(reply_markup, "selective") | _placeholder(reply_markup)
    return None


def buttons(reply_markup: Json | None) -> list[Json]:
    """All inline buttons of a message."""
    return [button for row in (reply_markup or {}).get("inline_keyboard", ()) for button in row]


# --- the two keyboards ------------------------------------------------------------------------------------


def _inline_keyboard(rows: list[list[object]], *, is_invoice: bool) -> Json:
    try:
        keyboard = [[_inline_button(button) for button in row] for row in rows]
    except _NotAButton as wrong:
        raise bad_request(f"can't parse InlineKeyboardButton: {wrong}") from None
    pays = [("pay" in button) for row in keyboard for button in row]
    if is_invoice and not pays[0]:
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")
    if any(pays[1:] if is_invoice else pays):
        raise bad_request("BUTTON_TYPE_INVALID")
    return _short_enough({"inline_keyboard": keyboard}, len(pays), _MOST_INLINE_BUTTONS)


def _reply_keyboard(markup: Json, rows: list[list[object]]) -> Json:
    try:
        keyboard = [[_button(button) for button in row] for row in rows]
    except _NotAButton as wrong:
        raise bad_request(f"can't parse KeyboardButton: {wrong}") from None
    names = ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective")
    made = {"keyboard": keyboard} | _options(markup, *names) | _placeholder(markup)
    return _short_enough(made, sum(map(len, keyboard)), _MOST_BUTTONS)


def _short_enough(made: Json, count: int, most: int) -> Json:
    if count > most or len(encode(made)) > _MOST_BYTES:
        raise bad_request("reply markup is too long")
    return made


# --- their buttons ----------------------------------------------------------------------------------------


class _NotAButton(Exception):
    """Telegram's reason, without its prefix."""


def _inline_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise _NotAButton("InlineKeyboardButton must be an Object")
    actions = [name for name in _ACTIONS if _is_given(button, name)]
    text = _text(button)
    if not actions:
        raise _NotAButton("Text buttons are not allowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    return {"text": text, actions[0]: _ACTIONS[actions[0]](button[actions[0]])} | _looks(button)


def _button(button: object) -> Json:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict):
        raise _NotAButton("KeyboardButton must be a String or an Object")
    made = {"text": _text(button)}
    asks = [name for name in _ASKS if _is_given(button, name)]
    if len(asks) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    return made | {name: _ASKS[name](button[name]) for name in asks} | _looks(button)


def _is_given(button: Json, name: str) -> bool:
    """Empty strings are as good as absent, but for what is typed after the bot's name in an inline query."""
    value = button.get(name)
    return value is not None and value is not False and (value != "" or name.startswith("switch_inline_query"))


def _text(button: Json) -> str:
    if (text := button.get("text")) is None:
        raise _NotAButton('Can\'t find field "text"')
    if not isinstance(text, str):
        raise _NotAButton('Field "text" must be of type String')
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    return text


def _looks(button: Json) -> Json:
    looks = {name: str(button[name]) for name in _LOOKS if button.get(name)}
    if looks.get("style", "primary") not in _STYLES:
        raise _NotAButton("Invalid button style specified")
    return looks


# --- what inline buttons do -------------------------------------------------------------------------------


def _data(value: object) -> str:
    data = _string(value, "callback_data")
    if len(data.encode()) > _LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    return data


def _url(value: object) -> str:
    url = _string(value, "url")
    try:
        return checked_link(url)
    except ValueError as wrong:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {wrong}") from None


def _app(value: object) -> Json:
    """A page on this machine will do: the Mini App is developed here."""
    url = _object(value, "web_app").get("url")
    if not isinstance(url, str) or not url.lower().startswith(_APP_SCHEMES):
        raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    return {"url": url}


def _copied(value: object) -> Json:
    text = _object(value, "copy_text").get("text")
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_COPY:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": text}


def _login(value: object) -> Json:
    login = _object(value, "login_url")
    return login | {"url": _url(login.get("url"))}


def _query(value: object) -> str:
    return _string(value, "switch_inline_query")


def _chosen(value: object) -> Json:
    return _object(value, "switch_inline_query_chosen_chat")


def _yes(_: object) -> bool:
    return True


def _game(_: object) -> Json:
    return {}


def _request(value: object) -> Json:
    return _object(value, "request")


_ACTIONS: Final[Mapping[str, Callable[[object], Any]]] = {
    "url": _url,
    "callback_data": _data,
    "callback_game": _game,
    "pay": _yes,
    "switch_inline_query": _query,
    "switch_inline_query_chosen_chat": _chosen,
    "switch_inline_query_current_chat": _query,
    "login_url": _login,
    "web_app": _app,
    "copy_text": _copied,
}
_ASKS: Final[Mapping[str, Callable[[object], Any]]] = {
    "request_contact": _yes,
    "request_location": _yes,
    "request_poll": _request,
    "request_users": _request,
    "request_chat": _request,
    "web_app": _app,
}


# --- fields -----------------------------------------------------------------------------------------------


def _rows(markup: Json, name: str) -> list[list[object]]:
    """The rows that have buttons."""
    rows = markup.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        kind = " of the InlineKeyboardMarkup" if name == "inline_keyboard" else ""
        raise bad_request(f'field "{name}"{kind} must be an Array of Arrays')
    return [row for row in rows if row]


def _string(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _NotAButton(f'Field "{name}" must be of type String')
    return value


def _object(value: object, name: str) -> Json:
    if not isinstance(value, dict):
        raise _NotAButton(f'Field "{name}" must be of type Object')
    return value


def _flag(markup: Json, name: str) -> bool:
    return markup.get(name) in (True, "true", "True")


def _options(markup: Json, *names: str) -> Json:
    return {name: True for name in names if _flag(markup, name)}


def _placeholder(markup: Json) -> Json:
    text = markup.get("input_field_placeholder")
    return {"input_field_placeholder": text[:_LONGEST_PLACEHOLDER]} if isinstance(text, str) and text else {}
