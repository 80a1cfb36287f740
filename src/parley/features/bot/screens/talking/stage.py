"""What goes on in the bot's chats at this moment, in this process. That it is forgotten with it loses nothing."""

import asyncio
from dataclasses import dataclass, field

from parley.features.turns.service.turns import Turn
from parley.kernel.ids import CharacterId


@dataclass(slots=True, eq=False)
class Talk:
    """A reply on its way: from its place in the queue to its last part in the chat."""

    telegram_chat: int
    character: CharacterId
    telegram_message: int | None = None
    """In which the person said what is answered; None where a button asked for the reply."""
    turn: Turn | None = None
    draft: int | None = None
    """The number of the draft that shows it."""
    places: list[int] = field(default_factory=list)
    """The Telegram messages that it takes; the first shows it while it is written."""
    is_rewritten: bool = False
    """The first of them showed something else before."""
    is_superseded: bool = False
    """What it answers was edited: another reply comes instead, and this one is not sent."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def waits(self) -> bool:
        """Whether it stands in the line, and what it answers is not yet stored."""
        return self.turn is not None and not self.turn.begun.done()


@dataclass(slots=True)
class Stage:
    """All talks, by Telegram chat, each chat's in their order."""

    drafts_refused_until: float = 0.0
    """Monotonic seconds: before that the Bot API server is not asked for drafts."""
    _talks: dict[int, list[Talk]] = field(default_factory=dict)

    def enter(self, talk: Talk) -> None:
        """A reply is wanted."""
        self._talks.setdefault(talk.telegram_chat, []).append(talk)

    def leave(self, talk: Talk) -> None:
        """The reply stands in the chat, or there will be none."""
        talk.over.set()
        talks = self._talks[talk.telegram_chat]
        talks.remove(talk)
        if not talks:
            del self._talks[talk.telegram_chat]

    def talks(self, telegram_chat: int) -> list[Talk]:
        """The chat's talks."""
        return list(self._talks.get(telegram_chat, ()))

    def with_character(self, telegram_chat: int, character: CharacterId) -> list[Talk]:
        """The chat's talks with this character."""
        return [talk for talk in self._talks.get(telegram_chat, ()) if talk.character == character]
