"""People and service keys in the database."""

from dataclasses import dataclass

from parley.features.identity.core import Person, ProfileChange, TelegramUser
from parley.kernel.ids import TelegramUserId, UserId
from parley.kernel.ports import Row, Tx

_PERSON = (
    "id, telegram_user_id, username, first_name, last_name, telegram_language,"
    " display_name, gender, language, timezone, is_adult_confirmed, created_at"
)


async def person_by_telegram_id(tx: Tx, telegram: TelegramUserId) -> Person | None:
    """The person, if Parley has met them."""
    row = await tx.one(f"SELECT {_PERSON} FROM users WHERE telegram_user_id = :telegram", telegram=telegram)  # noqa: S608  a constant list of columns
    return None if row is None else _person(row)


async def meet(tx: Tx, user: TelegramUser, language: str, now: int) -> Person:
    """Add a person; when two requests meet them at once, the second gets the first one's row."""
    await tx.run(
        "INSERT INTO users (telegram_user_id, username, first_name, last_name, telegram_language,"
        " display_name, language, created_at, updated_at)"
        " VALUES (:telegram, :username, :first_name, :last_name, :telegram_language,"
        " :first_name, :language, :now, :now) ON CONFLICT (telegram_user_id) DO NOTHING",
        telegram=user.id,
        username=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        telegram_language=user.language_code,
        language=language,
        now=now,
    )
    person = await person_by_telegram_id(tx, user.id)
    assert person is not None
    return person


async def refresh(tx: Tx, user: TelegramUser, now: int) -> None:
    """Take over what Telegram says anew of a person."""
    await tx.run(
        "UPDATE users SET username = :username, first_name = :first_name, last_name = :last_name,"
        " telegram_language = :telegram_language, updated_at = :now WHERE telegram_user_id = :telegram",
        telegram=user.id,
        username=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        telegram_language=user.language_code,
        now=now,
    )


async def change_profile(tx: Tx, user: UserId, change: ProfileChange, now: int) -> None:
    """Write the members that the change names."""
    await tx.run(
        "UPDATE users SET display_name = COALESCE(:display_name, display_name),"
        " gender = CASE WHEN :clears_gender = 1 THEN NULL ELSE COALESCE(:gender, gender) END,"
        " language = COALESCE(:language, language),"
        " timezone = CASE WHEN :clears_timezone = 1 THEN NULL ELSE COALESCE(:timezone, timezone) END,"
        " updated_at = :now WHERE id = :user",
        user=user,
        display_name=change.display_name,
        gender=change.gender,
        clears_gender=int(change.clears_gender),
        language=change.language,
        timezone=change.timezone,
        clears_timezone=int(change.clears_timezone),
        now=now,
    )


async def confirm_adult(tx: Tx, user: UserId, now: int, *, confirmed: bool) -> None:
    """Keep or withdraw the person's word that they are 18 or older."""
    await tx.run(
        "UPDATE users SET is_adult_confirmed = :confirmed, adult_confirmed_at = :at, updated_at = :now"
        " WHERE id = :user",
        user=user,
        confirmed=int(confirmed),
        at=now if confirmed else None,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key another service calls with. The secret itself is not kept."""

    name: str
    is_adult: bool
    created_at: int
    revoked_at: int | None


async def add_key(tx: Tx, name: str, digest: str, now: int, *, is_adult: bool) -> bool:
    """Keep a new key; False if the name is taken."""
    added = await tx.run(
        "INSERT INTO service_keys (name, digest, is_adult, created_at) VALUES (:name, :digest, :is_adult, :now)"
        " ON CONFLICT (name) DO NOTHING",
        name=name,
        digest=digest,
        is_adult=int(is_adult),
        now=now,
    )
    return added == 1


async def revoke_key(tx: Tx, name: str, now: int) -> bool:
    """End a key; False if there is none of that name still good."""
    return await tx.run(
        "UPDATE service_keys SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL", name=name, now=now
    ) == 1  # fmt: skip


async def keys(tx: Tx) -> list[ServiceKey]:
    """All keys ever made, by name."""
    rows = await tx.all("SELECT name, is_adult, created_at, revoked_at FROM service_keys ORDER BY name")
    return [_key(row) for row in rows]


async def key_by_digest(tx: Tx, digest: str) -> ServiceKey | None:
    """The key that is still good and hashes to this."""
    row = await tx.one(
        "SELECT name, is_adult, created_at, revoked_at FROM service_keys WHERE digest = :digest AND revoked_at IS NULL",
        digest=digest,
    )
    return None if row is None else _key(row)


def _person(row: Row) -> Person:
    telegram = TelegramUser(
        TelegramUserId(row["telegram_user_id"]),
        row["first_name"],
        row["last_name"],
        row["username"],
        row["telegram_language"],
    )
    return Person(
        UserId(row["id"]),
        telegram,
        row["display_name"],
        row["gender"],
        row["language"],
        row["timezone"],
        bool(row["is_adult_confirmed"]),
        row["created_at"],
    )


def _key(row: Row) -> ServiceKey:
    return ServiceKey(row["name"], bool(row["is_adult"]), row["created_at"], row["revoked_at"])
