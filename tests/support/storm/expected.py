"""What a person must find after any crash: exactly what was acknowledged to them, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A message as it was acknowledged."""

    id: int
    role: str
    text: str


def line_of(message: Json) -> Line:
    """A message of any answer or event."""
    return Line(message["id"], message["role"], message["message_text"])


@dataclass(slots=True)
class Expected:
    """One chat of one person, as the answers they got describe it."""

    lines: list[Line] = field(default_factory=list)
    memories: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Content and importance by id."""
    session: dict[str, str] = field(
        default_factory=lambda: {"relationship_type": "neutral", "mood_preference": "neutral"}
    )
    answered: int = 0
    """Messages that got their reply: each has cost one unit."""

    def said(self, user: Line, reply: Line) -> None:
        """A message and its reply were acknowledged."""
        self.lines += [user, reply]
        self.answered += 1

    def said_together(self, pairs: Sequence[tuple[Line, Line]], unanswered: Sequence[Line]) -> None:
        """Messages sent at the same time were acknowledged; their ids tell the order in which they were taken."""
        lines = [line for pair in pairs for line in pair]
        self.lines += sorted([*lines, *unanswered], key=lambda line: line.id)
        self.answered += len(pairs)

    def keep_newest(self, count: int) -> int:
        """All but the newest messages go; how many went."""
        gone = max(len(self.lines) - count, 0)
        self.lines = self.lines[gone:]
        return gone

    def drop_newest(self, count: int) -> int:
        """The newest messages go; how many went."""
        gone = min(len(self.lines), count)
        self.lines = self.lines[: len(self.lines) - gone]
        return gone

    def compare(self, messages: Sequence[Json], memories: Sequence[Json], session: Json) -> None:
        """Hold what the server tells against this."""
        told = [line_of(each) for each in messages]
        assert told == self.lines, f"history is {told[-6:]}, acknowledged was {self.lines[-6:]}"
        kept = {each["id"]: (each["content"], each["importance"]) for each in memories}
        assert kept == self.memories, f"memories are {kept}, acknowledged were {self.memories}"
        settings = {name: session[name] for name in self.session}
        assert settings == self.session, f"the session is {settings}, acknowledged was {self.session}"
