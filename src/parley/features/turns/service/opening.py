"""The first transaction of a turn: the lease, the unit and the message become durable together, or none of them."""

from dataclasses import dataclass

from parley.features.characters.core import Character
from parley.features.characters.service import Characters
from parley.features.chats.core import Chat, Message
from parley.features.chats.service import Chats
from parley.features.idempotency.service import Claim, Idempotency
from parley.features.identity.core import Person
from parley.features.limits.service import Limits
from parley.features.memories.service import Memories
from parley.features.prompts.core.build import WINDOW, Profile, Scene
from parley.features.turns import core, store
from parley.features.turns.core import AnsweredBefore, Begun, Regenerate, Running, Say, Wish
from parley.features.workers.service import Workers
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import MessageId, TurnId
from parley.kernel.ports import Chance, Clock, Database, Tx
from parley.kernel.wire import millis


class ChatTaken(Exception):
    """Another process answers in this chat right now."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants what of whom, and the idempotency key it came with."""

    person: Person
    character: Character
    wish: Wish
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Begins turns."""

    db: Database
    clock: Clock
    chance: Chance
    workers: Workers
    chats: Chats
    memories: Memories
    limits: Limits
    characters: Characters
    idempotency: Idempotency

    async def begin(self, asked: Asked) -> Begun | AnsweredBefore:
        """Open the turn; raises ChatTaken, DailyLimitExceeded, PremiumRequired, InvalidInput."""
        async with self.db.begin() as tx:
            await self.limits.require_access(tx, asked.person.id, asked.character.access_type)
            chat = await self.chats.open(tx, asked.person.id, asked.character.id)
            # The lease comes first: what is read after it, another process's turn can no longer make untrue.
            turn = await self._lease(tx, asked, chat)
            match asked.wish:
                case Say():
                    return await self._say(tx, asked, asked.wish, chat, turn)
                case Regenerate():
                    return await self._regenerate(tx, asked, chat, turn)

    async def _say(self, tx: Tx, asked: Asked, wish: Say, chat: Chat, turn: TurnId) -> Begun | AnsweredBefore:
        said = await self._said_before(tx, asked, wish, chat)
        if said is not None:
            chat = await self.chats.open(tx, asked.person.id, asked.character.id)
            newest = await self.chats.newest(tx, chat, 1)
            if newest[-1].id != said.id:
                await store.end(tx, chat.id, turn)
                return await self._answered(tx, chat, said)
        user_id, reply_id = map(MessageId, await tx.allocate("message", 2))
        message = said or Message(user_id, "user", wish.text, self._now(), client_id=wish.client_id)
        limits = await self.limits.take(tx, asked.person.id, turn)
        seq = chat.seq if said else await self.chats.add_user_message(tx, chat, message)
        if asked.claim is not None:
            await self.idempotency.remember_message(tx, asked.claim, message.id)
        scene = await self._scene(tx, asked, chat, await self.chats.newest(tx, chat, WINDOW))
        return Begun(turn, chat, reply_id, message.id, None, message, limits, seq, scene, is_repeated=said is not None)

    async def _said_before(self, tx: Tx, asked: Asked, wish: Say, chat: Chat) -> Message | None:
        """The message an earlier try of the same request stored, by idempotency key or by the client's own id."""
        if asked.claim is not None and asked.claim.message is not None:
            return await self.chats.message_in(tx, chat, asked.claim.message)
        if wish.client_id is not None:
            return await self.chats.by_client_id(tx, chat, wish.client_id)
        return None

    async def _answered(self, tx: Tx, chat: Chat, said: Message) -> AnsweredBefore:
        following = await self.chats.after(tx, chat, said.id)
        reply = following if following is not None and following.role == "assistant" else None
        return AnsweredBefore(said, reply, chat.seq)

    async def _regenerate(self, tx: Tx, asked: Asked, chat: Chat, turn: TurnId) -> Begun:
        chat = await self.chats.open(tx, asked.person.id, asked.character.id)
        anchor, old = core.what_to_answer(await self.chats.newest(tx, chat, 1))
        (reply_id,) = map(MessageId, await tx.allocate("message", 1))
        if old is None:
            history = await self.chats.newest(tx, chat, WINDOW)
        else:
            history = await self.chats.before(tx, chat, old.id, WINDOW)
        if not history:
            raise InvalidInput
        scene = await self._scene(tx, asked, chat, history)
        return Begun(turn, chat, reply_id, anchor, old, None, None, chat.seq, scene)

    async def _lease(self, tx: Tx, asked: Asked, chat: Chat) -> TurnId:
        turn = TurnId(self.chance.token())
        lease = Running(turn, chat.id, asked.person.id, self.workers.me)
        if not await store.begin(tx, lease, self._now()):
            raise ChatTaken
        return turn

    async def _scene(self, tx: Tx, asked: Asked, chat: Chat, history: list[Message]) -> Scene:
        person, character = asked.person, asked.character
        newest = next((each.text for each in reversed(history) if each.role == "user"), "")
        return Scene(
            character_name=character.name,
            system_prompt=character.system_prompt,
            greeting=character.greeting,
            profile=Profile(person.display_name, person.gender, person.language),
            relationship_type=chat.relationship_type,
            mood_preference=chat.mood_preference,
            memories=await self.memories.recall(tx, person.id, character.id, newest),
            history=history,
        )

    def _now(self) -> int:
        return millis(self.clock.now())
