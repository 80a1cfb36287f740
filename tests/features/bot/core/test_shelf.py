"""Where in the catalogue a person stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.bot.core.shelf import ON_A_PAGE, Shelf, pages


@pytest.mark.parametrize(("total", "count"), [(0, 1), (1, 1), (ON_A_PAGE, 1), (ON_A_PAGE + 1, 2), (2 * ON_A_PAGE, 2)])
def test_pages_are_counted(total: int, count: int) -> None:
    assert pages(total) == count


@given(st.integers(1, 10_000))
def test_the_last_page_holds_the_last_character(total: int) -> None:
    last = Shelf().last(total)
    assert last.window.offset < total <= last.window.offset + last.window.limit
    assert last.turned_to(last.window.offset) == last


def test_what_is_asked_for_follows_the_shelf() -> None:
    shelf = Shelf("n", tag=3, is_adult=True, page=2)
    assert shelf.sort == "new"
    assert Shelf("q").sort == "popular"
    assert shelf.filters("sea").rating == "nsfw"
    assert shelf.filters("sea").tags == ("sea",)
    assert Shelf().filters(None).rating == "sfw"
    assert shelf.by("p") == Shelf("p", 3, is_adult=True)
    assert shelf.without_tag() == Shelf("n", 0, is_adult=True, page=2)
    assert shelf.at(0).page == 0
