"""Rules for text from outside."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.kernel.errors import InvalidInput
from parley.kernel.text import bounded, one_line, storable

ANY_TEXT = st.text(st.characters())


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfffb"])
def test_what_an_engine_cannot_keep_is_not_storable(text: str) -> None:
    assert not storable(text)
    with pytest.raises(InvalidInput) as refused:
        bounded(text, "message", most=10)
    assert refused.value.field == "message"


@given(ANY_TEXT)
def test_what_is_storable_is_utf8_without_nul(text: str) -> None:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        assert not storable(text)
    else:
        assert storable(text) == (0 not in encoded)


@pytest.mark.parametrize("blank", ["", " ", "\n\t\r", "\u00a0\u2003\u3000", "\x1c\x85\u2028"])
def test_white_space_alone_is_nothing(blank: str) -> None:
    with pytest.raises(InvalidInput):
        bounded(blank, "message", most=10)
    assert bounded(blank, "message", most=10, least=0) == ""


def test_a_length_is_counted_in_code_points_after_trimming() -> None:
    assert bounded("  " + "я" * 10 + "\n", "message", most=10) == "я" * 10
    assert bounded("👨‍👩‍👧", "message", most=5) == "👨‍👩‍👧"
    with pytest.raises(InvalidInput):
        bounded("👨‍👩‍👧", "message", most=4)
    with pytest.raises(InvalidInput):
        bounded("я" * 11, "message", most=10)


@given(ANY_TEXT)
def test_one_line_is_one_harmless_line(text: str) -> None:
    line = one_line(text, 50)
    assert len(line) <= 50
    assert len(line.splitlines()) <= 1
    assert storable(line)
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in line)
    assert not any(unicodedata.category(letter) == "Cf" for letter in line.replace("\u200c", "").replace("\u200d", ""))


@given(ANY_TEXT)
def test_a_line_stays_as_it_is(text: str) -> None:
    line = one_line(text, 10_000)
    assert one_line(line, 10_000) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\nlines", "two lines"),
        ("  a \t\r\n b\u00a0\u2003c ", "a b c"),
        ("a\u2028b\u2029c\x85d\x1ce", "a b c d e"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("zero\u200bwidth\ufeff \u2060joined", "zerowidth joined"),
        ("soft\u00adhyphen", "softhyphen"),
        ("bell\x07 esc\x1b[31m", "bell esc[31m"),
        ("tags\U000e0041\U000e007f hide", "tags hide"),
        ("selectors\U000e0100\U000e01ef hide", "selectors hide"),
        ("👨‍👩‍👧 ❤️ நி \u200c", "👨‍👩‍👧 ❤️ நி \u200c"),
        ("Ёлка «ёж» — naïve", "Ёлка «ёж» — naïve"),
        ("", ""),
    ],
)
def test_what_a_line_keeps_and_what_it_drops(text: str, line: str) -> None:
    assert one_line(text, 100) == line
