"""Telegram's updates as they come: who they are about and no more. What they say is read when they are handled."""

from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Raw, Struct

MOST_BYTES: Final = 256 * 1024
"""An update over this is not kept whole: Telegram's own stay under 100 KiB."""
KEPT_FOR: Final = 8 * 24 * 3_600_000
"""Milliseconds a handled update's id is remembered: Telegram repeats for a day; ids begin anew after a quiet week."""
ELSEWHERE: Final = "elsewhere"
"""The lane of updates that are about nobody we can make out."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update to be stored."""

    id: int
    lane: str
    """Updates of one lane are handled one after the other."""
    body: str
    """JSON as it came; empty if it was too large to keep."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored update that waits to be handled."""

    id: int
    lane: str
    body: str
    attempts: int
    """How many processes died with it in hand."""


class _Id(Struct):
    id: int


class _InChat(Struct):
    chat: _Id


class _Tap(Struct):
    sender: _Id = msgspec.field(name="from")
    message: _InChat | None = None


class _ByPerson(Struct):
    sender: _Id = msgspec.field(name="from")


class _Subscription(Struct):
    user: _Id


class _Head(Struct):
    """The members that tell the lane."""

    update_id: int
    message: _InChat | None = None
    edited_message: _InChat | None = None
    my_chat_member: _InChat | None = None
    callback_query: _Tap | None = None
    stopped_message_generation: _InChat | None = None
    pre_checkout_query: _ByPerson | None = None
    subscription: _Subscription | None = None


class _Numbered(Struct):
    update_id: int


def read(raw: bytes) -> Update | None:
    """An update from Telegram's JSON; None if it has not even a number, so that nothing could be confirmed by it."""
    try:
        head = msgspec.json.decode(raw, type=_Head)
        number, lane = head.update_id, _lane(head)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        known = _number(raw)
        if known is None:
            return None
        number, lane = known, ELSEWHERE
    if not 0 <= number < 2**63:
        return None
    return Update(number, lane, _text(raw))


def _number(raw: bytes) -> int | None:
    try:
        return msgspec.json.decode(raw, type=_Numbered).update_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _lane(head: _Head) -> str:
    """A chat's updates follow each other; a stop or a payment's question must not wait behind what it is about."""
    if head.stopped_message_generation is not None:
        return f"stop {head.stopped_message_generation.chat.id}"
    if head.pre_checkout_query is not None:
        return f"payment {head.pre_checkout_query.sender.id}"
    if head.callback_query is not None:
        tap = head.callback_query
        return _chat(tap.sender.id if tap.message is None else tap.message.chat.id)
    if head.subscription is not None:
        return _chat(head.subscription.user.id)
    for said in (head.message, head.edited_message, head.my_chat_member):
        if said is not None:
            return _chat(said.chat.id)
    return ELSEWHERE


def _chat(number: int) -> str:
    return f"chat {number}"


def _text(raw: bytes) -> str:
    """The JSON as text that both engines can keep; NUL and lone surrogates are escapes in it."""
    if len(raw) > MOST_BYTES:
        return ""
    return raw.decode(errors="replace").replace("\x00", "")


class _Answer(Struct):
    """What getUpdates answers."""

    ok: bool
    result: list[Raw] = []


def batch(answer: bytes) -> list[bytes]:
    """The updates inside an answer of getUpdates; raises ValueError if it is none."""
    try:
        answered = msgspec.json.decode(answer, type=_Answer)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ValueError("not an answer of getUpdates") from error
    if not answered.ok:
        raise ValueError("not an answer of getUpdates")
    return [bytes(each) for each in answered.result]
