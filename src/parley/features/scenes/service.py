"""New beginnings: a new scene, a full reset, forgetting what was just said."""

from dataclasses import dataclass

from parley.features.chats.service import Chats
from parley.features.memories.service import Memories
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import MAX_ID, CharacterId, UserId
from parley.kernel.ports import Tx


@dataclass(frozen=True, slots=True)
class Scenes:
    """Takes messages out of a chat, with or without what is remembered. Counts are real."""

    chats: Chats
    memories: Memories

    async def new_scene(self, tx: Tx, user: UserId, character: CharacterId, keep: int) -> tuple[int, int]:
        """Take out all but the newest ``keep`` messages; how many went, how many memories stay."""
        if not 0 <= keep <= MAX_ID:
            raise InvalidInput("messages_to_keep")
        chat = await self.chats.open(tx, user, character)
        deleted = await self.chats.clear(tx, chat, keep)
        return deleted, await self.memories.count(tx, user, character)

    async def reset(self, tx: Tx, user: UserId, character: CharacterId) -> tuple[int, int]:
        """Take out all messages and memories, keep the session's settings; how many of each went."""
        chat = await self.chats.open(tx, user, character)
        deleted = await self.chats.clear(tx, chat, 0)
        return deleted, await self.memories.forget_all(tx, user, character)

    async def forget_recent(self, tx: Tx, user: UserId, character: CharacterId, count: int) -> int:
        """Take out the newest messages; how many went. Facts a person gave themselves rest on no message and stay."""
        chat = await self.chats.open(tx, user, character)
        return await self.chats.forget_newest(tx, chat, count)
