"""People and service keys in the database."""

from collections.abc import Sequence

from parley.features.identity.core import Caller, KeyUse, Person, ProfileChange, ServiceKey, TelegramUser
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


_USE = (
    "CAST(COALESCE(SUM(requests), 0) AS BIGINT) AS requests,"
    " CAST(COALESCE(SUM(prompt_tokens), 0) AS BIGINT) AS prompt_tokens,"
    " CAST(COALESCE(SUM(completion_tokens), 0) AS BIGINT) AS completion_tokens"
)


async def keys(tx: Tx) -> list[ServiceKey]:
    """All keys ever made, by name."""
    rows = await tx.all(
        f"SELECT name, is_adult, created_at, revoked_at, {_USE} FROM service_keys"  # noqa: S608  constant columns
        " LEFT JOIN service_key_use ON key_name = name GROUP BY name, is_adult, created_at, revoked_at ORDER BY name"
    )
    return [
        ServiceKey(row["name"], bool(row["is_adult"]), row["created_at"], row["revoked_at"], _use(row)) for row in rows
    ]


async def use_of(tx: Tx, key: str) -> KeyUse:
    """What was ever asked with the key of this name."""
    row = await tx.one(f"SELECT {_USE} FROM service_key_use WHERE key_name = :key", key=key)  # noqa: S608  constant columns
    assert row is not None
    return _use(row)


async def good_key(tx: Tx, digest: str) -> Caller | None:
    """The key that is still good and hashes to this."""
    row = await tx.one(
        "SELECT name, is_adult FROM service_keys WHERE digest = :digest AND revoked_at IS NULL", digest=digest
    )
    return None if row is None else Caller(row["name"], digest, bool(row["is_adult"]))


async def add_use(tx: Tx, uses: Sequence[tuple[str, int, KeyUse]]) -> None:
    """Add to what was asked with these keys (by name) on these days (since 1970), in one statement."""
    values = {
        f"{name}{number}": value
        for number, (key, day, use) in enumerate(uses)
        for name, value in (
            ("key", key),
            ("day", day),
            ("requests", use.requests),
            ("prompt", use.prompt_tokens),
            ("completion", use.completion_tokens),
        )
    }
    rows = ", ".join(f"(:key{n}, :day{n}, :requests{n}, :prompt{n}, :completion{n})" for n in range(len(uses)))
    await tx.run(
        "INSERT INTO service_key_use AS kept (key_name, day, requests, prompt_tokens, completion_tokens)"  # noqa: S608  names of parameters
        f" VALUES {rows} ON CONFLICT (key_name, day) DO UPDATE SET requests = kept.requests + excluded.requests,"
        " prompt_tokens = kept.prompt_tokens + excluded.prompt_tokens,"
        " completion_tokens = kept.completion_tokens + excluded.completion_tokens",
        **values,
    )


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


def _use(row: Row) -> KeyUse:
    return KeyUse(row["requests"], row["prompt_tokens"], row["completion_tokens"])
