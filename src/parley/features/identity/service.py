"""Use cases of people and service keys."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from parley.features.identity import core, store
from parley.features.identity.core import Caller, KeyUse, Person, ProfileChange, ServiceKey, SignedIn, TelegramUser
from parley.features.versions import service as versions
from parley.kernel.errors import Conflict, NotFound, ServiceUnavailable, Unauthorized, UserNotFound
from parley.kernel.ids import TelegramUserId
from parley.kernel.ports import Chance, Clock, Database, Tx
from parley.kernel.wire import millis

_CHECKED_KEPT: Final = 4096
_KEYS_KEPT: Final = 4096
_USES_AT_ONCE: Final = 100
"""Keys and days in one statement."""


@dataclass(slots=True)
class Identity:
    """Who calls, and what they tell of themselves."""

    db: Database
    clock: Clock
    bot_token: str = field(repr=False)
    init_data_ttl: timedelta
    default_timezone: str = "UTC"
    """Of people who have not said theirs."""
    _checked: OrderedDict[bytes, SignedIn] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def without_sign_in(cls, db: Database, clock: Clock) -> "Identity":
        """For commands that look people up: no initData is good here."""
        return cls(db, clock, "", timedelta())

    async def person(self, init_data: str) -> Person:
        """The person of a valid initData, met now if they are new; raises Unauthorized."""
        return await self.meet(self._signed_in(init_data).user)

    async def meet(self, user: TelegramUser) -> Person:
        """The person whom Telegram vouches for, met now if they are new."""
        async with self.db.read() as tx:
            person = await store.person_by_telegram_id(tx, user.id)
        if person is not None and person.telegram == user:
            return person
        return await self._meet_anew(user)

    def _signed_in(self, init_data: str) -> SignedIn:
        """Check once, then remember by the full digest: a prefix would let another string in (CVE-2026-35030)."""
        if not self.bot_token:
            raise Unauthorized
        now = self.clock.now()
        key = sha256(init_data.encode("utf-8", "surrogatepass")).digest()
        known = self._checked.get(key)
        if known is None:
            known = core.signed_in(init_data, self.bot_token, now, self.init_data_ttl)
            self._checked[key] = known
            if len(self._checked) > _CHECKED_KEPT:
                self._checked.popitem(last=False)
        if now > known.expires_at:
            raise Unauthorized
        return known

    async def _meet_anew(self, user: TelegramUser) -> Person:
        now = millis(self.clock.now())
        async with self.db.begin() as tx:
            person = await store.meet(tx, user, user.language_code or core.DEFAULT_LANGUAGE, now)
            if person.telegram != user:
                await store.refresh(tx, user, now)
                person = replace(person, telegram=user)
        return person

    async def by_telegram_id(self, telegram: TelegramUserId) -> Person | None:
        """The person with this Telegram id, if Parley has met them."""
        async with self.db.read() as tx:
            return await store.person_by_telegram_id(tx, telegram)

    async def known(self, telegram: TelegramUserId) -> Person:
        """The same; raises UserNotFound."""
        person = await self.by_telegram_id(telegram)
        if person is None:
            raise UserNotFound
        return person

    def zone_of(self, person: Person) -> str:
        """The name of the time zone the person lives by, as far as we know."""
        return person.timezone or self.default_timezone

    async def change_profile(self, person: Person, change: ProfileChange) -> Person:
        """Write the profile's named members; the profile as it now stands."""
        change = core.checked(change)
        async with self.db.begin() as tx:
            await store.change_profile(tx, person.id, change, millis(self.clock.now()))
            changed = await store.person_by_telegram_id(tx, person.telegram.id)
        assert changed is not None
        return changed

    async def confirm_adult(self, tx: Tx, person: Person, *, confirmed: bool) -> None:
        """Keep or withdraw the person's word that they are 18 or older."""
        await store.confirm_adult(tx, person.id, millis(self.clock.now()), confirmed=confirmed)


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """Keys for other services: made, listed and revoked at the command line."""

    db: Database
    clock: Clock
    chance: Chance

    async def create(self, name: str, *, is_adult: bool) -> str:
        """Make a key and return its secret, which is not kept; raises Conflict if the name is taken."""
        secret = core.new_key(self.chance.token() + self.chance.token())
        async with self.db.begin() as tx:
            now = millis(self.clock.now())
            if not await store.add_key(tx, name, core.key_digest(secret), now, is_adult=is_adult):
                raise Conflict
            await versions.raise_one(tx, "keys")
        return secret

    async def revoke(self, name: str) -> None:
        """End a key at once; raises NotFound."""
        async with self.db.begin() as tx:
            if not await store.revoke_key(tx, name, millis(self.clock.now())):
                raise NotFound
            await versions.raise_one(tx, "keys")

    async def listing(self) -> list[ServiceKey]:
        """All keys, the revoked ones too; last those of the settings, as one without a name, once they were used."""
        async with self.db.read() as tx:
            made = await store.keys(tx)
            configured = await store.use_of(tx, core.CONFIGURED_KEYS)
        if configured.requests:
            made.append(ServiceKey(core.CONFIGURED_KEYS, False, None, None, configured))  # noqa: FBT003  a row's columns
        return made


