"""The JSON of the OpenAI-compatible chat completions API, as far as Parley reads and writes it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from parley.kernel.ports import FinishReason, PromptMessage


class StreamOptions(msgspec.Struct):
    """Asks for the token counts at the end of a stream."""

    include_usage: bool = True


class ChatRequest(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of ``POST /chat/completions``."""

    model: str
    messages: Sequence[PromptMessage] | UnsetType = UNSET
    """Unset where the caller brings them as JSON."""
    stream: bool
    n: int | None = None
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


class RelayedChoice(msgspec.Struct):
    """One of the answers, its texts left as JSON."""

    index: int | None = 0
    delta: Raw = Raw()
    message: Raw = Raw()
    finish_reason: str | None = None
    logprobs: Raw = Raw()

    @property
    def said(self) -> bytes:
        """The JSON object with what is said; empty where there is none."""
        return bytes(self.delta) or bytes(self.message)


class RelayedChunk(msgspec.Struct):
    """One event of a stream, or a whole answer, that is passed on. What is left as JSON is empty where it is absent."""

    choices: list[RelayedChoice] | None = None
    model: str | None = None
    usage: Raw = Raw()
    error: ProviderError | str | None = None


class TokenCounts(msgspec.Struct):
    """Token counts that can be passed on."""

    prompt_tokens: Annotated[int, Meta(ge=0, le=2**53)]
    completion_tokens: Annotated[int, Meta(ge=0, le=2**53)]
    total_tokens: Annotated[int, Meta(ge=0, le=2**53)] | None = None


DONE: Final = b"[DONE]"
"""What ends a stream."""
_CHUNK: Final = msgspec.json.Decoder(ChatChunk)
_RELAYED: Final = msgspec.json.Decoder(RelayedChunk)
_REQUEST: Final = msgspec.json.Encoder()


def decoded(payload: bytes) -> ChatChunk:
    """The chunk in these bytes. Raises msgspec.DecodeError."""
    return _CHUNK.decode(payload)


def relayed(payload: bytes) -> RelayedChunk:
    """The same for an answer that is passed on. Raises msgspec.DecodeError and UnicodeDecodeError."""
    if not payload.isascii():
        payload.decode()  # what is left as JSON is not looked into otherwise
    return _RELAYED.decode(payload)


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
