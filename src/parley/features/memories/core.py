"""What a character remembers of a person, and which of it a message calls up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import Stemmer

from parley.kernel.errors import InvalidInput
from parley.kernel.ids import MemoryId
from parley.kernel.text import bounded

TYPES: Final = ("fact", "preference", "emotion", "relationship")
LONGEST: Final = 500
MOST_KEPT: Final = 1000
"""Facts one chat may hold: more would neither fit a prompt nor a screen."""
_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST_WORD: Final = 3
_RELEVANCE_WEIGHT: Final = 2.0
"""A fact that the message speaks of outweighs the most important one that it does not."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One remembered fact; times in milliseconds."""

    id: MemoryId
    memory_type: str
    content: str
    importance: int
    source: str
    pinned: bool
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about to be remembered, or the members of one that a PATCH names (None: as it is)."""

    content: str | None = None
    memory_type: str | None = None
    importance: int | None = None
    pinned: bool | None = None


def checked(fact: Fact) -> Fact:
    """The fact with its text trimmed; raises InvalidInput naming the first member out of bounds."""
    content = fact.content if fact.content is None else bounded(fact.content, "content", most=LONGEST)
    if fact.memory_type is not None and fact.memory_type not in TYPES:
        raise InvalidInput("memory_type")
    if fact.importance is not None and not 1 <= fact.importance <= 10:
        raise InvalidInput("importance")
    return Fact(content, fact.memory_type, fact.importance, fact.pinned)


@dataclass(frozen=True, slots=True)
class Recalled:
    """A fact and how strongly the moment calls for it."""

    memory: Memory
    score: float


@dataclass(frozen=True, slots=True)
class Words:
    """Words in their stems, Russian and English alike."""

    _russian: Stemmer.Stemmer = field(default_factory=lambda: Stemmer.Stemmer("russian"))
    _english: Stemmer.Stemmer = field(default_factory=lambda: Stemmer.Stemmer("english"))

    def stems(self, text: str) -> frozenset[str]:
        """The stems of the words of three letters and more, ``ё`` as ``е``."""
        words = (word for word in _WORD.findall(text.lower().replace("ё", "е")) if len(word) >= _SHORTEST_WORD)
        return frozenset(self._english.stemWord(self._russian.stemWord(word)) for word in words)


def recall(memories: Sequence[Memory], message: str, words: Words) -> list[Recalled]:
    """Every fact, the one most worth telling first: pinned, then relevance to the message and importance."""
    asked = words.stems(message)

    def score(memory: Memory) -> float:
        told = words.stems(memory.content)
        relevance = len(asked & told) / len(told) ** 0.5 if told else 0.0
        return _RELEVANCE_WEIGHT * min(relevance, 1.0) + memory.importance / 10

    scored = [Recalled(memory, score(memory)) for memory in memories]
    return sorted(scored, key=lambda each: (not each.memory.pinned, -each.score, -each.memory.id))
