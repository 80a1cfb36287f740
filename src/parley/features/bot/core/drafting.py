"""When a reply in the making is shown, and how often: decisions over monotonic seconds."""

from dataclasses import dataclass, replace
from typing import Final

from parley.kernel.ids import MessageId

SHOW_EVERY: Final = 1.2
"""Seconds between two looks at the text so far: Telegram bears far fewer edits than drafts (reference §2.4)."""
SHOW_AGAIN: Final = 0.4
"""Seconds after which a look that was left out is offered again."""
TYPE_AFTER: Final = 0.2
"""Seconds of silence before the chat says that the character writes: a quick model is shown by its text alone."""
TYPE_EVERY: Final = 4.5
"""Telegram shows it for five seconds."""
DRAFTS_REFUSED_FOR: Final = 600.0
"""Seconds without another try once a Bot API server did not know drafts."""
_MOST: Final = 2**31 - 1
_LONGEST_WITH_MARK: Final = 2000
"""Code points; far enough from Telegram's 4096 units that the mark fits behind them."""


def draft_of(reply: MessageId) -> int:
    """The number of a reply's draft: never zero, and small enough for every client."""
    return reply % _MOST + 1


@dataclass(frozen=True, slots=True)
class Pace:
    """What has been shown of a reply, and from when on what may be."""

    type_from: float
    show_from: float
    shown: int = 0
    """How many code points of the reply the person has seen."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show the text as it stands."""


@dataclass(frozen=True, slots=True)
class Type:
    """Say that the character writes."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for the reply's end, at most so many seconds; None: however long it takes."""

    seconds: float | None
    for_text: bool
    """More text ends the wait too."""


Step = Show | Type | Wait


def began(now: float) -> Pace:
    """A reply begins: its first text may be shown at once."""
    return Pace(type_from=now + TYPE_AFTER, show_from=now)


def step(pace: Pace, length: int, now: float) -> Step:
    """What to do while the reply has ``length`` code points."""
    if length > pace.shown:
        return Show() if now >= pace.show_from else Wait(pace.show_from - now, for_text=False)
    if pace.shown:
        return Wait(None, for_text=True)
    return Type() if now >= pace.type_from else Wait(pace.type_from - now, for_text=True)


def showed(pace: Pace, length: int, now: float) -> Pace:
    """The person sees so much."""
    return replace(pace, shown=length, show_from=now + SHOW_EVERY)


def left_out(pace: Pace, now: float) -> Pace:
    """There was no room for a look at the text."""
    return replace(pace, show_from=now + SHOW_AGAIN)


def typed(pace: Pace, now: float) -> Pace:
    """The chat says that the character writes, or had no room for it."""
    return replace(pace, type_from=now + TYPE_EVERY)


def unfinished(text: str) -> str:
    """The text with a sign that more is to come."""
    return f"{text} …" if len(text) <= _LONGEST_WITH_MARK else text
