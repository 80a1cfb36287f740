"""Cards in and out: what operators do with characters."""

from dataclasses import dataclass, field

from parley.features.characters.core.avatars import generated_avatar
from parley.features.characters.core.cards import Card
from parley.features.characters.core.catalogue import Listed
from parley.features.characters.core.export import as_json, as_png
from parley.features.characters.service.version import CatalogueVersion
from parley.features.characters.store import cards as store
from parley.features.characters.store import listing
from parley.kernel.errors import CharacterNotFound
from parley.kernel.ids import CharacterId
from parley.kernel.ports import Clock, Database
from parley.kernel.wire import millis


@dataclass(frozen=True, slots=True)
class PutCard:
    """What became of a card."""

    id: CharacterId
    created: bool
    """False: the character was there and is updated."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Imports, lists, exports and removes characters. Every change reaches all processes by the catalogue's version."""

    db: Database
    clock: Clock
    version: CatalogueVersion = field(default_factory=CatalogueVersion)

    async def put(self, card: Card) -> PutCard:
        """Add the card's character, or bring the one it already is up to date: its id and chats stay."""
        picture = card.picture or generated_avatar(card.name)
        digest, now = picture.digest, millis(self.clock.now())
        async with self.db.begin() as tx:
            revision = await store.raise_version(tx)
            known = await store.id_of(tx, card.key)
            if known is None:
                character = await store.add(tx, card, digest, revision, now)
            else:
                character = known
                await store.replace(tx, character, card, digest, revision, now)
            await store.put_avatar(tx, character, picture)
            await store.put_tags(tx, character, card.tags)
        self.version.raise_to(revision)
        return PutCard(character, created=known is None)

    async def listing(self) -> tuple[Listed, ...]:
        """Every character that was not removed."""
        async with self.db.read() as tx:
            return await listing.listing(tx)

    async def export(self, character: CharacterId, *, png: bool) -> bytes:
        """The card as a file: JSON as it was imported, or a PNG with the picture. Raises CharacterNotFound."""
        async with self.db.read(long=True) as tx:
            stored = await store.stored_card(tx, character)
        if stored is None:
            raise CharacterNotFound
        if png:
            return as_png(stored.name, stored.original, stored.picture)
        return as_json(stored.original)

    async def remove(self, character: CharacterId) -> None:
        """Take the character out of the catalogue; chats stay, and an import brings it back."""
        async with self.db.begin() as tx:
            revision = await store.raise_version(tx)
            if not await store.remove(tx, character, revision, millis(self.clock.now())):
                raise CharacterNotFound
        self.version.raise_to(revision)
