"""Answers of ``/chat/completions``, whole and streamed. What a provider says goes into them as the JSON it came as."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Struct

from parley.features.completions.core import Refused
from parley.features.completions.wire.errors import told
from parley.kernel.errors import AppError
from parley.kernel.openapi import Count, schema
from parley.kernel.ports import Completion, CompletionChoice, TokenUsage

DONE: Final = b"data: [DONE]\n\n"
_FIRST: Final = b'{"role":"assistant","content":""}'


class AnswerMessage(Struct):
    """What the model said. Tool calls and the like stand beside `content`."""

    role: Literal["assistant"]
    content: Annotated[str | None, schema(examples=["Hello!"])]


class AnswerChoice(Struct):
    """One of the answers."""

    index: Count
    message: AnswerMessage
    logprobs: Annotated[dict[str, Any] | None, schema(examples=[None])]
    finish_reason: Annotated[str, schema(enum=["stop", "length", "tool_calls", "content_filter"], examples=["stop"])]


class Usage(Struct):
    """What it cost; estimated where the provider does not count."""

    prompt_tokens: Count
    completion_tokens: Count
    total_tokens: Count


class ChatAnswer(Struct):
    """The answer of `POST /chat/completions`."""

    id: Annotated[str, schema(examples=["chatcmpl-4f1c"])]
    object: Literal["chat.completion"]
    created: Annotated[int, schema(minimum=0, examples=[1735732800])]
    model: Annotated[str, schema(examples=["some-model"])]
    choices: list[AnswerChoice]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Heading:
    """What all parts of one answer have in common."""

    id: str
    created: int
    """Seconds since 1970."""
    model: str | None = None
    """The name it was asked by, where that says more than the provider's."""

    def opening(self, kind: str, completion: Completion) -> bytes:
        """The JSON object up to its choices."""
        model = msgspec.json.encode(self.model or completion.model).decode()
        return (f'{{"id":"{self.id}","object":"{kind}","created":{self.created},"model":{model},"choices":[').encode()


def answer(heading: Heading, completion: Completion, usage: TokenUsage) -> bytes:
    """The whole answer."""
    choices = b",".join(
        b'{"index":%d,"message":%b,"logprobs":%b,"finish_reason":"%b"}'
        % (each.index, each.said, each.logprobs or b"null", (each.finish_reason or "stop").encode())
        for each in completion.choices
    )
    return b"".join((heading.opening("chat.completion", completion), choices, b'],"usage":', usage.detail, b"}"))


@dataclass(slots=True)
class ChunkWriter:
    """Writes a stream: role first, then what is said, then why it ended, once for each choice."""

    heading: Heading
    shows_usage: bool
    """The caller asked for `include_usage`."""
    _opening: bytes = field(init=False, default=b"")
    _closing: bytes = field(init=False, default=b"")
    _begun: set[int] = field(init=False, default_factory=set)

    def events(self, piece: Completion) -> bytes:
        """The events that tell this piece."""
        if not self._opening:
            self._opening = b"data: " + self.heading.opening("chat.completion.chunk", piece)
            self._closing = b'],"usage":null}\n\n' if self.shows_usage else b"]}\n\n"
        return b"".join([event for choice in piece.choices for event in self._of(choice)])

    def end(self, usage: TokenUsage) -> bytes:
        """The last events."""
        if not self.shows_usage:
            return DONE
        return b"".join((self._opening, b'],"usage":', usage.detail, b"}\n\n", DONE))

    def _of(self, choice: CompletionChoice) -> Iterator[bytes]:
        if choice.index not in self._begun:
            self._begun.add(choice.index)
            yield self._event(choice.index, _FIRST)
        if choice.said:
            yield self._event(choice.index, choice.said, choice.logprobs or b"null")
        if choice.finish_reason is not None:
            yield self._event(choice.index, b"{}", b"null", b'"%b"' % choice.finish_reason.encode())

    def _event(self, index: int, delta: bytes, logprobs: bytes = b"null", reason: bytes = b"null") -> bytes:
        return b'%b{"index":%d,"delta":%b,"logprobs":%b,"finish_reason":%b}%b' % (
            self._opening,
            index,
            delta,
            logprobs,
            reason,
            self._closing,
        )


def error_event(error: AppError | Refused) -> bytes:
    """An error after the answer has begun."""
    return b"data: " + told(error).body + b"\n\n"
