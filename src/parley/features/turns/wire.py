"""How turns look in JSON: answers of POSTs (spec «Chat API»), what is kept for a repeated one, socket frames."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from parley.features.chats import wire as chats
from parley.features.chats.core import Message
from parley.features.chats.wire import ModelName, NewText, Text, Tokens, ToldMessage, Variants
from parley.features.turns.core import Begun, Ended
from parley.kernel.errors import LimitState
from parley.kernel.ids import CharacterId
from parley.kernel.openapi import Id, Moment, schema
from parley.kernel.wire import timestamp_of


class SendBody(Struct, forbid_unknown_fields=True):
    """`POST …/messages`."""

    message: NewText


class AssistantMessage(Struct):
    """The reply in the answer of `POST …/messages`."""

    id: Id
    role: Annotated[str, schema(enum=["assistant"])]
    message_text: Text
    created_at: Moment
    tokens_used: Tokens | None
    model_used: ModelName | None
    is_partial: bool | UnsetType = UNSET


class LimitsLeft(Struct):
    """The quota right after this message's unit was taken; -1: without limit."""

    remaining: Annotated[int, schema(minimum=-1, examples=[48])]
    total: Annotated[int, schema(minimum=-1, examples=[50])]
    resets_at: Moment | None


class SendAnswer(Struct):
    """`POST …/messages`."""

    user_message: ToldMessage
    assistant_message: AssistantMessage
    limits: LimitsLeft


class RegeneratedMessage(Struct):
    """The reply in the answer of `POST …/regenerate`."""

    id: Id
    role: Annotated[str, schema(enum=["assistant"])]
    message_text: Text
    created_at: Moment
    is_regenerated: bool
    is_partial: bool | UnsetType = UNSET
    variants_count: Variants | UnsetType = UNSET


class RegenerateAnswer(Struct):
    """`POST …/regenerate`."""

    message: RegeneratedMessage


class StopAnswer(Struct):
    """`POST …/stop`."""

    success: bool
    stopped: bool


class Kept(Struct):
    """What is kept under an idempotency key: the answer, and the lasting events for one who asks for a stream."""

    body: Raw
    frames: list[Raw]


def send_answer(said: Message, reply: Message, limits: LimitState) -> SendAnswer:
    """The answer of `POST …/messages`."""
    assistant = AssistantMessage(
        reply.id,
        reply.role,
        reply.text,
        timestamp_of(reply.created_at),
        reply.tokens_used,
        reply.model_used,
        True if reply.is_partial else UNSET,
    )
    return SendAnswer(chats.told(said), assistant, LimitsLeft(limits.remaining, limits.total, limits.resets_at))


def regenerate_answer(reply: Message) -> RegenerateAnswer:
    """The answer of `POST …/regenerate`."""
    return RegenerateAnswer(
        RegeneratedMessage(
            reply.id,
            reply.role,
            reply.text,
            timestamp_of(reply.created_at),
            reply.is_regenerated,
            True if reply.is_partial else UNSET,
            reply.variants_count if reply.variants_count > 1 else UNSET,
        )
    )


def answer_of(begun: Begun, ended: Ended) -> bytes:
    """The JSON answer of a finished turn."""
    if begun.user_message is None or begun.limits is None:
        return msgspec.json.encode(regenerate_answer(ended.message))
    return msgspec.json.encode(send_answer(begun.user_message, ended.message, begun.limits))


def kept(begun: Begun, ended: Ended) -> str:
    """What to keep for a repeated request."""
    frames = [Raw(frame) for frame in _lasting_frames(begun, ended)]
    return msgspec.json.encode(Kept(Raw(answer_of(begun, ended)), frames)).decode()


def kept_before(said: Message, reply: Message, limits: LimitState) -> Kept:
    """The like for a message that was answered by another request."""
    complete = {"message_id": reply.id, "tokens_used": reply.tokens_used}
    frames = [
        chats.frame("message.new", chats.told(said)),
        chats.frame("message.new", chats.told(reply)),
        chats.frame("message.complete", complete),
    ]
    return Kept(Raw(msgspec.json.encode(send_answer(said, reply, limits))), [Raw(frame) for frame in frames])


def _lasting_frames(begun: Begun, ended: Ended) -> Iterator[bytes]:
    reply = ended.message
    if begun.user_message is not None:
        seq = None if begun.is_repeated else begun.seq
        yield chats.frame("message.new", chats.told(begun.user_message), seq)
    if begun.replaces is not None:
        yield chats.frame("message.deleted", {"message_ids": [begun.replaces.id]}, ended.seq - 2)
    yield chats.frame("message.new", chats.told(reply), ended.seq - 1)
    yield chats.frame("message.complete", {"message_id": reply.id, "tokens_used": reply.tokens_used}, ended.seq)


def replayed_frames(answer: Kept, character: CharacterId) -> Iterator[bytes]:
    """The stream of a kept answer: its lasting events with the whole text as one piece among them."""
    frames = [msgspec.json.decode(each, type=chats.Frame) for each in answer.frames]
    for raw, each in zip(answer.frames, frames, strict=True):
        told = msgspec.json.decode(each.data, type=dict[str, object])
        if each.event == "message.new" and told["role"] == "assistant":
            yield chats.typing_frame(character, is_typing=True)
            yield chats.frame("message.delta", {"message_id": told["id"], "text": told["message_text"], "index": 0})
            yield chats.typing_frame(character, is_typing=False)
        yield bytes(raw)


# --- what a socket's client says -------------------------------------------------------------------


class ClientFrame(Struct):
    """The outer form of every client event; ``data`` is read by what the event is."""

    event: str
    data: Raw = Raw(b"{}")


class SendData(Struct, forbid_unknown_fields=True):
    """`send_message`."""

    message: str
    client_id: str | None = None


class ResumeData(Struct, forbid_unknown_fields=True):
    """`resume`: replay what came after this number."""

    after: int
