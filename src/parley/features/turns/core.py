"""The values of a turn: what is asked, how it begins, how it ends."""

from dataclasses import dataclass
from typing import Final, Literal

from parley.features.chats.core import LONGEST_MESSAGE, Chat, Message
from parley.features.prompts.core.build import Scene
from parley.kernel.errors import InvalidInput, LimitState
from parley.kernel.ids import ChatId, MessageId, TurnId, UserId
from parley.kernel.text import bounded, storable

LONGEST_CLIENT_ID: Final = 128
MOST_WAITING: Final = 64
"""Messages that may wait for their turn in one chat; contract §7 asks for at least 50."""
COALESCE_SECONDS: Final = 0.04
"""Pieces of a reply are gathered this long before they are told: one frame a token is what makes peers slow."""
LONGEST_REPLY: Final = 120.0
"""Seconds a reply may take in all, its continuation after a break included (contract §2)."""
MOST_TOKENS: Final = 2**31 - 1
"""What a provider's count is kept as at most; it may say anything."""
LONGEST_MODEL_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Say:
    """The person says something and wants an answer."""

    text: str
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Regenerate:
    """The person wants another answer, or the one that never came."""


Wish = Say | Regenerate


def say(text: str, client_id: str | None = None) -> Say:
    """Check a message: 1 to 4000 characters after trimming; raises InvalidInput."""
    if client_id is not None:
        client_id = bounded(client_id, "client_id", most=LONGEST_CLIENT_ID)
    return Say(bounded(text, "message", most=LONGEST_MESSAGE), client_id)


def sayable(piece: str) -> str:
    """A model's text without the letters that no engine can keep: providers' answers are foreign data too."""
    return piece if storable(piece) else "".join(letter for letter in piece if storable(letter))


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn that has its lease, its unit and its message stored."""

    turn: TurnId
    chat: Chat
    reply_id: MessageId
    anchor: MessageId
    """The message answered or replaced: when it goes, the reply is no longer wanted."""
    replaces: Message | None
    user_message: Message | None
    """What the person said, where the turn was begun by saying something."""
    limits: LimitState | None
    seq: int
    """The number of the newest event when the turn began, its own first one included."""
    scene: Scene
    is_repeated: bool = False
    """The message was stored by an earlier try that failed, so it has no event of its own in this turn."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A turn whose reply is stored."""

    message: Message
    seq: int


@dataclass(frozen=True, slots=True)
class AnsweredBefore:
    """The message was stored and answered by an earlier request."""

    user_message: Message
    reply: Message | None
    seq: int
    is_repeated: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Running:
    """A turn's row: its lease."""

    turn: TurnId
    chat: ChatId
    user: UserId
    worker: str


Stopped = Literal["stop", "unwanted", "shutdown"]
"""Why a reply was cut short by us: the person's wish, its message gone, the process ending."""


def what_to_answer(newest: list[Message]) -> tuple[MessageId, Message | None]:
    """For a regenerate: the anchor and the reply to replace, from the chat's newest message; raises InvalidInput.

    A trailing user message that got no reply is answered; an empty chat has nothing to answer (contract §2).
    """
    if not newest:
        raise InvalidInput
    last = newest[-1]
    return (last.id, last) if last.role == "assistant" else (last.id, None)
