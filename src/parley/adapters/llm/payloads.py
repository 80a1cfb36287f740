"""A provider's answer, from bytes to the JSON in them: an event stream, or the one document some send instead."""

from collections.abc import Sequence
from typing import Literal

from parley.adapters.llm.sse import SseDecoder


class PayloadReader:
    """Takes the body as it comes, gives the JSON of every finished event, or of the document at its end. No I/O."""

    def __init__(self, most_document: int) -> None:
        self._most_document = most_document
        self._events = SseDecoder()
        self._document = bytearray()
        self._form: Literal["events", "document"] | None = None
        self.count = 0
        """How many payloads came so far; comments that only keep the line open are none."""

    @property
    def is_overrun(self) -> bool:
        """Whether something was over its bound; nothing after it is read."""
        return self._events.is_overrun or len(self._document) > self._most_document

    def feed(self, received: bytes) -> Sequence[bytes]:
        """What these bytes complete."""
        if self._form is None:
            received = received.lstrip()
            if not received:
                return ()
            self._form = "document" if received.startswith(b"{") else "events"
        if self._form == "document":
            self._document += received
            return ()
        return self._counted(self._events.feed(received))

    def end(self) -> Sequence[bytes]:
        """What the end of the body completes."""
        return self._counted([bytes(self._document)] if self._document else self._events.end())

    def _counted(self, payloads: Sequence[bytes]) -> Sequence[bytes]:
        self.count += len(payloads)
        return payloads
