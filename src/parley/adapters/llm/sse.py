"""Server-sent events out of bytes, however the network cut them. Only the data of events is kept.

Rules: WHATWG HTML, 9.2.6 "Interpreting an event stream".
"""

from typing import Final

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class SseDecoder:
    """Takes bytes as they come, gives the data of every finished event, in order."""

    def __init__(self, *, max_line: int = 256 * 1024, max_event: int = 1024 * 1024) -> None:
        self._max_line = max_line
        self._max_event = max_event
        self._line = bytearray()
        self._data: list[bytes] = []
        self._data_size = 0
        self._is_first_line = True
        self._ended_with_return = False
        self.is_overrun = False
        """A line or an event was over its bound; nothing after it is read."""

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that these bytes complete."""
        if not received or self.is_overrun:
            return []
        fresh = self._without_second_half_of_line_end(received)
        if b"\n" not in fresh and b"\r" not in fresh:
            self._keep(fresh)
            return []
        lines = (bytes(self._line) + fresh).splitlines(keepends=True)
        self._line.clear()
        unfinished = b"" if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
        events = self._events_of(lines)
        self._keep(unfinished)
        return events

    def end(self) -> list[bytes]:
        """The event the stream ended on, if its lines were whole: some providers forget the last blank line."""
        return [self._dispatched()] if self._data and not self._line and not self.is_overrun else []

    def _without_second_half_of_line_end(self, received: bytes) -> bytes:
        is_second_half = self._ended_with_return and received[:1] == b"\n"
        self._ended_with_return = received[-1:] == b"\r"
        return received[1:] if is_second_half else received

    def _events_of(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for ended in lines:
            line = ended.rstrip(b"\r\n")
            if line:
                self._take(line)
            elif self._data:
                events.append(self._dispatched())
            if self.is_overrun:
                break
        return events

    def _take(self, line: bytes) -> None:
        self._bound(len(line), self._max_line)
        if self._is_first_line:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        self._is_first_line = False
        name, _, value = line.partition(b":")
        if name != b"data":
            return
        self._data.append(value.removeprefix(b" "))
        self._data_size += len(value) + 1
        self._bound(self._data_size, self._max_event)

    def _dispatched(self) -> bytes:
        event = b"\n".join(self._data)
        self._data.clear()
        self._data_size = 0
        return event

    def _keep(self, beginning: bytes) -> None:
        self._line += beginning
        self._bound(len(self._line), self._max_line)

    def _bound(self, size: int, most: int) -> None:
        self.is_overrun = self.is_overrun or size > most
