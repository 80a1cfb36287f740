"""What a person can do about what Parley keeps of them: have it handed out, have it erased."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from parley.features.identity.core import Person
from parley.features.privacy import core, store
from parley.features.privacy.core import Amount, Document, Kept, Write
from parley.features.privacy.store import Page, Told
from parley.kernel.errors import Conflict, PayloadTooLarge, UserNotFound
from parley.kernel.ids import ChatId, UserId
from parley.kernel.ports import Bus, Clock, Database, Rewound, TurnFailed, Tx, Typing
from parley.kernel.wire import timestamp

_AT_ONCE: Final = 200
"""Rows held in memory."""

_FIRST: Final = -1
"""The number before all others."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """Hands out and erases everything of a person."""

    db: Database
    clock: Clock
    bus: Bus

    async def amount(self, person: Person) -> Amount:
        """How much is kept."""
        async with self.db.read() as tx:
            return await store.amount(tx, person.id)

    # --- handing out

    async def export(self, person: Person) -> bytes:
        """Everything as one JSON document; raises UserNotFound, PayloadTooLarge beyond `core.MOST_BYTES`."""
        whole = BytesIO()

        def write(piece: bytes) -> None:
            if whole.tell() + len(piece) > core.MOST_BYTES:
                raise PayloadTooLarge
            whole.write(piece)

        await self.export_to(person, write)
        return whole.getvalue()

    async def export_to(self, person: Person, write: Write) -> None:
        """Everything as it was at one moment, piece by piece, however much it is; raises UserNotFound."""
        document = Document(write)
        async with self.db.read(long=True) as tx:
            profile = await store.person(tx, person.id)
            if profile is None:
                raise UserNotFound
            with document.members():
                self._tell_person(document, profile)
                document.add(await store.characters(tx, person.id), "characters")
                document.add({"dialog": await store.dialog(tx, person.id)}, "bot")
                for table in (core.SUBSCRIPTIONS, core.QUOTA_DAYS, core.MEMORIES):
                    await _tell_table(tx, document, table, person.id)
                await _tell_chats(tx, document, person.id)
        write(b"\n")

    def _tell_person(self, document: Document, profile: Told) -> None:
        document.add(core.FORMAT, "format")
        document.add(core.VERSION, "version")
        document.add(timestamp(self.clock.now()), "exported_at")
        document.add({column: profile[column] for column in core.PROFILE}, "profile")
        document.add({column: profile[column] for column in core.TELEGRAM}, "telegram")

    # --- erasing

    async def erase(self, person: Person) -> None:
        """Everything at once, or nothing if it fails; raises UserNotFound.

        Whoever writes for the person at this moment is waited for, and then finds nobody to write for: a reply being
        written has lost its lease. The next thing the person does makes them a new person.
        """
        async with self.db.begin() as tx:
            if not await store.lock(tx, person.id):
                raise UserNotFound
            for chat in await store.end_turns(tx, person.id):
                self._tell(tx, chat)
            for table in core.ALL:
                await store.empty(tx, table, person.id)
            await store.silence(tx, core.lanes_of(person.telegram.id))

    def _tell(self, tx: Tx, chat: ChatId) -> None:
        """Let whoever writes a reply there see that nobody wants it any more, and whoever waits for it that it ends."""

        async def tell() -> None:
            for signal in (Rewound(), Typing(is_typing=False), TurnFailed(Conflict.code)):
                await self.bus.publish(chat, signal)

        tx.after_commit(tell)


# --- the document's parts ----------------------------------------------------------------------------------


async def _tell_table(tx: Tx, document: Document, table: Kept, user: UserId) -> None:
    with document.items(table.name):
        async for rows in _pages(lambda after: store.page(tx, table, user, after, _AT_ONCE)):
            for row in rows:
                document.add(row)


async def _tell_chats(tx: Tx, document: Document, user: UserId) -> None:
    with document.items(core.CHATS.name):
        async for chats in _pages(lambda after: store.page(tx, core.CHATS, user, after, _AT_ONCE)):
            for chat in chats:
                await _tell_chat(tx, document, chat)


async def _tell_chat(tx: Tx, document: Document, chat: Told) -> None:
    with document.members():
        for name, value in chat.items():
            document.add(value, name)
        with document.items(core.MESSAGES.name):
            async for messages in _pages(lambda after: store.messages(tx, ChatId(chat["id"]), after, _AT_ONCE)):
                variants = await store.variants(tx, [message["id"] for message in messages])
                for message in messages:
                    document.add(message | {core.VARIANTS.name: variants.get(message["id"], [])})


async def _pages(read: Callable[[int], Awaitable[Page]]) -> AsyncIterator[list[Told]]:
    """The rows, so many at once; ``read`` gives those after a number."""
    after = _FIRST
    while (page := await read(after)).rows:
        yield page.rows
        after = page.last
