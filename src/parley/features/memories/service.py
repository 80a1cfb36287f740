"""Use cases of memories: looked at, added, changed and forgotten by the person themselves."""

from dataclasses import dataclass, field

from parley.features.memories import core, store
from parley.features.memories.core import Fact, Memory, Recalled, Words
from parley.kernel.errors import Conflict, MemoryNotFound
from parley.kernel.ids import CharacterId, MemoryId, UserId
from parley.kernel.ports import Clock, Database, Tx
from parley.kernel.wire import millis


@dataclass(frozen=True, slots=True)
class Memories:
    """What characters remember."""

    db: Database
    clock: Clock
    words: Words = field(default_factory=Words)

    async def listing(self, user: UserId, character: CharacterId) -> list[Memory]:
        """All of them: the most important first, then the newest."""
        async with self.db.read() as tx:
            return await store.memories(tx, user, character, core.MOST_KEPT)

    async def add(self, tx: Tx, user: UserId, character: CharacterId, fact: Fact) -> Memory:
        """Remember a fact the person gave; raises InvalidInput, Conflict when there are too many."""
        fact = core.checked(fact)
        if await store.count(tx, user, character) >= core.MOST_KEPT:
            raise Conflict
        added = await store.add(tx, user, character, fact, "user", millis(self.clock.now()))
        return await self._one(tx, user, character, added)

    async def change(self, user: UserId, character: CharacterId, wanted: MemoryId, fact: Fact) -> Memory:
        """Write the members that the fact names; raises InvalidInput, MemoryNotFound."""
        fact = core.checked(fact)
        async with self.db.begin() as tx:
            if not await store.change(tx, user, character, wanted, fact, millis(self.clock.now())):
                raise MemoryNotFound
            return await self._one(tx, user, character, wanted)

    async def forget(self, user: UserId, character: CharacterId, wanted: MemoryId) -> None:
        """Drop one; raises MemoryNotFound."""
        async with self.db.begin() as tx:
            if not await store.forget(tx, user, character, wanted):
                raise MemoryNotFound

    async def forget_everything(self, user: UserId, character: CharacterId) -> int:
        """Drop all of them; how many there were."""
        async with self.db.begin() as tx:
            return await self.forget_all(tx, user, character)

    async def forget_all(self, tx: Tx, user: UserId, character: CharacterId) -> int:
        """Drop all of them inside a larger change; how many there were."""
        return await store.forget_all(tx, user, character)

    async def count(self, tx: Tx, user: UserId, character: CharacterId) -> int:
        """How many there are."""
        return await store.count(tx, user, character)

    async def recall(self, tx: Tx, user: UserId, character: CharacterId, message: str) -> list[Recalled]:
        """All of them, the one most worth telling for this message first."""
        memories = await store.memories(tx, user, character, core.MOST_KEPT)
        return core.recall(memories, message, self.words)

    async def _one(self, tx: Tx, user: UserId, character: CharacterId, wanted: MemoryId) -> Memory:
        memory = await store.memory(tx, user, character, wanted)
        assert memory is not None
        return memory
