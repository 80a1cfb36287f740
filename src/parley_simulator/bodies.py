"""What the control interface takes: exactly these fields."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

UserId = Annotated[int, Meta(ge=1, lt=1 << 52)]
BotId = Annotated[int, Meta(ge=1)]
MessageId = Annotated[int, Meta(ge=1)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"\S")]
"""What a person writes: no client of Telegram's sends white space alone."""


class Body(Struct, forbid_unknown_fields=True):
    """A JSON object with these fields and no others."""


class Nothing(Body):
    """An empty object."""


class Profile(Body):
    """A person; what is left out stays as it was."""

    first_name: Name
    id: UserId | UnsetType = UNSET
    last_name: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    username: Annotated[str, Meta(pattern="^[A-Za-z0-9_]{1,32}$")] | UnsetType | None = UNSET
    language_code: Annotated[str, Meta(max_length=35)] | UnsetType | None = UNSET
    is_premium: bool | UnsetType = UNSET
    stars: Annotated[int, Meta(ge=0, le=10**9)] | UnsetType = UNSET


class Written(Body):
    """A text from a person."""

    person: UserId = field(name="from")
    text: Text
    reply_to: MessageId | None = None
    date: Annotated[int, Meta(ge=1, lt=1 << 31)] | None = None


class Corrected(Body):
    """The new text of a person's message."""

    person: UserId = field(name="from")
    message_id: MessageId
    text: Text


class Tapped(Body):
    """A tap on an inline button."""

    bot: BotId
    person: UserId = field(name="from")
    message_id: MessageId
    data: Annotated[str, Meta(min_length=1, max_length=64)]
    stale: bool = False


class Stopped(Body):
    """Stop, pressed below a draft."""

    bot: BotId
    person: UserId = field(name="from")
    draft_id: int


class Blocked(Body):
    """A bot blocked or not."""

    bot: BotId
    person: UserId = field(name="from")
    blocked: bool


class Launched(Body):
    """A Mini App opened."""

    bot: BotId
    user: UserId
    start_param: Annotated[str, Meta(pattern=r"^[\w-]{0,512}$")] | None = None


class Paying(Body):
    """A payment; one of ``message_id`` and ``link`` names the invoice."""

    bot: BotId
    person: UserId = field(name="from")
    message_id: int | None = None
    link: str | None = None
    outcome: Literal["pay", "cancel", "fail", "pending"] = "pay"


class Changing(Body):
    """What becomes of a subscription."""

    action: Literal["renew", "cancel", "reactivate", "fail"]


class Limited(Body):
    """Limits; what is left out stays as it was."""

    enabled: bool | UnsetType = UNSET
    chat_burst: Annotated[int, Meta(ge=1, le=10**6)] | UnsetType = UNSET
    chat_per_second: Annotated[float, Meta(gt=0, le=10**6)] | UnsetType = UNSET
    bot_per_second: Annotated[float, Meta(gt=0, le=10**6)] | UnsetType = UNSET
    draft_per_5s: Annotated[int, Meta(ge=1, le=10**6)] | UnsetType = UNSET


class Broken(Body):
    """Calls that shall go wrong."""

    method: Annotated[str, Meta(pattern=r"^([A-Za-z]{1,64}|\*)$")]
    times: Annotated[int, Meta(ge=0, le=10**6)]
    bot: BotId | None = None
    status: Annotated[int, Meta(ge=400, le=599)] | None = None
    description: Annotated[str, Meta(max_length=1000)] | None = None
    retry_after: Annotated[int, Meta(ge=0, le=10**6)] | None = None
    delay: Annotated[float, Meta(ge=0, le=3600)] = 0.0
    drop: Literal["before", "after"] | None = None


class Held(Body):
    """Whether updates wait."""

    bot: BotId
    hold: bool


class Redelivered(Body):
    """Updates to deliver again."""

    bot: BotId
    update_ids: Annotated[list[int], Meta(max_length=1000)]


class HandedOver(Body):
    """What an app behind a keyboard button gave."""

    bot: BotId
    person: UserId = field(name="from")
    button_text: Annotated[str, Meta(min_length=1, max_length=4096)]
    data: Annotated[str, Meta(min_length=1, max_length=4096)]


class Read(Body):
    """A chat that was looked at."""

    bot: BotId
    person: UserId
