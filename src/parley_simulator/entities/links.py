"""Addresses in entities and buttons: which Telegram takes, and what it makes of them."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

_INNER: Final = re.compile(r"(tg|ton|tonsite):(?://)?(.*)", re.IGNORECASE | re.DOTALL)
_OUTER: Final = re.compile(r"(?:([^/?#]*?)://)?([^/?#]*)(.*)", re.DOTALL)
_AUTHORITY: Final = re.compile(r"(?:(.*)@)?(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d*))?", re.DOTALL)
_HOST: Final = re.compile(r"[^\s\"<>\[\]^`{|}\\@:]+")
_INNER_HOST: Final = re.compile(r"[A-Za-z0-9_-]+")
_TIME_PARTS: Final = re.compile(r"[tTdDwW]*")
_WHOLE: Final = re.compile(r"-?[1-9][0-9]*")
_LAST_PORT: Final = 65535
_LAST_TIME: Final = 2**31 - 1
_LAST_ID: Final = 2**63 - 1


def checked(address: str) -> str:
    """The address as Telegram writes it.

    Raises ValueError with Telegram's reason.
    """
    if inner := _INNER.fullmatch(address):
        return _inner(inner[1].lower(), inner[2])
    scheme, authority, path = (part or "" for part in _matched(_OUTER, address))
    if scheme and scheme.lower() not in {"http", "https"}:
        raise ValueError("Unsupported URL protocol")
    user, host, port = (part or "" for part in _matched(_AUTHORITY, authority))
    _check_host(host, port)
    written = f"{scheme.lower() or 'http'}://{user + '@' if user else ''}{host.lower()}{':' + port if port else ''}"
    return written + (path if path.startswith("/") else f"/{path}").replace(" ", "%20").replace("\n", "%0A")


def _matched(pattern: re.Pattern[str], text: str) -> tuple[str | None, ...]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError("Wrong HTTP URL")
    return found.groups()


def _inner(scheme: str, rest: str) -> str:
    host, mark, path = re.split(r"([/?#]|$)", rest, maxsplit=1)
    if not host:
        raise ValueError("URL host is empty")
    if not _INNER_HOST.fullmatch(host):
        raise ValueError("Unallowed characters in URL host")
    return f"{scheme}://{host.lower()}{mark}{path}"


def _check_host(host: str, port: str) -> None:
    if host in {"", "."}:
        raise ValueError("URL host is empty")
    if port and not 0 < int(port) <= _LAST_PORT:
        raise ValueError("Wrong port number specified in the URL")
    if host.startswith("["):
        return
    if not _HOST.fullmatch(host):
        raise ValueError("Disallowed character in URL host")
    if "." not in host:
        raise ValueError("Wrong HTTP URL")


def _asked(address: str, host: str) -> Mapping[str, str] | None:
    """The query of ``tg://host?…``, or None when the address is another."""
    found = re.fullmatch(rf"tg:(?://)?{host}/?(?:\?([^#]*))?(?:#.*)?", address, re.IGNORECASE | re.DOTALL)
    return None if found is None else dict(parse_qsl(found[1] or "", keep_blank_values=True))


def meaning(address: str) -> tuple[str, dict[str, Any]] | None:
    """What an address makes of its text: a mention, a link, or nothing when Telegram does not take it."""
    if (user := user_of(address)) is not None:
        return "text_mention", mentioned(user)
    try:
        return "text_link", {"url": checked(address)}
    except ValueError:
        return None


def mentioned(user: int) -> dict[str, Any]:
    """The fields of a mention: a User without a name, since text alone does not tell it."""
    return {"user": {"id": user, "is_bot": False, "first_name": ""}}


def user_of(address: str) -> int | None:
    """Whom ``tg://user?id=`` names."""
    query = _asked(address, "user") or {}
    return _number(query.get("id", ""), _LAST_ID)


def emoji_of(address: str) -> str | None:
    """Which custom emoji ``tg://emoji?id=`` names."""
    query = _asked(address, "emoji") or {}
    number = emoji_number(query.get("id", ""))
    return None if number is None else str(number)


def emoji_number(written: str) -> int | None:
    """A custom emoji's number, which may be negative but not 0."""
    if len(written) > 20 or not _WHOLE.fullmatch(written) or abs(int(written)) > _LAST_ID:
        return None
    return int(written)


def time_of(address: str) -> dict[str, Any] | None:
    """The fields of a ``date_time`` entity that ``tg://time?unix=&format=`` asks for.

    Raises ValueError with Telegram's reason when the format is none.
    """
    query = _asked(address, "time") or {}
    moment = _number(query.get("unix", ""), _LAST_TIME)
    return None if moment is None else time_fields(moment, query.get("format", ""))


def time_fields(moment: int, wanted: str) -> dict[str, Any]:
    """The fields of a ``date_time`` entity. Raises ValueError with Telegram's reason when the format is none."""
    return {"unix_time": moment} | ({"date_time_format": shape} if (shape := _time_format(wanted)) else {})


def _time_format(wanted: str) -> str:
    """The shortest way to say it: the day of the week, then the date, then the time; short before long."""
    if wanted in {"r", "R"}:
        return "r"
    if not _TIME_PARTS.fullmatch(wanted):
        raise ValueError("Invalid date format used")
    week = "w" if "w" in wanted.lower() else ""
    return (
        week + next((part for part in "dD" if part in wanted), "") + next((part for part in "tT" if part in wanted), "")
    )


def _number(written: str, last: int) -> int | None:
    if len(written) > 19 or not _WHOLE.fullmatch(written):
        return None
    return number if 0 < (number := int(written)) <= last else None
