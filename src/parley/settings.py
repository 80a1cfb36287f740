"""What an operator can set, and the only reader of the environment.

Every setting is ``PARLEY_<NAME>``; every secret also ``PARLEY_<NAME>_FILE``. A `.env` file in the working folder is
read too; the environment wins. A missing or malformed setting raises `SettingError`, one line that names it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

PREFIX: Final = "PARLEY_"
_BOT_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]{3,60}")
TELEGRAM: Final = "https://api.telegram.org"
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingError(Exception):
    """A setting is missing or malformed. The text is one line for the operator and never holds a secret's value."""


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An OpenAI-compatible provider, as one element of PARLEY_LLM_FALLBACKS."""

    base_url: str
    model: str
    api_key: str = ""

    def __repr__(self) -> str:
        return f"Provider(base_url={_without_password(self.base_url)!r}, model={self.model!r})"


def _line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line of text")
    return value


def _host(value: str) -> str:
    if not value or not value.isprintable() or " " in value:
        raise ValueError("must be the address or name of a network interface, such as 127.0.0.1 or 0.0.0.0")
    return value


def _bot_token(value: str) -> str:
    if not _BOT_TOKEN.fullmatch(value):
        raise ValueError("must be digits, a colon and 3 to 60 letters, digits, _ or -, as BotFather gave it")
    return value


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://")) or not value.isprintable():
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _redis_url(value: str) -> str:
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    try:
        urlsplit(value).port  # noqa: B018  reading it is the check
    except ValueError:
        raise ValueError("has no usable address") from None  # the original quotes what may be a password
    return value


def _http_url(value: str) -> str:
    if value and not _is_http(value):
        raise ValueError("must be an http:// or https:// address")
    return value.rstrip("/")


def _is_http(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and value.isprintable()
    except ValueError:  # its own words may quote the address, and with it a password
        return False


_ADDRESSES: Final = (_database_url, _redis_url, _http_url)
"""Readers of addresses, which are shown without what may be secret in them."""


def _switch(value: str) -> bool:
    if value.lower() not in {"on", "off"}:
        raise ValueError("must be on or off")
    return value.lower() == "on"


def _level(value: str) -> str:
    if value.upper() not in _LEVELS:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}")
    return value.upper()


def _providers(value: str) -> tuple[Provider, ...]:
    try:
        providers = msgspec.json.decode(value or "[]", type=tuple[Provider, ...])
    except msgspec.MsgspecError as error:
        raise ValueError('must be a JSON array of {"base_url", "api_key", "model"}') from error
    for provider in providers:
        _http_url(provider.base_url)
    return providers


def _bot_mode(value: str) -> str:
    if value not in {"polling", "webhook"}:
        raise ValueError("must be polling or webhook")
    return value


def _webhook_secret(value: str) -> str:
    if value and not _WEBHOOK_SECRET.fullmatch(value):
        raise ValueError("must be 1 to 256 letters, digits, _ or -")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone's IANA name, such as Europe/Moscow") from None
    return value


def _keys(value: str) -> tuple[str, ...]:
    keys = _list(value)
    if any(not key.isascii() or not key.isprintable() or " " in key for key in keys):
        raise ValueError("must be keys without spaces, parted by commas")
    return keys


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", value) or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return parse


def _setting(default: Any, parse: Callable[[str], Any], about: str, *, secret: bool = False) -> Any:
    """Declare one setting: its default, its reader, and a line for the operator."""
    return field(default=default, metadata={"parse": parse, "about": about, "secret": secret})


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """The effective settings. Its repr is what `shown` tells: no secrets."""

    bot_token: str = _setting("", _bot_token, "the bot's token from BotFather", secret=True)
    database_url: str = _setting(
        "sqlite:///data/parley.db", _database_url, "sqlite:///path or postgresql://…", secret=True
    )
    redis_url: str = _setting("", _redis_url, "empty: in process", secret=True)
    llm_base_url: str = _setting("", _http_url, "an OpenAI-compatible API, /v1 included; empty: the embedded model")
    llm_api_key: str = _setting("", _line, "the provider's key", secret=True)
    llm_model: str = _setting("", _line, "the provider's model")
    llm_fallbacks: tuple[Provider, ...] = _setting(
        (), _providers, "further providers, a JSON array of {base_url, api_key, model}", secret=True
    )
    llm_context_tokens: int = _setting(8192, _whole(512, 10_000_000), "how much the model can read")
    llm_reply_tokens: int = _setting(1024, _whole(16, 1_000_000), "the longest reply, taken from the context")
    host: str = _setting("127.0.0.1", _host, "the address to listen on")
    port: int = _setting(8080, _whole(0, 65535), "the port to listen on; 0: a free one")
    init_data_ttl: int = _setting(86400, _whole(1, 10**11), "seconds that a Mini App's initData is good for")
    daily_message_limit: int = _setting(50, _whole(0, 1_000_000), "messages a day without a subscription")
    rate_limits: bool = _setting(True, _switch, "on or off")  # noqa: FBT003  the value of a switch
    frame_ancestors: tuple[str, ...] = _setting(
        (), _list, "who may show the Mini App in a frame besides https://web.telegram.org"
    )
    public_url: str = _setting("", _http_url, "where the world reaches this Parley: the Mini App's and the webhook's")
    telegram_api_url: str = _setting(TELEGRAM, _http_url, "the Bot API server")
    bot_mode: str = _setting("polling", _bot_mode, "polling or webhook")
    webhook_secret: str = _setting("", _webhook_secret, "proves that a webhook call is Telegram's", secret=True)
    default_timezone: str = _setting("UTC", _zone, "of people who have not said theirs, an IANA name")
    api_keys: tuple[str, ...] = _setting((), _keys, "service keys besides those of parley keys, by commas", secret=True)
    api_key_rate: int = _setting(600, _whole(0, 1_000_000), "requests a minute for a service key; 0: no bound")
    embeddings_base_url: str = _setting(
        "", _http_url, "an OpenAI-compatible API, /v1 included; empty: the embedded model"
    )
    embeddings_api_key: str = _setting("", _line, "its key", secret=True)
    embeddings_model: str = _setting("", _line, "its model")
    log_level: str = _setting("INFO", _level, "DEBUG, INFO, WARNING or ERROR")

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """Settings from a mapping such as the environment.

        Raises SettingError for a malformed one.
        """
        settings = cls(**dict(_values(cls, environment)))
        if settings.llm_reply_tokens >= settings.llm_context_tokens:
            raise SettingError(f"{PREFIX}LLM_REPLY_TOKENS must be less than {PREFIX}LLM_CONTEXT_TOKENS")
        return settings

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value}' for name, value in self.shown())})"

    def require_bot_token(self) -> str:
        """The bot token, for commands that cannot do without; raises SettingError."""
        if not self.bot_token:
            raise SettingError(f"{PREFIX}BOT_TOKEN is not set: get one from @BotFather and set it")
        return self.bot_token

    def shown(self) -> Iterator[tuple[str, str]]:
        """Names and values for people; secrets only say whether they are set, addresses come without a password."""
        for each in fields(self):
            value = getattr(self, each.name)
            shown = _without_password(value) if each.metadata["parse"] in _ADDRESSES else None
            yield f"{PREFIX}{each.name.upper()}", shown or _shown(value, secret=each.metadata["secret"])


def _values(cls: type[Settings], environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for each in fields(cls):
        name = f"{PREFIX}{each.name.upper()}"
        text = _raw(name, environment, secret=each.metadata["secret"])
        if text is None or (text == "" and not each.default):
            continue
        try:
            yield each.name, each.metadata["parse"](text)
        except ValueError as error:
            raise SettingError(f"{name} {error}") from None


def _raw(name: str, environment: Mapping[str, str], *, secret: bool) -> str | None:
    """The setting's text; an empty one gives way to its file."""
    text = environment.get(name)
    path = environment.get(f"{name}_FILE") if secret else None
    if text or not path:
        return None if text is None else text.strip()
    return _read(Path(path), f"{name}_FILE").strip()


def _read(path: Path, name: str) -> str:
    """A text file; raises SettingError. Some editors begin it with a mark that is not part of the text."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingError(f"{name} cannot be read: {reason}") from None


def _shown(value: object, *, secret: bool) -> str:
    if secret:
        return "(set)" if value else "(not set)"
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _without_password(address: str) -> str:
    """An address without user, password and query: any of them may be a secret."""
    return re.sub(r"\?.*", "?…", re.sub(r"(?<=://).*@", "…@", address))


def environment_of(process: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    """The process's environment over what `.env` says (``NAME=value`` lines, ``#`` comments, optional quotes)."""
    return {**_dotenv(dotenv), **process}


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for line in _read(path, path.name).splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    is_quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value
