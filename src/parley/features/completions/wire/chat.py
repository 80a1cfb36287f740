"""``POST /chat/completions``: what is asked, and which of it a provider gets to see.

Members that are not named here are ignored, and so never reach a provider: nothing in a body can say where a call
goes, under which key, or for which of the provider's models.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct

from parley.features.completions.core import Line, invalid
from parley.features.completions.wire.reading import decoded
from parley.kernel.openapi import schema
from parley.kernel.ports import CompletionRequest, PromptMessage

ROLES: Final = ("system", "developer", "user", "assistant", "tool")
_TEXT: Final = "text"
PARTS: Final = (_TEXT, "refusal", "image_url", "input_audio", "file")
"""Kinds of content parts; each has its content in the member of its name."""
MOST_TOKENS: Final = 10_000_000
MOST_STOPS: Final = 16
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
    "max_tokens": (1, MOST_TOKENS),
    "max_completion_tokens": (1, MOST_TOKENS),
    "seed": (-(2**63), 2**63 - 1),
}


def _within(member: str) -> Meta:
    """The member's range, for the document."""
    least, most = _RANGES[member]
    return schema(minimum=least, maximum=most)


class ContentPart(Struct, omit_defaults=True):
    """A piece of a content that is given as a list. All but `text` is for models that can read it."""

    type: Annotated[str, schema(enum=sorted(PARTS), examples=["text"])]
    text: str | None = None
    refusal: str | None = None
    image_url: dict[str, Raw] | None = None
    input_audio: dict[str, Raw] | None = None
    file: dict[str, Raw] | None = None


class ChatMessage(Struct, omit_defaults=True):
    """A message of the dialogue. A `developer` is to the model what `system` is."""

    role: Annotated[str, schema(enum=sorted(ROLES), examples=["user"])]
    content: str | list[ContentPart] | None = None
    name: str | None = None
    tool_calls: list[dict[str, Raw]] | None = None
    tool_call_id: str | None = None


class StreamOptions(Struct):
    """How to stream."""

    include_usage: bool | None = None


class Forwarded(Struct, omit_defaults=True):
    """What of a request goes to the provider as it came."""

    messages: list[ChatMessage]
    top_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    response_format: dict[str, Raw] | None = None
    tools: list[dict[str, Raw]] | None = None
    tool_choice: str | dict[str, Raw] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None


class ChatBody(Struct):
    """The body of `POST /chat/completions`. Other members are ignored."""

    model: Annotated[str, schema(minLength=1, examples=["default"])]
    messages: Annotated[list[ChatMessage], schema(minItems=1)]
    temperature: Annotated[int | float | None, _within("temperature")] = None
    max_tokens: Annotated[int | None, _within("max_tokens")] = None
    max_completion_tokens: Annotated[int | None, _within("max_completion_tokens")] = None
    n: Annotated[int | None, _within("n")] = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    stop: str | list[str] | None = None
    top_p: Annotated[float | None, _within("top_p")] = None
    presence_penalty: Annotated[float | None, _within("presence_penalty")] = None
    frequency_penalty: Annotated[float | None, _within("frequency_penalty")] = None
    seed: Annotated[int | None, _within("seed")] = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int | None, _within("top_logprobs")] = None
    response_format: dict[str, Raw] | None = None
    tools: list[dict[str, Raw]] | None = None
    tool_choice: str | dict[str, Raw] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with what it cost."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    @property
    def most_tokens(self) -> int | None:
        """The longest answer; the newer name of the two wins."""
        return self.max_completion_tokens if self.max_completion_tokens is not None else self.max_tokens


_BODY: Final = msgspec.json.Decoder(ChatBody)


