"""Who is calling: Telegram's initData checked, and the profile a person keeps."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import init_data_py
from init_data_py.errors import InitDataError

from parley.kernel.errors import InvalidInput, Unauthorized
from parley.kernel.ids import TelegramUserId, UserId
from parley.kernel.sentences import Language, language_of
from parley.kernel.text import bounded, one_line

MAX_INIT_DATA: Final = 16 * 1024
"""Characters. Telegram's own strings stay under 2 KiB."""
MAX_TELEGRAM_ID: Final = 2**53 - 1
CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far in the future an auth_date may lie; init-data-py accepts any."""
GENDERS: Final = frozenset({"male", "female", "other"})
DEFAULT_LANGUAGE: Final = "ru"
_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")
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


def signed_in(raw: str, bot_token: str, now: datetime, ttl: timedelta) -> SignedIn:
    """Check initData the way Telegram documents it; raises Unauthorized for every flaw.

    init-data-py hashes the pairs as received and refuses duplicates; size, the hash's form, a future ``auth_date``
    and the shape of ``user`` are checked here.
    """
    try:
        data = _validated(raw, bot_token, now, ttl)
        issued = data.issued_at
        if issued > now + CLOCK_SKEW or data.user is None:
            raise Unauthorized
        return SignedIn(_telegram_user(data.user), issued + ttl)
    except (InitDataError, ValueError, OverflowError, OSError, RecursionError) as flaw:
        raise Unauthorized from flaw


def _validated(raw: str, bot_token: str, now: datetime, ttl: timedelta) -> init_data_py.InitData:
    if not raw or len(raw) > MAX_INIT_DATA:
        raise Unauthorized
    data = init_data_py.parse(raw)
    if not _HASH.fullmatch(data.hash):
        raise Unauthorized
    return init_data_py.validate_by_hash(data, bot_token, expires_in=ttl, now=now)


def _telegram_user(user: init_data_py.User) -> TelegramUser:
    if isinstance(user.id, bool) or not 0 < user.id <= MAX_TELEGRAM_ID:
        raise Unauthorized
    return TelegramUser(
        id=TelegramUserId(user.id),
        first_name=name_line(user.first_name) or "…",
        last_name=name_line(user.last_name),
        username=name_line(user.username),
        language_code=user.language_code if is_language_tag(user.language_code) else None,
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


def key_digest(key: str) -> str:
    """What is kept of a service key. Keys are 256 random bits, so a plain hash cannot be guessed back."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
