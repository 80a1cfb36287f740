"""What a query's words match, and how well: name before tags before text, exact before related before mistyped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import tantivy
from tantivy import Occur, Query

from parley.adapters.search.words import Analysis, latin

_MATCHED: Final = 64
"""Worth of a matched word besides how well it matched: above every single score below, so more words always win."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Scores of the ways a word may match in one field. Whole numbers: sums of them stay exact."""

    field: str
    exact: int
    stem: int
    synonym: int
    prefix: int
    typo: int
    typos: int


_WORTHS: Final = (
    Worth("name", exact=60, stem=52, synonym=40, prefix=44, typo=14, typos=10),
    Worth("tags", exact=36, stem=33, synonym=32, prefix=26, typo=9, typos=6),
    Worth("text", exact=20, stem=18, synonym=16, prefix=12, typo=4, typos=2),
)
_LATIN_NAME: Final = 50
_SHORTEST_PREFIX: Final = 2


class Matching:
    """Builds the queries of a search."""

    def __init__(self, schema: tantivy.Schema, analysis: Analysis) -> None:
        self._schema = schema
        self._analysis = analysis

    def attempts(self, words: Sequence[str]) -> Iterator[Query]:
        """Queries to try in turn, each wider than the one before."""
        strict = [self._word(word, is_last=word == words[-1]) for word in words]
        yield _all(strict)
        wide = [_best([query, *self._mistyped(word)]) for query, word in zip(strict, words, strict=True)]
        yield _all(wide)
        if len(words) > 1:
            yield _at_least((len(words) + 1) // 2, wide)

    def _word(self, word: str, *, is_last: bool) -> Query:
        """The word in any of its forms; the last one may still be in the typing."""
        ways = [way for worth in _WORTHS for way in self._forms(worth, word)]
        ways.append(_worth(self._term("latin_words", latin(word)), _LATIN_NAME))
        if is_last and len(word) >= _SHORTEST_PREFIX:
            ways += [self._fuzzy(f"{worth.field}_words", word, 0, worth.prefix) for worth in _WORTHS]
            ways.append(self._fuzzy("latin_words", latin(word), 0, _WORTHS[0].prefix))
        return _best(ways)

    def _forms(self, worth: Worth, word: str) -> Iterator[Query]:
        words, stems = f"{worth.field}_words", f"{worth.field}_stems"
        yield _worth(self._term(words, word), worth.exact)
        for stem in self._analysis.query_stems(word):
            yield _worth(self._term(stems, stem), worth.stem)
        for other in self._analysis.synonyms(word):
            yield _worth(self._term(words, other), worth.synonym)
            for stem in self._analysis.query_stems(other):
                yield _worth(self._term(stems, stem), worth.synonym)

    def _mistyped(self, word: str) -> Iterator[Query]:
        """A typo from four letters on, two from eight on; the stem is looked at too, for a typo in another form."""
        texts = {"words": word, "stems": next(iter(self._analysis.query_stems(word)), word)}
        for worth in _WORTHS:
            for kind, text in texts.items():
                if len(text) >= 4:
                    yield self._fuzzy(f"{worth.field}_{kind}", text, 1, worth.typo)
                if len(text) >= 8:
                    yield self._fuzzy(f"{worth.field}_{kind}", text, 2, worth.typos)
        if len(word) >= 4:
            yield self._fuzzy("latin_words", latin(word), 1, _WORTHS[0].typo)

    def _term(self, field: str, text: str) -> Query:
        return Query.term_query(self._schema, field, text, "basic")

    def _fuzzy(self, field: str, text: str, distance: int, worth: int) -> Query:
        """Without a distance it is the beginning of a word."""
        query = Query.fuzzy_term_query(self._schema, field, text, distance, True, distance == 0)  # noqa: FBT003 - theirs
        return _worth(query, worth)


def _worth(query: Query, worth: int) -> Query:
    return Query.const_score_query(query, float(_MATCHED + worth))


def _best(ways: list[Query]) -> Query:
    return Query.disjunction_max_query(ways)


def _all(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _at_least(count: int, queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries], minimum_number_should_match=count)
