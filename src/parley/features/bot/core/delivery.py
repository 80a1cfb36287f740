"""Which part of a reply goes where, and what Telegram's refusals mean."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a reply, counted from 0, and the Telegram message it is put into; None: a new one."""

    part: int
    telegram_message: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a reply comes to stand in the chat."""

    parts: tuple[Placed, ...]
    surplus: tuple[int, ...]
    """Telegram messages that no part needs any more."""


def plan(count: int, done: Collection[int], free: Sequence[int]) -> Plan:
    """Put the parts that are not there yet into the free Telegram messages in order, and the rest into new ones."""
    missing = [part for part in range(count) if part not in done]
    places = (*free, *(None for _ in missing))
    placed = tuple(Placed(part, place) for part, place in zip(missing, places, strict=False))
    return Plan(placed, tuple(free[len(missing) :]))


Refusal = Literal["unreadable", "same", "gone", "other"]


def meaning(description: str) -> Refusal:
    """What a `Bad Request` says: marks it cannot take, a text that is there already, a message that is not."""
    said = description.lower()
    if "entit" in said:  # it cannot parse them, or an address in one leads nowhere
        return "unreadable"
    if "message is not modified" in said:
        return "same"
    if any(words in said for words in _GONE):
        return "gone"
    return "other"


_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "message identifier is not")
