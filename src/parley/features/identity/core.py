"""Who is calling: Telegram's initData checked, and the profile a person keeps."""

import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from parley.kernel.errors import InvalidInput, Unauthorized
from parley.kernel.ids import TelegramUserId, UserId
from parley.kernel.sentences import Language, language_of
from parley.kernel.text import bounded, one_line, storable

MAX_INIT_DATA: Final = 16 * 1024
"""Characters. Telegram's own strings stay under 2 KiB."""
MAX_TELEGRAM_ID: Final = 2**53 - 1
CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far in the future an auth_date may lie."""
GENDERS: Final = frozenset({"male", "female", "other"})
DEFAULT_LANGUAGE: Final = "ru"
_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")
_SECONDS: Final = re.compile(r"[0-9]{1,19}")
_LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class TelegramUser:
    """What Telegram says of a person. Texts are one harmless line each."""

    id: TelegramUserId
    first_name: str
    last_name: str | None
    username: str | None
    language_code: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """A person Parley knows: Telegram's fields and their own profile."""

    id: UserId
    telegram: TelegramUser
    display_name: str
    gender: str | None
    language: str
    timezone: str | None
    is_adult_confirmed: bool
    created_at: int

    @property
    def speaks(self) -> Language:
        """The language of Parley's own sentences for this person."""
        return language_of(self.language)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A checked initData: who, and until when it is good."""

    user: TelegramUser
    expires_at: datetime


class _SignedUser(msgspec.Struct):
    """The members of initData's ``user`` that Parley reads; whatever else Telegram adds is hashed and let be."""

    id: int | str
    """A number; aiogram's published vector quotes it, and what is signed is believed."""
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


def signed_in(raw: str, bot_token: str, now: datetime, ttl: timedelta) -> SignedIn:
    """Check initData the way Telegram documents it (core.telegram.org/bots/webapps); raises Unauthorized for any flaw.

    The decoded pairs are hashed as they came, all but ``hash``: nothing is rebuilt from what was parsed.
    """
    try:
        fields = _fields(raw)
        _check_hash(fields, bot_token)
        issued = _issued_at(fields, now)
        if now > issued + ttl:
            raise Unauthorized
        return SignedIn(_telegram_user(fields["user"]), issued + ttl)
    except (KeyError, ValueError, OverflowError, OSError, RecursionError, msgspec.MsgspecError) as flaw:
        raise Unauthorized from flaw


def _fields(raw: str) -> Mapping[str, str]:
    """The pairs, decoded once. A name given twice could be hashed as one and read as the other."""
    if len(raw) > MAX_INIT_DATA:
        raise Unauthorized
    pairs = parse_qsl(raw, keep_blank_values=True, strict_parsing=True)
    fields = dict(pairs)
    if not fields or len(fields) < len(pairs) or not all(map(storable, fields.values())):
        raise Unauthorized
    return fields


def _check_hash(fields: Mapping[str, str], bot_token: str) -> None:
    given = fields["hash"]
    if _HASH.fullmatch(given) is None:
        raise Unauthorized
    lines = sorted(f"{name}={value}" for name, value in fields.items() if name != "hash")
    secret = hmac.digest(b"WebAppData", bot_token.encode(), "sha256")
    expected = hmac.digest(secret, "\n".join(lines).encode(), "sha256").hex()
    if not hmac.compare_digest(expected, given.lower()):
        raise Unauthorized


def _issued_at(fields: Mapping[str, str], now: datetime) -> datetime:
    seconds = fields["auth_date"]
    if _SECONDS.fullmatch(seconds) is None:
        raise Unauthorized
    issued = datetime.fromtimestamp(int(seconds), UTC)
    if issued > now + CLOCK_SKEW:
        raise Unauthorized
    return issued


