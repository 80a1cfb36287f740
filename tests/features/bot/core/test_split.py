"""Replies in parts: nothing is lost, nothing is torn that need not be, and drafts show the end of what grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.bot.core import markup
from parley.features.bot.core.split import LONGEST, MOST_ENTITIES, Part, parts, preview


def units(text: str) -> int:
    """As Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def covered(part: Part) -> list[tuple[str, str]]:
    """Each entity's kind and the text it covers."""
    return [(each.type, each.extract_from(part.text)) for each in part.entities]


def texts(markdown: str) -> list[str]:
    return [part.text for part in parts(markdown)]


def test_a_short_reply_is_one_part() -> None:
    (part,) = parts("*улыбается* Привет 👋")
    assert part.text == "улыбается Привет 👋"
    assert covered(part) == [("italic", "улыбается")]


@pytest.mark.parametrize("nothing", ["", " \n ", "> ", "```\n```", "[](javascript:x)", "\u200b\u200b"])
def test_a_reply_that_shows_nothing_is_still_a_message(nothing: str) -> None:
    assert parts(nothing) == [Part("…")]
    assert preview(nothing) == Part("…")


def test_paragraphs_are_kept_whole_where_they_fit() -> None:
    first, second = "Раз. " * 500, "Два. " * 500
    assert texts(f"{first}\n\n{second}") == [first.strip(), second.strip()]


def test_without_paragraphs_lines_then_sentences_then_words_are_kept_whole() -> None:
    line = "слово " * 100
    assert all(text.count("\n") == 5 for text in texts("\\\n".join([line] * 12)))
    assert all(text.endswith(".»)") for text in texts("(«Раз и два.») " * 600))
    assert all(set(text.split()) == {"слово"} for text in texts("слово " * 2000))


def test_a_word_of_exactly_the_limit_is_one_part() -> None:
    assert texts("а" * LONGEST) == ["а" * LONGEST]
    assert texts("а" * LONGEST + " б") == ["а" * LONGEST, "б"]
    assert texts("😀" * (LONGEST // 2)) == ["😀" * (LONGEST // 2)]


@pytest.mark.parametrize("letter", ["😀", "👨‍👩‍👧‍👦", "🇷🇺", "👋🏽", "е́", "❤️"])
def test_no_letter_is_torn(letter: str) -> None:
    found = texts("x" + letter * 3000)
    assert len(found) > 1
    assert "".join(found) == "x" + letter * 3000
    for text in found:
        assert text.removeprefix("x").replace(letter, "") == ""
        assert units(text) <= LONGEST


def test_letters_piled_up_without_end_are_torn_rather_than_refused() -> None:
    found = texts("e" + "\u0301" * 10_000)
    assert "".join(found) == "e" + "\u0301" * 10_000


def test_a_mark_goes_on_in_the_next_part() -> None:
    first, second = parts("*" + "слово " * 1000 + "конец*")
    assert covered(first) == [("italic", first.text)]
    assert covered(second) == [("italic", second.text)]
    one, two = parts("```python\n" + "    x = 1\n" * 600 + "```")
    assert [each.language for part in (one, two) for each in part.entities] == ["python", "python"]
    assert two.text.startswith("    x = 1")


def test_a_message_has_no_more_entities_than_telegram_shows() -> None:
    (part,) = parts("*a* " * 300)
    assert len(part.entities) == MOST_ENTITIES


WORDS = st.sampled_from(
    ["слово", "*курсив*", "**жирно**", "😀", "a" * 700, "👨‍👩‍👧‍👦" * 40, "`код`", "Да.", "- раз", "> цитата"]
)
REPLIES = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "\n\n", " \n  \n", ""])), max_size=60)


@given(REPLIES)
def test_the_parts_give_the_whole_reply_back(pieces: list[tuple[str, str]]) -> None:
    markdown = "".join(word + space for word, space in pieces)
    text, _ = markup.convert(markdown)
    rest = text
    for part in parts(markdown) if text.strip() else []:
        found = rest.find(part.text)
        assert found >= 0
        assert not rest[:found].strip()
        rest = rest[found + len(part.text) :]
        assert 0 < units(part.text) <= LONGEST
        assert part.text.strip()
    assert not rest.strip()


@given(REPLIES)
def test_every_mark_covers_in_the_parts_what_it_covers_in_the_whole(pieces: list[tuple[str, str]]) -> None:
    markdown = "".join(word + space for word, space in pieces)
    text, marks = markup.convert(markdown)
    if len(marks) > MOST_ENTITIES:
        return
    whole = [markup.entity(mark) for mark in marks]
    for kind in ("italic", "bold", "code"):
        expected = "".join(each.extract_from(text) for each in whole if each.type == kind)
        found = "".join(covers for part in parts(markdown) for name, covers in covered(part) if name == kind)
        assert "".join(found.split()) == "".join(expected.split())


# --- while it grows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "text", "entities"),
    [
        ("*улыба", "улыба", [("italic", "улыба")]),
        ("Привет *", "Привет", []),
        ("*улыбается* При", "улыбается При", [("italic", "улыбается")]),
        ("**Важно *оч", "Важно оч", [("bold", "Важно оч"), ("italic", "оч")]),
        ("**Важно ", "Важно", [("bold", "Важно")]),
        ("раз `ко", "раз ко", [("code", "ко")]),
        ("`a *b", "a *b", [("code", "a *b")]),
        ("```python\nx = 1\n", "x = 1", [("pre", "x = 1")]),
        ("*раз*\n\n*дв", "раз\n\nдв", [("italic", "раз"), ("italic", "дв")]),
        ("2 * 3", "2 * 3", []),
        ("5*3", "5*3", []),
        ("- раз\n- *дв", "• раз\n• дв", [("italic", "дв")]),
        ("[сло", "[сло", []),
        ("\\*раз", "*раз", []),
        ("~~не", "не", [("strikethrough", "не")]),
        ("a\n\n```\nb\n```\nc *d", "a\n\nb\nc d", [("pre", "b"), ("italic", "d")]),
    ],
)
def test_what_is_begun_is_shown_as_it_will_be(markdown: str, text: str, entities: list[tuple[str, str]]) -> None:
    part = preview(markdown)
    assert (part.text, covered(part)) == (text, entities)


def test_signs_that_close_nothing_are_not_shown() -> None:
    assert preview("<div>\nb *c").text == "<div>\nb *c"


def test_a_long_reply_is_previewed_by_its_end() -> None:
    part = preview("*начало* " + "слово " * 2000 + "\n\n*коне")
    assert part.text.endswith("слово\n\nконе")
    assert part.text.startswith("слово")
    assert LONGEST - 64 <= units(part.text) <= LONGEST
    assert covered(part) == [("italic", "коне")]
    for letter in ("😀", "👋🏽", "👨‍👩‍👧‍👦"):
        assert preview("x" + letter * 5000).text == letter * (LONGEST // units(letter))


@given(REPLIES)
def test_every_beginning_of_a_reply_can_be_previewed(pieces: list[tuple[str, str]]) -> None:
    markdown = "".join(word + space for word, space in pieces)
    for length in range(0, len(markdown), max(1, len(markdown) // 20)):
        part = preview(markdown[:length])
        assert part.text.strip()
        assert units(part.text) <= LONGEST


def test_the_last_preview_of_a_reply_is_the_reply() -> None:
    for markdown in ("*улыбается* Привет", "**a** `b`\n\n- c\n- *d*", "```\nx\n```", "2 * 3 _не_ *так*"):
        assert [preview(markdown)] == parts(markdown)