def chat_body(data: bytes) -> ChatBody:
    """The request, checked. Raises Refused."""
    body: ChatBody = decoded(data, _BODY)
    if not body.model:
        raise invalid("model", "model must not be empty.")
    if not body.messages:
        raise invalid("messages", "messages must not be empty.")
    _check_ranges(body)
    if body.stream_options is not None and not body.stream:
        raise invalid("stream_options", "stream_options is only allowed when stream is true.")
    if isinstance(body.stop, list) and len(body.stop) > MOST_STOPS:
        raise invalid("stop", f"stop takes at most {MOST_STOPS} sequences.")
    if body.top_logprobs is not None and not body.logprobs:
        raise invalid("top_logprobs", "top_logprobs is only allowed when logprobs is true.")
    for number, message in enumerate(body.messages):
        _check_message(message, f"messages[{number}]")
    return body


def _check_ranges(body: ChatBody) -> None:
    for name, (least, most) in _RANGES.items():
        value = getattr(body, name)
        if value is not None and not least <= value <= most:
            raise invalid(name, f"{name} must be from {least} to {most}.")


def _check_message(message: ChatMessage, where: str) -> None:
    if message.role not in ROLES:
        raise invalid(f"{where}.role", f"{where}.role must be one of {', '.join(ROLES)}.")
    if message.content is None and not (message.role == "assistant" and message.tool_calls):
        raise invalid(f"{where}.content", f"{where}.content must be a text or a list of parts.")
    if message.role == "tool" and not message.tool_call_id:
        raise invalid(f"{where}.tool_call_id", f"{where}.tool_call_id must name the call that this answers.")
    if isinstance(message.content, list):
        _check_parts(message.content, f"{where}.content")


def _check_parts(parts: Sequence[ContentPart], where: str) -> None:
    if not parts:
        raise invalid(where, f"{where} must not be empty.")
    for number, part in enumerate(parts):
        if part.type not in PARTS:
            raise invalid(f"{where}[{number}].type", f"{where}[{number}].type must be one of {', '.join(PARTS)}.")
        if getattr(part, part.type) is None:
            raise invalid(f"{where}[{number}].{part.type}", f"{where}[{number}].{part.type} is missing.")


# --- what a provider is asked -------------------------------------------------------------------------


def passed(body: ChatBody) -> CompletionRequest:
    """The request as it goes on to a provider."""
    messages = [_as_providers_know(message) for message in body.messages]
    return _request(body, Forwarded, messages, body.most_tokens)


def _as_providers_know(message: ChatMessage) -> ChatMessage:
    return msgspec.structs.replace(message, role="system") if message.role == "developer" else message


class _Persona(Struct, omit_defaults=True):
    """What a request to a character leaves to the caller: the dialogue, and how freely it is gone on with."""

    messages: Sequence[PromptMessage]
    top_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None


def as_persona(body: ChatBody, messages: Sequence[PromptMessage], most_tokens: int) -> CompletionRequest:
    """The request with a character's messages, its answer no longer than the model keeps room for."""
    return _request(body, _Persona, messages, min(body.most_tokens or most_tokens, most_tokens))


def _request(
    body: ChatBody,
    shape: type[Forwarded | _Persona],
    messages: Sequence[ChatMessage | PromptMessage],
    most_tokens: int | None,
) -> CompletionRequest:
    """These messages, and of the body what the shape names."""
    named: dict[str, Any] = {name: getattr(body, name) for name in shape.__struct_fields__} | {"messages": messages}
    return CompletionRequest(msgspec.json.encode(shape(**named))[1:-1], body.n or 1, most_tokens, body.temperature)


def dialogue(body: ChatBody) -> list[Line]:
    """The messages as plain text, for a character. Raises Refused for what is none."""
    return [_line(message, f"messages[{number}]") for number, message in enumerate(body.messages)]


def _line(message: ChatMessage, where: str) -> Line:
    text = _text_of(message, where)
    match message.role:
        case "system" | "developer":
            return Line("system", text)
        case "user":
            return Line("user", text)
        case "assistant":
            return Line("assistant", text)
        case _:
            raise invalid(f"{where}.role", "A character takes no tools: leave out messages of the role tool.")


def _text_of(message: ChatMessage, where: str) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = message.content or []
    if any(part.type != _TEXT for part in parts):
        raise invalid(f"{where}.content", "A character reads text only: leave out other content parts.")
    return "\n".join(part.text or "" for part in parts)
