"""A provider's answer that is passed on: from bytes to what each choice says, in the provider's own JSON. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Raw

from parley.adapters.llm.failures import kind_of_error
from parley.adapters.llm.payloads import PayloadReader
from parley.adapters.llm.wire import DONE, Delta, RelayedChoice, RelayedChunk, TokenCounts, finish_reason, relayed
from parley.kernel.ports import Completion, CompletionChoice, FailureKind, ModelFailed, TokenUsage

MAX_DOCUMENT: Final = 16 * 1024 * 1024
"""Bytes of an answer that comes as one document."""
_LONGEST_NAME: Final = 256
_ABSENT: Final = (b"", b"null")
_NOTHING: Final = (*_ABSENT, b'""', b"[]", b"{}")
_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])
_COUNTS: Final = msgspec.json.Decoder(TokenCounts)
_DELTA: Final = msgspec.json.Decoder(Delta)


class RelayReader:
    """Takes the body as it comes, gives what it adds to each choice; knows when and why the answer ended."""

    def __init__(self, model: str, choices: int) -> None:
        self._model = model
        self._choices = choices
        self._source = PayloadReader(MAX_DOCUMENT)
        self._begun: set[int] = set()
        self._finished: set[int] = set()
        self._usage: TokenUsage | None = None
        self.is_complete = False
        """Nothing of interest can follow."""
        self.failure: ModelFailed | None = None
        """Why the answer broke off, after what was given so far."""

    @property
    def payloads(self) -> int:
        """How many events came so far; comments that only keep the line open are none."""
        return self._source.count

    @property
    def has_text(self) -> bool:
        return bool(self._begun)

    @property
    def has_ended(self) -> bool:
        """Whether all choices are finished; only the counts may still come."""
        return len(self._finished) >= self._choices

    def feed(self, received: bytes) -> Completion | None:
        """What these bytes add. What comes before a failure in the same bytes is given too."""
        piece = self._piece(self._source.feed(received))
        if self._source.is_overrun and not self.is_complete:
            self._fail("protocol")
        return piece

    def end(self) -> Completion | None:
        """What the end of the body completes; an answer that is not whole has failed."""
        piece = self._piece(self._source.end())
        if not self._begun:
            self._fail("protocol")
        elif self._begun - self._finished:
            self._fail("cut")
        self.is_complete = True
        return piece

    def finish(self) -> Completion:
        """The last piece: what it cost."""
        return Completion(self._model, (), self._usage)

    def _piece(self, payloads: Sequence[bytes]) -> Completion | None:
        added: list[CompletionChoice] = []
        for payload in payloads:
            if payload and not self.is_complete:
                added += self._added_by(payload)
        return Completion(self._model, added) if added else None

    def _added_by(self, payload: bytes) -> Sequence[CompletionChoice]:
        if payload.strip() == DONE:
            return self._done()
        try:
            return list(self._added(relayed(payload)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._fail("protocol")
            return ()

    def _done(self) -> Sequence[CompletionChoice]:
        """The stream's own end: a choice without a reason has simply stopped."""
        if not self._begun:
            self._fail("protocol")
        self.is_complete = True
        return [CompletionChoice(index, b"", "stop") for index in sorted(self._begun - self._finished)]

    def _added(self, chunk: RelayedChunk) -> Iterator[CompletionChoice]:
        if chunk.error is not None:
            self._fail(kind_of_error(chunk.error))
            return
        self._model = named(chunk.model, self._model)
        self._usage = usage_of(chunk.usage) or self._usage
        for choice in chunk.choices or ():
            added = self._of(choice)
            if added is not None:
                yield added

    def _of(self, choice: RelayedChoice) -> CompletionChoice | None:
        index = choice.index or 0
        if choice.finish_reason == "error":
            self._fail("server")
            return None
        if not 0 <= index < self._choices or index in self._finished:
            return None
        said = delta_of(choice.said)
        reason = finish_reason(choice.finish_reason) if choice.finish_reason else None
        if not said and reason is None:
            return None
        self._begun.add(index)
        if reason is not None:
            self._finished.add(index)
        return CompletionChoice(index, said, reason, logprobs_of(choice.logprobs))

    def _fail(self, kind: FailureKind) -> None:
        self.failure = self.failure or ModelFailed(kind)
        self.is_complete = True


def whole(payload: bytes, model: str) -> Completion:
    """An answer that came as one document. Raises ModelFailed."""
    try:
        chunk = relayed(payload)
        if chunk.error is not None:
            raise ModelFailed(kind_of_error(chunk.error))
        choices = [
            CompletionChoice(
                choice.index or 0,
                message_of(choice.said),
                finish_reason(choice.finish_reason or "stop"),
                logprobs_of(choice.logprobs),
            )
            for choice in chunk.choices or ()
        ]
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ModelFailed("protocol") from None
    if not choices:
        raise ModelFailed("protocol")
    return Completion(named(chunk.model, model), choices, usage_of(chunk.usage))


# --- the provider's JSON, made regular ---------------------------------------------------------------


def delta_of(said: bytes) -> bytes:
    """What a piece adds, without the role, on one line; empty if that is nothing. Raises msgspec.DecodeError."""
    if _is_plain(said):
        return said
    if said in _ABSENT:
        return b""
    members = {name: value for name, value in _regular(said).items() if name != "role" and bytes(value) not in _NOTHING}
    return msgspec.json.encode(members) if members else b""


def _is_plain(said: bytes) -> bool:
    """Whether it is a text and no more: what nearly all pieces are."""
    is_text = said.startswith(b'{"content":"') and not said.startswith(b'{"content":""')
    return is_text and b'"role"' not in said and b"\n" not in said and b"\r" not in said


def message_of(said: bytes) -> bytes:
    """A whole message with its role and its content, on one line. Raises msgspec.DecodeError."""
    members = {"role": Raw(b'"assistant"'), "content": Raw(b"null"), **_regular(said)}
    return msgspec.json.encode({**members, "role": "assistant"})


def _regular(said: bytes) -> Mapping[str, Raw]:
    """Members on one line; a content that comes in parts is joined."""
    members = _MEMBERS.decode(_on_one_line(said))
    if bytes(members.get("content", b"")).startswith(b"["):
        members["content"] = Raw(msgspec.json.encode(_DELTA.decode(said).text))
    return members


def logprobs_of(told: Raw) -> bytes | None:
    """The odds of tokens on one line, if there are any."""
    odds = bytes(told)
    return None if odds in _ABSENT else _on_one_line(odds)


def usage_of(told: Raw) -> TokenUsage | None:
    """The counts, if they are whole."""
    if bytes(told) in _ABSENT:
        return None
    try:
        counts = _COUNTS.decode(told)
    except msgspec.DecodeError:
        return None
    detail = bytes(told) if counts.total_tokens is not None else msgspec.json.encode(_totalled(counts))
    return TokenUsage(counts.prompt_tokens, counts.completion_tokens, _on_one_line(detail))


def _totalled(counts: TokenCounts) -> TokenCounts:
    return TokenCounts(counts.prompt_tokens, counts.completion_tokens, counts.prompt_tokens + counts.completion_tokens)


def named(told: str | None, otherwise: str) -> str:
    """What the provider calls its model, if that is a name."""
    return told if told and len(told) <= _LONGEST_NAME and told.isprintable() else otherwise


def _on_one_line(json: bytes) -> bytes:
    """A line's end inside would end the event that it is passed on in."""
    return msgspec.json.format(json, indent=-1) if b"\n" in json or b"\r" in json else json
