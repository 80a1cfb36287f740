import pytest

from parley.features.characters.core import Filters, Window
from parley.features.characters.wire import category_from, filters_from, sort_from, window_from, words_from
from parley.kernel.errors import InvalidInput, NotFound


def test_an_empty_query_asks_for_the_first_fifty_popular_ones() -> None:
    assert filters_from({}) == Filters()
    assert sort_from({}) == "popular"
    assert window_from({}) == Window(50, 0)


def test_a_full_query_is_read() -> None:
    query = {"genre": ["anime"], "rating": ["nsfw"], "access_type": ["premium"], "tags": [" Anime,,KIND ", "new"]}
    assert filters_from(query) == Filters("anime", "nsfw", "premium", ("anime", "kind", "new"))
    assert sort_from({"sort": ["recommended"]}) == "recommended"
    assert window_from({"limit": ["100"], "offset": ["9223372036854775807"]}) == Window(100, 2**63 - 1)
    assert words_from({"q": ["  аниме девушка "]}) == "аниме девушка"


def test_what_means_nothing_is_ignored() -> None:
    assert filters_from({"color": ["red"], "q": ["x"]}) == Filters()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("genre", ["horror"]),
        ("genre", [""]),
        ("genre", ["anime", "anime"]),
        ("rating", ["SFW"]),
        ("access_type", ["gold"]),
        ("tags", [",".join(map(str, range(33)))]),
        ("tags", ["a\x00b"]),
        ("sort", ["x"]),
        ("limit", ["0"]),
        ("limit", ["101"]),
        ("limit", ["-1"]),
        ("limit", ["1.0"]),
        ("limit", ["٣"]),
        ("limit", [""]),
        ("limit", ["1", "2"]),
        ("offset", ["-1"]),
        ("offset", ["9223372036854775808"]),
        ("offset", ["9" * 30]),
        ("q", []),
        ("q", [""]),
        ("q", ["   "]),
        ("q", ["x" * 201]),
        ("q", ["a\x00b"]),
        ("q", ["a", "b"]),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_parameter(name: str, values: list[str]) -> None:
    query = {"q": ["fine"], name: values}
    with pytest.raises(InvalidInput) as refused:
        (filters_from(query), sort_from(query), window_from(query), words_from(query))
    assert refused.value.field == name


def test_a_missing_search_text_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        words_from({})
    assert refused.value.field == "q"


def test_only_known_categories_exist() -> None:
    assert category_from("genre") == "genre"
    with pytest.raises(NotFound):
        category_from("colour")
