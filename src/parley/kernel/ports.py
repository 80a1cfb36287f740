"""The doors to the world outside, as the features see them. Adapters stand behind them.

Time, chance and ids come in through here too, so that every decision can be replayed.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from parley.kernel.ids import ChatId, MessageId, TurnId

Scalar = str | int | float | bytes | None
Value = Scalar | Sequence[int] | Sequence[str]
"""What a named SQL parameter may be. A list becomes the brackets of ``IN :name``."""


class Row(Protocol):
    """One row of an answer, by column name."""

    # A column's type is known to the query's author alone; `store.py` turns rows into core values.
    def __getitem__(self, name: str, /) -> Any: ...


class Tx(Protocol):
    """A transaction in which SQL is run. The same SQL serves SQLite and PostgreSQL (ADR-0003).

    Parameters are named, ``:name``; times are integers, milliseconds since 1970; JSON is TEXT; truth is 0 or 1.
    """

    async def one(self, sql: str, /, **values: Value) -> Row | None:
        """The first row, or None."""
        ...

    async def all(self, sql: str, /, **values: Value) -> Sequence[Row]:
        """Every row."""
        ...

    async def run(self, sql: str, /, **values: Value) -> int:
        """Run a statement; how many rows it touched."""
        ...

    async def allocate(self, sequence: Literal["message"], count: int, /) -> Sequence[int]:
        """The next rising numbers of a sequence. A committed transaction's numbers are never given again."""
        ...

    def after_commit(self, tell: Callable[[], Awaitable[None]], /) -> None:
        """Run this once the transaction is durable, in the order of the calls; never if it fails."""
        ...


class Database(Protocol):
    """Where everything lasting lives."""

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        """A short transaction that may write. Left without an error, it is durable; else it never was.

        Raises ServiceUnavailable when the engine is away, full or read-only.
        """
        ...

    def read(self, *, long: bool = False) -> AbstractAsyncContextManager[Tx]:
        """A consistent look at one moment. ``long``: may take over a millisecond, keep it off the event loop."""
        ...


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Chance(Protocol):
    """The only source of randomness."""

    def token(self) -> str:
        """A new unguessable identifier of at least 128 bits, hex."""
        ...

    def fraction(self) -> float:
        """A number in [0, 1), for jitter."""
        ...


# --- the bus: what may be lost -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Advanced:
    """The chat's event log has grown up to ``seq``: read it."""

    seq: int


@dataclass(frozen=True, slots=True)
class Typing:
    """The character begins or ends to write."""

    is_typing: bool


@dataclass(frozen=True, slots=True)
class Partial:
    """Text of a reply being written. ``offset``: code points of the reply before this piece."""

    message_id: MessageId
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """A turn ended without a reply; everybody in the chat may know."""

    code: str


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The person wants this turn to end with what it has."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class Rewound:
    """Messages were taken out of the chat; whoever writes a reply should see whether it is still wanted."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody begins to look at the chat; whoever writes a reply there tells it once more from its beginning."""


@dataclass(frozen=True, slots=True)
class Resync:
    """Signals may have got lost: read the log."""

    after_gap: bool
    """Lost while the listener followed the chat, so that the end of what it saw begin may be among them."""


Signal = Advanced | Typing | Partial | TurnFailed | StopAsked | Rewound | Joined | Resync
Listener = Callable[[Signal], None]
"""Called on the event loop; must return at once and not raise."""


class Bus(Protocol):
    """Tells everyone who looks at a chat that something happened. A lost signal costs a delay, no more (ADR-0005)."""

    async def publish(self, chat: ChatId, signal: Signal) -> None:
        """Tell all listeners of the chat, on every process."""
        ...

    def listen(self, chat: ChatId, listener: Listener) -> Callable[[], None]:
        """Hear the chat's signals until the returned function is called."""
        ...

    def tell_here(self, chat: ChatId, signal: Signal) -> None:
        """Tell the listeners of this process alone."""
        ...

    def watched(self) -> Collection[ChatId]:
        """The chats listened to here whose signals come from other processes too, and so may get lost."""
        ...


# --- counting together ----------------------------------------------------------------------------


class RateWindow(Protocol):
    """Counts requests for several processes as one, over a window that slides."""

    async def admit(self, key: str, limit: int, seconds: float) -> float | None:
        """Count a request under this key; None if fewer than ``limit`` came in the last ``seconds``.

        Otherwise the seconds until one will be admitted; a refused request does not count. Raises ServiceUnavailable,
        at once, while what counts is away.
        """
        ...


