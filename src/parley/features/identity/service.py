"""Use cases of people and service keys."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from parley.features.identity import core, store
from parley.features.identity.core import Person, ProfileChange, SignedIn, TelegramUser
from parley.features.versions import service as versions
from parley.kernel.errors import Conflict, NotFound, Unauthorized
from parley.kernel.ids import TelegramUserId
from parley.kernel.ports import Chance, Clock, Database, Tx
from parley.kernel.wire import millis

_CHECKED_KEPT: Final = 4096


@dataclass(slots=True)
class Identity:
    """Who calls, and what they tell of themselves."""

    db: Database
    clock: Clock
    bot_token: str = field(repr=False)
    init_data_ttl: timedelta
    _checked: OrderedDict[bytes, SignedIn] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def without_sign_in(cls, db: Database, clock: Clock) -> "Identity":
        """For commands that look people up: no initData is good here."""
        return cls(db, clock, "", timedelta())

    async def person(self, init_data: str) -> Person:
        """The person of a valid initData, met now if they are new; raises Unauthorized."""
        user = self._signed_in(init_data).user
        async with self.db.read() as tx:
            person = await store.person_by_telegram_id(tx, user.id)
        if person is not None and person.telegram == user:
            return person
        return await self._meet(user)

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

    async def _meet(self, user: TelegramUser) -> Person:
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
        secret = f"parley-{self.chance.token()}{self.chance.token()}"
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

    async def listing(self) -> list[store.ServiceKey]:
        """All keys, the revoked ones too."""
        async with self.db.read() as tx:
            return await store.keys(tx)

    async def of(self, secret: str) -> store.ServiceKey:
        """The key that this secret belongs to; raises Unauthorized."""
        async with self.db.read() as tx:
            key = await store.key_by_digest(tx, core.key_digest(secret))
        if key is None:
            raise Unauthorized
        return key
