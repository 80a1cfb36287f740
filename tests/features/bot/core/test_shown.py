"""Foreign text as it may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.bot.core.shown import clipped, line, name, passage


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Кира", "Кира"),
        ("  a\n b\t", "a b"),
        ("Ev\u202eil", "Evil"),
        ("", "…"),
        ("\u200b", "…"),
        ("<b>x</b>", "<b>x</b>"),
        ("שלום", "\u2068שלום\u2069"),
        ("a שלום", "\u2068a שלום\u2069"),
        ("👩‍🚀", "👩‍🚀"),
    ],
)
def test_a_name_is_one_line_that_turns_nothing_around(text: str, shown: str) -> None:
    assert name(text) == shown


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("😀😀", 4, "😀😀"),
        ("😀😀😀", 4, "😀…"),
        ("ab", 1, "…"),
    ],
)
def test_a_text_is_clipped_as_telegram_counts(text: str, most: int, shown: str) -> None:
    assert clipped(text, most) == shown


@given(st.text(), st.integers(1, 50))
def test_no_text_is_longer_than_allowed(text: str, most: int) -> None:
    assert units(clipped(text, most)) <= most
    assert units(line(text, most)) <= most
    assert units(passage(text, most)) <= most
    assert "\n" not in line(text, most)


def test_a_passage_keeps_its_paragraphs() -> None:
    assert passage("\n a \u202e b \n\nc\n", 100) == "a b\n\nc"
