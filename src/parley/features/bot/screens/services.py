"""What the screens work with."""

from dataclasses import dataclass

from parley.features.bot.service import Dialogs, Outgoing
from parley.features.characters.service import Characters
from parley.features.chats.service import Chats
from parley.features.idempotency.service import Idempotency
from parley.features.identity.service import Identity
from parley.features.limits.service import Limits, Rates
from parley.features.memories.service import Memories
from parley.features.privacy.service import Privacy
from parley.features.scenes.service import Scenes
from parley.features.turns.service.turns import Turns
from parley.kernel.ports import Clock


@dataclass(frozen=True, slots=True)
class BotServices:
    """The use cases behind the screens, and the door to Telegram."""

    identity: Identity
    characters: Characters
    chats: Chats
    memories: Memories
    scenes: Scenes
    turns: Turns
    limits: Limits
    rates: Rates
    """The request rates of the API: one generation asked for here counts there too."""
    idempotency: Idempotency
    privacy: Privacy
    dialogs: Dialogs
    outgoing: Outgoing
    clock: Clock
    public_url: str
    """Where the Mini App is served from, without the last slash; empty where nobody can reach it."""
    default_timezone: str
    """Of people who have not said theirs, an IANA name."""
