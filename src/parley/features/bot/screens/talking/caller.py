"""Who does something in their chat with the bot, and what every step of talking asks of them."""

from dataclasses import dataclass

from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.talking.stage import Stage
from parley.features.bot.screens.visitors import viewer_of
from parley.features.characters.core import Character
from parley.features.chats.core import Message
from parley.features.idempotency import core as idempotency
from parley.features.idempotency.service import Claim
from parley.features.identity.core import Person
from parley.features.limits.core import Rate
from parley.kernel.errors import Conflict, ServiceUnavailable
from parley.kernel.ids import CharacterId, MessageId
from parley.kernel.sentences import Language


@dataclass(frozen=True, slots=True)
class Caller:
    """A person at one update."""

    services: BotServices
    stage: Stage
    person: Person
    language: Language
    update_id: int

    @property
    def telegram_chat(self) -> int:
        """A private chat bears the number of its person."""
        return self.person.telegram.id

    async def visible(self, character: CharacterId) -> Character:
        """The character, if the person may talk with it; raises CharacterNotFound, AgeConfirmationRequired."""
        return await self.services.characters.visible(viewer_of(self.person), character)

    async def count(self, rate: Rate) -> None:
        """Count one of the requests that the app may make only so often; raises RateLimited."""
        await self.services.rates.count(str(self.person.id), rate)

    async def claim(self, route: str, body: str) -> Claim | str:
        """The right to answer this update, or what was kept when it was answered.

        Raises ServiceUnavailable while another process answers it: the inbox asks again.
        """
        asked = idempotency.asked(self.person.id, route, str(self.update_id), body.encode())
        try:
            return await self.services.idempotency.claim(asked)
        except Conflict as busy:
            raise ServiceUnavailable from busy

    async def newest(self, character: CharacterId) -> Message | None:
        """The newest message of the person's chat with the character."""
        page = await self.services.chats.page(self.person.id, character, limit=1)
        return page.messages[-1] if page.messages else None

    async def stored(self, character: CharacterId, message: MessageId) -> Message | None:
        """A message of the person's chat with the character, if it is still there."""
        chats = self.services.chats
        chat = await chats.find(self.person.id, character)
        if chat is None:
            return None
        async with chats.db.read() as tx:
            return await chats.message_in(tx, chat, message)

    async def said(self, character: CharacterId, client_id: str) -> tuple[Message | None, Message | None]:
        """What the person said under this id, and the message after it."""
        chats = self.services.chats
        chat = await chats.find(self.person.id, character)
        if chat is None:
            return None, None
        async with chats.db.read() as tx:
            said = await chats.by_client_id(tx, chat, client_id)
            return said, None if said is None else await chats.after(tx, chat, said.id)
