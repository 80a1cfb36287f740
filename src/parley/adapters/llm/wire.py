"""The JSON of the OpenAI-compatible chat completions API, as far as Parley reads and writes it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from parley.kernel.ports import FinishReason, PromptMessage


class StreamOptions(msgspec.Struct):
    """Asks for the token counts at the end of a stream."""

    include_usage: bool = True


class ChatRequest(msgspec.Struct, omit_defaults=True):
    """The body of ``POST /chat/completions``."""

    model: str
    messages: Sequence[PromptMessage]
    stream: bool
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    stop: Sequence[str] | None = None
    logit_bias: Mapping[str, float] | None = None


class ContentPart(msgspec.Struct):
    """A piece of a content given as a list; only type ``text`` is for the reader."""

    type: str = ""
    text: str | None = None


class Delta(msgspec.Struct):
    """What a choice adds, or its whole message. Reasoning has its own members and is not read."""

    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text or "" for part in self.content or () if part.type == "text")


class Choice(msgspec.Struct):
    """One of the answers; Parley asks for one and reads the first."""

    index: int | None = 0
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        said = self.delta or self.message
        return said.text if said is not None else ""


class Usage(msgspec.Struct):
    """Token counts."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class ProviderError(msgspec.Struct):
    """An error told in a body. Its message is never read: it may quote the prompt or a key."""

    code: int | str | None = None
    type: str | None = None


class ChatChunk(msgspec.Struct):
    """One event of a stream, or a whole answer: they differ in ``delta`` against ``message`` alone."""

    choices: list[Choice] | None = None
    model: str | None = None
    usage: Usage | None = None
    error: ProviderError | str | None = None


_CHUNK: Final = msgspec.json.Decoder(ChatChunk)
_REQUEST: Final = msgspec.json.Encoder()


def decoded(payload: bytes) -> ChatChunk:
    """The chunk in these bytes. Raises msgspec.DecodeError."""
    return _CHUNK.decode(payload)


def encoded(request: ChatRequest) -> bytes:
    """The request as JSON."""
    return _REQUEST.encode(request)


_REASONS: Final[dict[str, FinishReason]] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}


def finish_reason(told: str) -> FinishReason:
    """The standard's word for why a reply ended; an unknown one is an ordinary end."""
    return _REASONS.get(told.lower(), "stop")
