"""A provider's answer, from bytes to text. No I/O."""

from collections.abc import Sequence
from typing import Final

import msgspec

from parley.adapters.llm.failures import kind_of_error
from parley.adapters.llm.payloads import PayloadReader
from parley.adapters.llm.wire import DONE, ChatChunk, Choice, Usage, decoded, finish_reason
from parley.kernel.ports import FailureKind, Finish, FinishReason, ModelFailed

MAX_TEXT: Final = 64 * 1024
"""Bytes of UTF-8 a reply may have; the rest is cut off as if the model had reached its length."""
MAX_DOCUMENT: Final = 1024 * 1024
"""Bytes of an answer that comes as one document."""


class ReplyReader:
    """Takes the body as it comes, gives its text; knows when and why the reply ended."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._source = PayloadReader(MAX_DOCUMENT)
        self._text_left = MAX_TEXT
        self._reason: FinishReason | None = None
        self._usage = Usage()
        self.is_complete = False
        """Nothing of interest can follow."""
        self.failure: ModelFailed | None = None
        """Why the reply broke off, after the text given so far."""

    @property
    def payloads(self) -> int:
        """How many events came so far; comments that only keep the line open are none."""
        return self._source.count

    @property
    def has_text(self) -> bool:
        return self._text_left < MAX_TEXT

    @property
    def has_ended(self) -> bool:
        """Whether the model said why it stopped; only its counts may still come."""
        return self._reason is not None

    def feed(self, received: bytes) -> str:
        """The text in these bytes, maybe none. What comes before a failure in the same bytes is given too."""
        text = self._text_of(self._source.feed(received))
        if self._source.is_overrun and not self.is_complete:
            self._fail("protocol")
        return text

    def end(self) -> str:
        """The text that the end of the body completes; a reply that is not whole has failed."""
        text = self._text_of(self._source.end())
        if self.payloads == 0:
            self._fail("protocol")
        elif self._reason is None:
            self._fail("cut")
        self.is_complete = True
        return text

    def finish(self) -> Finish:
        """How the reply ended."""
        return Finish(
            reason=self._reason or "stop",
            model=self._model,
            prompt_tokens=self._usage.prompt_tokens,
            completion_tokens=self._usage.completion_tokens,
        )

    def _text_of(self, payloads: Sequence[bytes]) -> str:
        return "".join([self._text_of_payload(payload) for payload in payloads if payload and not self.is_complete])

    def _text_of_payload(self, payload: bytes) -> str:
        if payload.strip() == DONE:
            self._reason = self._reason or "stop"
            self.is_complete = True
            return ""
        try:
            return self._text_of_chunk(decoded(payload))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._fail("protocol")
            return ""

    def _text_of_chunk(self, chunk: ChatChunk) -> str:
        if chunk.error is not None:
            self._fail(kind_of_error(chunk.error))
        self._model = chunk.model or self._model
        self._usage = chunk.usage or self._usage
        return "".join([self._text_of_choice(choice) for choice in chunk.choices or () if not choice.index])

    def _text_of_choice(self, choice: Choice) -> str:
        text = self._within_bound(choice.text)
        if choice.finish_reason == "error":
            self._fail("server")
        elif choice.finish_reason and self._reason is None:
            self._reason = finish_reason(choice.finish_reason)
        return text

    def _fail(self, kind: FailureKind) -> None:
        self.failure = self.failure or ModelFailed(kind)
        self.is_complete = True

    def _within_bound(self, text: str) -> str:
        size = len(text.encode(errors="replace"))
        if size <= self._text_left:
            self._text_left -= size
            return text
        fitting = text.encode(errors="replace")[: self._text_left].decode(errors="ignore")
        self._text_left = 0
        self._reason = "length"
        self.is_complete = True
        return fitting
