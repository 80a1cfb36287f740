"""The catalogue's words in an embedded full-text index, in memory, one a process (ADR: search beside both databases).

Matching goes in three attempts, each wider than the one before and made only if that found nothing: every word in some
form; every word with typos; at least half of the words. So a typo is forgiven, but a word that is spelled as it should
be never drags in its look-alikes.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import tantivy
from tantivy import Occur, Query

from parley.adapters.search.matching import Matching
from parley.adapters.search.memory import give_back
from parley.adapters.search.words import Analysis, latin, plain
from parley.kernel.ids import CharacterId
from parley.kernel.search import Found, SearchDocument

_WRITER_BYTES: Final = 15_000_000
"""The least the library takes, as a bound; a small catalogue uses a part of it, and only while it writes."""
_EXACTLY_SORTED: Final = 1000
"""So many of the best are put in exact order; deeper ones among equals may stand in the order of arrival."""
_WEIGHT_SPAN: Final = 4e-4
"""How much popularity may lift a score: less than one step between scores, so it only parts equals."""
_MOST_DOUBLINGS: Final = 40


class TantivyCharacterIndex:
    """Implements `CharacterIndex`."""

    def __init__(self) -> None:
        self._analysis = Analysis()
        self._schema = _schema()
        self._matching = Matching(self._schema, self._analysis)
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer("words", self._analysis.words)
        self._index.register_tokenizer("stems", self._analysis.stems)
        self._writer: tantivy.IndexWriter | None = None
        self._searcher = self._index.searcher()

    @property
    def size(self) -> int:
        return self._searcher.num_docs

    def put(self, documents: Iterable[SearchDocument], /) -> None:
        writer = self._open_writer()
        for document in documents:
            writer.delete_documents_by_term("id", document.id)
            writer.add_document(_stored(document, self._analysis))

    def remove(self, characters: Collection[CharacterId], /) -> None:
        writer = self._open_writer()
        for character in characters:
            writer.delete_documents_by_term("id", character)

    def publish(self) -> None:
        writer = self._open_writer()
        writer.commit()
        self._reopen()
        self._writer = None
        writer.wait_merging_threads()
        self._reopen()
        del writer
        give_back()

    def search(self, text: str, labels: Collection[str], /, *, limit: int, offset: int) -> Found:
        words = self._analysis.query_words(text)
        if not words:
            return Found((), 0)
        searcher = self._searcher
        depth = min(max(_EXACTLY_SORTED, offset + limit), max(1, searcher.num_docs))
        for attempt in self._matching.attempts(words):
            result = searcher.search(self._labelled(attempt, labels), limit=depth, weight_by_field="weight")
            if result.hits:
                ranked = _ranked(searcher, result.hits)
                return Found(tuple(ranked[offset : offset + limit]), _count(result))
        return Found((), 0)

    def _labelled(self, query: Query, labels: Collection[str]) -> Query:
        marks = [Query.const_score_query(Query.term_query(self._schema, "labels", label), 0.0) for label in labels]
        return Query.boolean_query([(Occur.Must, query), *((Occur.Must, mark) for mark in marks)])

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer

    def _reopen(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: by an unsigned field the library deletes nothing, without saying so.
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_integer_field("popularity", fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_text_field("labels", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("latin_words", tokenizer_name="words", index_option="basic")
    for field in ("name", "tags", "text"):
        builder.add_text_field(f"{field}_words", tokenizer_name="words", index_option="basic")
        builder.add_text_field(f"{field}_stems", tokenizer_name="stems", index_option="basic")
    return builder.build()


def _stored(document: SearchDocument, analysis: Analysis) -> tantivy.Document:
    stored = tantivy.Document()
    stored.add_integer("id", document.id)
    stored.add_integer("popularity", document.popularity)
    stored.add_float("weight", _weight_value(document.popularity))
    for label in document.labels:
        stored.add_text("labels", label)
    stored.add_text("latin_words", latin(document.name))
    tags = [word for tag in document.tags for word in (tag, *analysis.synonyms(tag))]
    texts = {"name": document.name, "tags": " ".join(tags), "text": document.description}
    for field, text in texts.items():
        words = plain(text)
        stored.add_text(f"{field}_words", words)
        stored.add_text(f"{field}_stems", words)
    return stored


def _factor(popularity: int) -> float:
    """By how much a score grows with popularity."""
    return 1 + _WEIGHT_SPAN * min(math.log2(1 + popularity), _MOST_DOUBLINGS) / _MOST_DOUBLINGS


def _weight_value(popularity: int) -> float:
    """The field's value for the factor: the library multiplies a score by log2(2 + value)."""
    return float(2 ** _factor(popularity) - 2)


def _ranked(searcher: tantivy.Searcher, hits: Sequence[tuple[float, tantivy.DocAddress]]) -> list[CharacterId]:
    """Best match first. Without the factor a score is a whole number again, and equals are parted exactly."""
    addresses = [address for _, address in hits]
    ids = _integers(searcher, "id", addresses)
    popularities = _integers(searcher, "popularity", addresses)
    scores = (score for score, _ in hits)
    rows = zip(scores, popularities, ids, strict=True)
    ordered = sorted((-round(score / _factor(popularity)), -popularity, key) for score, popularity, key in rows)
    return [CharacterId(key) for _, _, key in ordered]


def _integers(searcher: tantivy.Searcher, field: str, addresses: list[tantivy.DocAddress]) -> list[int]:
    return [int(value or 0) for value in searcher.fast_field_values(field, addresses)]


def _count(result: tantivy.SearchResult) -> int:
    # The library has the number as an attribute but leaves it out of its type stubs.
    count: int = getattr(result, "count")  # noqa: B009 - see above
    return count
