"""Use cases of a chat. Each change appends its numbered event in its own transaction and is told after the commit."""

from collections.abc import Sequence
from dataclasses import dataclass

from parley.features.chats import core, store
from parley.features.chats.core import Chat, Event, Logged, Message, Reply, SessionChange, Variant
from parley.kernel.errors import Conflict, InvalidInput, MessageNotFound, NotFound
from parley.kernel.ids import MAX_ID, CharacterId, ChatId, MessageId, UserId
from parley.kernel.ports import Advanced, Bus, Clock, Database, Rewound, Signal, Tx
from parley.kernel.text import bounded
from parley.kernel.wire import millis


@dataclass(frozen=True, slots=True)
class Page:
    """A page of history in time order."""

    messages: list[Message]
    total: int
    has_more: bool
    """Older ones exist."""
    seq: int
    """The number of the newest event when the page was read."""


@dataclass(frozen=True, slots=True)
class Chats:
    """Conversations: what was said, and how it is told to everyone who looks."""

    db: Database
    bus: Bus
    clock: Clock

    # --- looking

    async def open(self, tx: Tx, user: UserId, character: CharacterId) -> Chat:
        """The person's chat with the character, begun at first use."""
        chat = await store.chat_of(tx, user, character)
        if chat is None:
            await store.make(tx, user, character, self._now())
            chat = await store.chat_of(tx, user, character)
        assert chat is not None
        return chat

    async def find(self, user: UserId, character: CharacterId) -> Chat | None:
        """The chat if it has begun."""
        async with self.db.read() as tx:
            return await store.chat_of(tx, user, character)

    async def session(self, user: UserId, character: CharacterId) -> Chat:
        """The chat with its settings, begun at first use."""
        chat = await self.find(user, character)
        if chat is not None:
            return chat
        async with self.db.begin() as tx:
            return await self.open(tx, user, character)

    async def used(self, user: UserId, limit: int, offset: int) -> list[tuple[Chat, Message | None]]:
        """The person's chats, the latest first, each with its newest message."""
        async with self.db.read() as tx:
            chats = await store.chats_of(tx, user, limit, offset)
            newest = await store.newest_of_each(tx, [chat.id for chat in chats])
        return [(chat, newest.get(chat.id)) for chat in chats]

    async def page(
        self, user: UserId, character: CharacterId, *, limit: int, offset: int = 0, before: int | None = None
    ) -> Page:
        """A page counted from the newest message, or just before one (``before``: its id)."""
        async with self.db.read() as tx:
            chat = await store.chat_of(tx, user, character)
            if chat is None:
                return Page([], 0, has_more=False, seq=0)
            if before is None:
                found = await store.newest(tx, chat.id, limit + 1, offset)
            else:
                found = await store.before(tx, chat.id, before, limit + 1)
        return Page(found[-limit:], chat.messages_count, len(found) > limit, chat.seq)

    async def events(self, chat: ChatId, after: int, limit: int) -> list[Logged]:
        """Numbered events beyond ``after``."""
        async with self.db.read() as tx:
            return await store.events_after(tx, chat, after, limit)

    async def receipt(self, user: UserId, character: CharacterId, wanted: MessageId) -> str:
        """The receipt of a reply as JSON; raises MessageNotFound, NotFound for a message without one."""
        async with self.db.read() as tx:
            chat, message = await self._owned(tx, user, character, wanted)
            receipt = await store.receipt(tx, chat.id, message.id)
        if receipt is None:
            raise NotFound
        return receipt

    async def variants(self, user: UserId, character: CharacterId, wanted: MessageId) -> list[Variant]:
        """All replies the message can show; a message of one text has just that."""
        async with self.db.read() as tx:
            chat, message = await self._owned(tx, user, character, wanted)
            found = await store.variants(tx, chat.id, message.id)
        return found or [
            Variant(
                1, message.text, message.created_at, message.tokens_used, message.model_used, message.is_partial, True  # noqa: FBT003  is_selected
            )
        ]  # fmt: skip

    # --- changing

    async def edit(self, user: UserId, character: CharacterId, wanted: MessageId, text: str) -> Message:
        """Give a message another text; raises MessageNotFound, InvalidInput."""
        text = bounded(text, "message", most=core.LONGEST_MESSAGE)
        async with self.db.begin() as tx:
            chat, _ = await self._owned(tx, user, character, wanted)
            await self._lock(tx, chat)
            await store.edit(tx, chat.id, wanted, text, self._now())
            await self.log(tx, chat.id, Event("message.updated", wanted))
            _, message = await self._owned(tx, user, character, wanted)
        return message

    async def delete(self, user: UserId, character: CharacterId, wanted: MessageId) -> None:
        """Take one message out; raises MessageNotFound."""
        async with self.db.begin() as tx:
            chat, _ = await self._owned(tx, user, character, wanted)
            await self._take_out(tx, chat, [wanted])

    async def select_variant(
        self, tx: Tx, user: UserId, character: CharacterId, wanted: MessageId, number: int
    ) -> Message:
        """Show another of the message's replies; raises MessageNotFound, NotFound for an unknown number."""
        chat, message = await self._owned(tx, user, character, wanted)
        if not 1 <= number <= message.variants_count:
            raise NotFound
        if message.variants_count == 1:
            return message
        await self._lock(tx, chat)
        if not await store.select_variant(tx, chat.id, wanted, number):
            raise NotFound
        await self.log(tx, chat.id, Event("message.updated", wanted))
        _, message = await self._owned(tx, user, character, wanted)
        return message

    async def change_session(self, user: UserId, character: CharacterId, change: SessionChange) -> Chat:
        """Write the settings that the change names."""
        change = core.checked(change)
        async with self.db.begin() as tx:
            chat = await self.open(tx, user, character)
            await store.change_session(tx, chat, change)
            changed = await self.open(tx, user, character)
            await self.log(tx, chat.id, Event("session.updated", data=core.session_data(changed)))
        return changed

    async def forget_newest(self, tx: Tx, chat: Chat, count: int) -> int:
        """Take the newest messages out; how many there were."""
        if not 1 <= count <= core.MOST_FORGOTTEN:
            raise InvalidInput("count")
        await self._lock(tx, chat)
        ids = await store.newest_ids(tx, chat.id, count)
        return await self._take_out(tx, chat, ids) if ids else 0

    async def clear(self, tx: Tx, chat: Chat, keep: int) -> int:
        """Take all but the newest ``keep`` messages out; how many there were."""
        await self._lock(tx, chat)
        kept = await store.newest_ids(tx, chat.id, keep) if keep else []
        count = await store.delete_before(tx, chat.id, kept[0] if kept else MAX_ID)
        await self.log(tx, chat.id, core.reset(kept), messages=-count)
        self._tell(tx, chat.id, Rewound())
        return count

    # --- for the turn

    async def add_user_message(self, tx: Tx, chat: Chat, message: Message) -> int:
        """Store what the person said; the number of its event."""
        await store.add_user_message(tx, chat.id, message)
        event = Event("message.new", message.id)
        return await self.log(tx, chat.id, event, messages=1, at=message.created_at)

    async def add_reply(self, tx: Tx, chat: Chat, reply: Reply) -> int:
        """Store the character's reply; the number of its last event. From here on nobody else writes in the chat."""
        seq = await self.log(tx, chat.id, *_said(reply), messages=1, at=reply.created_at)
        await store.add_reply(tx, chat.id, core.as_message(reply), reply.receipt)
        return seq

    async def replace_reply(self, tx: Tx, chat: Chat, old: Message, reply: Reply) -> int:
        """Put a new reply in the place of the old one, which stays as a variant; the number of its last event.

        Raises Conflict if the old one is gone.
        """
        seq = await self.log(tx, chat.id, core.deleted([old.id]), *_said(reply), at=reply.created_at)
        await store.add_reply(tx, chat.id, core.as_message(reply, old), reply.receipt)
        await store.inherit_variants(tx, old.id, reply.id)
        if not await store.delete(tx, chat.id, [old.id]):
            raise Conflict
        return seq

    async def newest(self, tx: Tx, chat: Chat, count: int) -> list[Message]:
        """The newest messages, in time order."""
        return await store.newest(tx, chat.id, count)

    async def message_in(self, tx: Tx, chat: Chat, wanted: MessageId) -> Message | None:
        """One message of the chat, if it is still there."""
        return await store.message(tx, chat.id, wanted)

    async def before(self, tx: Tx, chat: Chat, message: MessageId, count: int) -> list[Message]:
        """The messages just before one, in time order."""
        return await store.before(tx, chat.id, message, count)

    async def after(self, tx: Tx, chat: Chat, message: MessageId) -> Message | None:
        """The message just after one."""
        return await store.after(tx, chat.id, message)

    async def by_client_id(self, tx: Tx, chat: Chat, client_id: str) -> Message | None:
        """The message a client sent under its own id."""
        return await store.message_by_client_id(tx, chat.id, client_id)

    async def log(self, tx: Tx, chat: ChatId, *events: Event, messages: int = 0, at: int | None = None) -> int:
        """Append events and tell everyone after the commit; the last number. The one door to the log."""
        seq = await store.log(tx, chat, events, messages=messages, at=at)
        self._tell(tx, chat, Advanced(seq))
        return seq

    # ---

    async def _owned(self, tx: Tx, user: UserId, character: CharacterId, wanted: MessageId) -> tuple[Chat, Message]:
        chat = await store.chat_of(tx, user, character)
        message = None if chat is None else await store.message(tx, chat.id, wanted)
        if chat is None or message is None:
            raise MessageNotFound
        return chat, message

    async def _take_out(self, tx: Tx, chat: Chat, ids: Sequence[int]) -> int:
        await self._lock(tx, chat)
        count = await store.delete(tx, chat.id, ids)
        if not count:
            raise MessageNotFound
        await self.log(tx, chat.id, core.deleted(ids), messages=-count)
        self._tell(tx, chat.id, Rewound())
        return count

    async def _lock(self, tx: Tx, chat: Chat) -> None:
        """Make other writers of this chat wait: what is counted next stays true until the commit.

        Whoever changes messages takes this lock before those of the messages; two orders would wait for each other.
        """
        await store.log(tx, chat.id, ())

    def _tell(self, tx: Tx, chat: ChatId, signal: Signal) -> None:
        async def tell() -> None:
            await self.bus.publish(chat, signal)

        tx.after_commit(tell)

    def _now(self) -> int:
        return millis(self.clock.now())


def _said(reply: Reply) -> tuple[Event, Event]:
    return Event("message.new", reply.id), Event("message.complete", reply.id)