# --- language models ------------------------------------------------------------------------------

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "content_filter", "tool_calls"]


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message to a model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked."""

    messages: tuple[PromptMessage, ...]
    max_tokens: int | None = None
    """The longest reply, in the model's tokens; None leaves it to the provider."""
    temperature: float | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of the reply; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of a reply. Counts are the provider's, None where it did not say."""

    reason: FinishReason
    model: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


ModelPart = TextPart | Finish

FailureKind = Literal[
    "connect", "timeout", "rate", "auth", "not_found", "bad_request", "server", "protocol", "cut", "breaker"
]


class ModelFailed(Exception):
    """A model gave no (further) answer. ``kind`` steers retries and is safe to log; no provider text is in here."""

    def __init__(
        self,
        kind: FailureKind,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        is_too_long: bool = False,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        """Seconds the provider asked for, if it did."""
        self.is_too_long = is_too_long
        """Refused because the prompt does not fit the model's context."""


@dataclass(frozen=True, slots=True)
class ModelTraits:
    """What the author of a prompt must know of the model it is for."""

    name: str
    context_tokens: int
    reply_tokens: int
    """How many of the context's tokens are kept for the reply."""
    languages: frozenset[str] = field(default_factory=frozenset)
    """Languages the model can answer in; empty: any."""
    most_choices: int = 128
    """How many answers it gives to one request (OpenAI's ``n``)."""


class ChatModel(Protocol):
    """A language model, or several behind one door: retries, fallbacks and breakers are inside."""

    @property
    def traits(self) -> ModelTraits: ...

    def stream(self, prompt: Prompt) -> AsyncGenerator[ModelPart, None]:
        """The reply in pieces, exactly one Finish last. Raises ModelFailed; closing the generator ends the call."""
        ...


# --- completions passed on ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A request in OpenAI's words for whichever provider answers: address, key and model are the provider's own."""

    members: bytes
    """JSON members in a row, without braces: ``"messages":[…],"top_p":0.9``. None that is named below, nor ``model``,
    ``stream``, ``stream_options`` or ``logit_bias``: those are the provider's side to say."""
    choices: int = 1
    """OpenAI's ``n``."""
    max_tokens: int | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """What an answer cost, as the provider counted."""

    prompt_tokens: int
    completion_tokens: int
    detail: bytes
    """The whole ``usage`` object as JSON on one line."""


@dataclass(frozen=True, slots=True)
class CompletionChoice:
    """One of the answers, or what a piece adds to it."""

    index: int
    said: bytes
    """A JSON object on one line: ``message`` of a whole answer, ``delta`` of a piece without its role, maybe empty."""
    finish_reason: FinishReason | None = None
    logprobs: bytes | None = None
    """JSON on one line."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer, or a piece of one that is streamed."""

    model: str
    """As the provider calls what answered."""
    choices: Sequence[CompletionChoice]
    usage: TokenUsage | None = None


class CompletionModel(Protocol):
    """The same models as behind `ChatModel`, for requests and answers in OpenAI's own words."""

    @property
    def traits(self) -> ModelTraits: ...

    async def complete(self, request: CompletionRequest) -> Completion:
        """The whole answer. Raises ModelFailed; cancelling it ends the call."""
        ...

    def relay(self, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        """The answer in pieces, the first never empty; ends when the answer is whole, and with it every choice begun.

        Raises ModelFailed; closing the generator ends the call.
        """
        ...


# --- embeddings -----------------------------------------------------------------------------------

EmbeddedAs = Literal["query", "passage"]
"""What a text is: something that is looked for, or something that may be found."""


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Texts as vectors, in the order of the texts."""

    vectors: Sequence[bytes]
    """Each a row of little-endian 32-bit floats."""
    model: str
    tokens: int


class Embedder(Protocol):
    """Turns texts into vectors whose nearness is that of their meanings."""

    @property
    def takes_dimensions(self) -> bool:
        """Whether the length of the vectors may be asked for."""
        ...

    async def embed(self, texts: Sequence[str], embedded_as: EmbeddedAs, dimensions: int | None = None) -> Embeddings:
        """One vector a text, each of length 1. Raises ModelFailed; cancelling it ends the work."""
        ...