def _telegram_user(text: str) -> TelegramUser:
    user = msgspec.json.decode(text, type=_SignedUser)
    number = int(user.id) if isinstance(user.id, int) or re.fullmatch(r"[0-9]{1,16}", user.id) else 0
    if not 0 < number <= MAX_TELEGRAM_ID or not storable(f"{user.first_name}{user.last_name}{user.username}"):
        raise Unauthorized
    return telegram_user(number, user.first_name, user.last_name, user.username, user.language_code)


def telegram_user(
    number: int, first_name: str, last_name: str | None, username: str | None, language_code: str | None
) -> TelegramUser:
    """What Telegram says of a person, made harmless: names are foreign text whoever vouches for them."""
    return TelegramUser(
        id=TelegramUserId(number),
        first_name=name_line(first_name) or "…",
        last_name=name_line(last_name),
        username=name_line(username),
        language_code=language_code if is_language_tag(language_code) else None,
    )


def name_line(text: str | None) -> str | None:
    """A name as one storable line of at most 64 characters, None if nothing of it is left."""
    if text is None:
        return None
    return one_line(text.encode("utf-8", "replace").decode(), 64) or None


def is_language_tag(text: str | None) -> bool:
    """Whether the text has the form of a BCP 47 tag (RFC 5646 §2.1, without the grandfathered ones)."""
    return text is not None and len(text) <= 35 and _LANGUAGE_TAG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """The members of a profile that a PATCH names; None leaves one as it is."""

    display_name: str | None = None
    gender: str | None = None
    clears_gender: bool = False
    language: str | None = None
    timezone: str | None = None
    clears_timezone: bool = False


def checked(change: ProfileChange) -> ProfileChange:
    """The change with its texts trimmed; raises InvalidInput naming the first field that is out of bounds."""
    name = change.display_name
    if name is not None:
        name = bounded(name, "display_name", most=64)
    if change.gender is not None and change.gender not in GENDERS:
        raise InvalidInput("gender")
    if change.language is not None and not is_language_tag(change.language):
        raise InvalidInput("language")
    if change.timezone is not None and not is_zone(change.timezone):
        raise InvalidInput("timezone")
    return ProfileChange(
        name, change.gender, change.clears_gender, change.language, change.timezone, change.clears_timezone
    )


def is_zone(name: str) -> bool:
    """Whether the IANA time zone database has this name."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+\-/]{0,63}", name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


# --- service keys ----------------------------------------------------------------------------------

CONFIGURED_KEYS: Final = ""
"""The name under which the keys of the settings are counted together: none made by `parley keys` can have it."""
_KEY: Final = re.compile(r"parley-[0-9a-f]{64}")
_DAY: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A service that called with a good key."""

    key: str
    """The key's name."""
    digest: str = field(repr=False)
    is_adult: bool
    """Whether it may talk to nsfw characters."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What was asked with a key."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def and_more(self, more: "KeyUse") -> "KeyUse":
        """Both together."""
        return KeyUse(
            self.requests + more.requests,
            self.prompt_tokens + more.prompt_tokens,
            self.completion_tokens + more.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key another service calls with. The secret itself is not kept."""

    name: str
    """Empty: all keys of the settings together, of which only the use is kept."""
    is_adult: bool
    created_at: int | None
    revoked_at: int | None
    use: KeyUse
    """Of all days."""


def new_key(chance: str) -> str:
    """A key's secret of 64 hexadecimal digits of chance."""
    return f"parley-{chance}"


def key_digest(key: str) -> str:
    """What is kept of a service key. Keys are 256 random bits, so a plain hash cannot be guessed back."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def may_be_key(secret: str) -> bool:
    """Whether `new_key` could have made this: what could not costs no look into the database."""
    return _KEY.fullmatch(secret) is not None


def is_one_of(digest: str, configured: Collection[bytes]) -> bool:
    """Whether the digest is among these. Takes equally long whichever it is, and if it is none."""
    matches = [hmac.compare_digest(digest.encode(), each) for each in configured]
    return any(matches)


def day_of(now: int) -> int:
    """The number of the UTC day, counted from 1970-01-01."""
    return now // _DAY