@dataclass(slots=True)
class KeyRing:
    """Which service calls: by a key of `parley keys`, or one of the settings. A key once seen costs no query."""

    db: Database
    configured: InitVar[Collection[str]]
    """The secrets of the settings; only their digests are kept."""
    _configured: tuple[bytes, ...] = field(init=False, repr=False)
    _known: OrderedDict[str, Caller] = field(default_factory=OrderedDict, repr=False)
    _version: int = 0

    def __post_init__(self, configured: Collection[str]) -> None:
        self._configured = tuple(core.key_digest(secret).encode() for secret in configured)

    async def caller(self, secret: str) -> Caller:
        """Whose key this is; raises Unauthorized. Kept by the whole digest: a prefix would let another key in."""
        digest = core.key_digest(secret)
        known = self._known.get(digest)
        if known is not None:
            return known
        if core.is_one_of(digest, self._configured):
            return self._kept(Caller(core.CONFIGURED_KEYS, digest, is_adult=False))
        if not core.may_be_key(secret):
            raise Unauthorized
        return await self._read(digest)

    def keys_are(self, version: int) -> None:
        """Somebody made or revoked a key: what is known may be stale."""
        if version != self._version:
            self._version = version
            self._known.clear()

    async def _read(self, digest: str) -> Caller:
        """Read and keep; what was read while a key changed is not kept."""
        version = self._version
        async with self.db.read() as tx:
            caller = await store.good_key(tx, digest)
        if caller is None:
            raise Unauthorized
        return self._kept(caller) if version == self._version else caller

    def _kept(self, caller: Caller) -> Caller:
        self._known[caller.digest] = caller
        if len(self._known) > _KEYS_KEPT:
            self._known.popitem(last=False)
        return caller


@dataclass(slots=True)
class KeyAccounts:
    """Counts what is asked with each key, in memory, and writes it down all at once, about every second."""

    db: Database
    clock: Clock
    _gathered: dict[tuple[str, int], KeyUse] = field(default_factory=dict, repr=False)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Whoever writes last, on the way out, waits for what is still being written."""

    def add(self, key: str, use: KeyUse) -> None:
        """Count under today (UTC)."""
        place = key, core.day_of(millis(self.clock.now()))
        kept = self._gathered.get(place)
        self._gathered[place] = use if kept is None else kept.and_more(use)

    async def write(self) -> None:
        """Write down what was gathered; while the database is away it stays gathered. Raises ServiceUnavailable."""
        async with self._writing:
            await self._write()

    async def _write(self) -> None:
        gathered, self._gathered = self._gathered, {}
        uses = [(key, day, use) for (key, day), use in gathered.items()]
        for start in range(0, len(uses), _USES_AT_ONCE):
            try:
                async with self.db.begin() as tx:
                    await store.add_use(tx, uses[start : start + _USES_AT_ONCE])
            except ServiceUnavailable:
                self._take_back(uses[start:])
                raise

    def _take_back(self, uses: Sequence[tuple[str, int, KeyUse]]) -> None:
        for key, day, use in uses:
            kept = self._gathered.get((key, day))
            self._gathered[key, day] = use if kept is None else kept.and_more(use)
