"""What a Mini App gets at its launch, signed with the bot's token."""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from parley_simulator.state import Bot, Person
from parley_simulator.wire import Json, filled

_SEED: Final = bytes.fromhex("c80e09dc60f5efcf2e1f8d0793358e0ea3371267bef0024588f7bf67cf48dfb9")
"""A published test key of aiogram's: only Telegram has Telegram's. Who checks signatures is told its public half,
4112765021341e5415e772cd65903f6b94e3ea1c2ab669e6d3e18ee2db00da61."""
_VERSION: Final = "9.6"
_PLATFORM: Final = "weba"
_LIGHT: Final = {
    "bg_color": "#ffffff",
    "secondary_bg_color": "#f0f0f0",
    "section_bg_color": "#ffffff",
    "section_header_text_color": "#3390ec",
    "section_separator_color": "#e7e7e7",
    "header_bg_color": "#ffffff",
    "bottom_bar_bg_color": "#ffffff",
    "text_color": "#000000",
    "hint_color": "#707579",
    "subtitle_text_color": "#707579",
    "link_color": "#00488f",
    "accent_text_color": "#3390ec",
    "button_color": "#3390ec",
    "button_text_color": "#ffffff",
    "destructive_text_color": "#e53935",
}


def signed(bot: Bot, person: Person, now: float, start_param: str | None = None) -> str:
    """The launch's data: from a menu button, or with ``start_param`` from a link, which has no query to answer."""
    fields = {"user": json.dumps(_user(person), ensure_ascii=False, separators=(",", ":"))}
    if start_param is None:
        fields["query_id"] = "AA" + secrets.token_urlsafe(16)
    else:
        fields |= {
            "chat_instance": str((bot.id << 20) ^ person.id),
            "chat_type": "sender",
            "start_param": start_param,
        }
    fields["auth_date"] = str(int(now))
    fields["signature"] = _signature(bot.id, fields)
    secret = hmac.digest(b"WebAppData", bot.token.encode(), hashlib.sha256)
    fields["hash"] = hmac.new(secret, _lines(fields), hashlib.sha256).hexdigest()
    return urlencode(fields, quote_via=quote)


def _lines(fields: dict[str, str]) -> bytes:
    return "\n".join(sorted(f"{name}={value}" for name, value in fields.items())).encode()


def _signature(bot: int, fields: dict[str, str]) -> str:
    """What apps that do not know the token check; it is hashed like any other field."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  30 ms to load

    signed_bytes = Ed25519PrivateKey.from_private_bytes(_SEED).sign(b"%d:WebAppData\n%b" % (bot, _lines(fields)))
    return urlsafe_b64encode(signed_bytes).rstrip(b"=").decode()


def launch_url(bot: Bot, person: Person, init_data: str, start_param: str | None = None) -> str | None:
    """Where the menu button leads, with everything the app is told; None if there is no such button."""
    button = bot.menu_button_for(person.id)
    if button is None or button["type"] != "web_app":
        return None
    told = {
        "tgWebAppData": init_data,
        "tgWebAppVersion": _VERSION,
        "tgWebAppPlatform": _PLATFORM,
        "tgWebAppThemeParams": json.dumps(_LIGHT, separators=(",", ":")),
    }
    return with_fragment(_with_start(button["web_app"]["url"], start_param), urlencode(told, quote_via=quote))


def with_fragment(url: str, params: str) -> str:
    """Append to the address as Telegram's clients do: behind `#`, `?` or `&`, whichever comes next."""
    if "#" not in url:
        return f"{url}#{params}"
    fragment = url.partition("#")[2]
    if not fragment:
        return url + params
    has_params = "?" in fragment or "=" in fragment
    return f"{url}{'&' if has_params else '?'}{params}"


def _with_start(url: str, start_param: str | None) -> str:
    if start_param is None:
        return url
    parts = urlsplit(url)
    started = urlencode({"tgWebAppStartParam": start_param})
    return urlunsplit(parts._replace(query=f"{parts.query}&{started}" if parts.query else started))


def _user(person: Person) -> Json:
    return {"id": person.id, "first_name": person.first_name, "last_name": person.last_name or ""} | filled(
        username=person.username,
        language_code=person.language_code,
        is_premium=person.is_premium,
        allows_write_to_pm=True,
    )
