"""The values of a conversation in the bot."""

from dataclasses import dataclass

from parley.kernel.ids import CharacterId, MessageId, UserId


@dataclass(frozen=True, slots=True)
class Dialog:
    """Whom a person talks with, and whether they let the bot write to them."""

    character: CharacterId | None
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """A Telegram message in which a person said something to a character."""

    user: UserId
    telegram_chat: int
    telegram_message: int
    character: CharacterId


@dataclass(frozen=True, slots=True)
class Delivered:
    """A Telegram message that shows a part of a reply; ``part`` counts from 0."""

    telegram_chat: int
    telegram_message: int
    message: MessageId
    part: int


def client_id(telegram_message: int) -> str:
    """The client's id of what a person wrote in the bot: the same Telegram message is one message of ours."""
    return f"telegram:{telegram_message}"
