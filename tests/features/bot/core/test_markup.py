"""A model's Markdown: what a person gets to see of it, and what it may not do."""

import json

import pytest
from aiogram.types import MessageEntity
from hypothesis import given
from hypothesis import strategies as st

from parley.features.bot.core import markup


def marked(markdown: str) -> tuple[str, list[tuple[str, str]]]:
    """The text, and each mark with what it covers."""
    text, marks = markup.convert(markdown)
    return text, [(mark.type, markup.entity(mark).extract_from(text)) for mark in marks]


@pytest.mark.parametrize(
    ("markdown", "text", "marks"),
    [
        ("*улыбается* Привет", "улыбается Привет", [("italic", "улыбается")]),
        ("*Улыбается.* Привет! *Машет рукой*", "Улыбается. Привет! Машет рукой", None),
        ("«*смеётся*», — да", "«смеётся», — да", [("italic", "смеётся")]),
        ("*— Да,* — сказала она.", "— Да, — сказала она.", [("italic", "— Да,")]),
        ("_smiles_ Hi", "smiles Hi", [("italic", "smiles")]),
        ("*кивает\nи молчит*", "кивает\nи молчит", [("italic", "кивает\nи молчит")]),
        ("😀 *машет 👋🏽* ок", "😀 машет 👋🏽 ок", [("italic", "машет 👋🏽")]),
        ("**Важно** и ***очень***", "Важно и очень", [("bold", "Важно"), ("bold", "очень"), ("italic", "очень")]),
        ("~~нет~~ ~10 мин~", "нет ~10 мин~", [("strikethrough", "нет")]),
        ("2 * 3 * 4, снова_и_снова", "2 * 3 * 4, снова_и_снова", []),
        ("<b>да</b> <i>ну</i><br>и", "да ну\nи", [("bold", "да"), ("italic", "ну")]),
    ],
)
def test_what_characters_write_most_comes_out_right(
    markdown: str, text: str, marks: list[tuple[str, str]] | None
) -> None:
    got, found = marked(markdown)
    assert got == text
    if marks is None:
        assert [kind for kind, _ in found] == ["italic", "italic"]
    else:
        assert found == marks


def test_headings_are_bold_and_lists_have_dots() -> None:
    text, marks = marked("# План\n\n- чай\n- кофе\n  - зёрна\n\n1. раз\n2. два\n\n- [ ] нет\n- [x] да")
    assert text.splitlines() == [
        "План",
        "",
        "• чай",
        "• кофе",
        "  • зёрна",
        "",
        "1. раз",
        "2. два",
        "",
        "☐ нет",
        "☑ да",
    ]
    assert marks == [("bold", "План")]


def test_headings_of_all_levels_look_alike() -> None:
    for level in range(1, 7):
        assert marked("#" * level + " План") == ("План", [("bold", "План")])


def test_tables_are_fixed_width() -> None:
    text, marks = marked("| a | бб |\n|---|---|\n| 1 | 2 |")
    assert text == "a | бб\n--+---\n1 | 2 "
    assert marks == [("pre", text)]


def test_code_keeps_its_language_and_every_sign() -> None:
    markdown = "```python title=x\nif *a*:\n    ||b||\n```\n`x*y*`"
    text, marks = markup.convert(markdown)
    entities = [markup.entity(mark) for mark in marks]
    assert text == "if *a*:\n    ||b||\nx*y*"
    assert [(each.type, each.language) for each in entities] == [("pre", None), ("code", None)]
    python = [markup.entity(mark) for mark in markup.convert("```python\n1\n```")[1]]
    assert python == [MessageEntity(type="pre", offset=0, length=1, language="python")]


@pytest.mark.parametrize(
    "text",
    [
        "$x$ и $5, \\frac{a}{b}",
        "List<String> names",
        "<div>\n*a*\n</div>",
        "[Кира]: привет",
        "[Кира]: привет\n[Рин]: пока",
        "> [Кира]: привет"[2:],
        "||тайна||",
        "Осталось ~5 минут",
        "<3",
    ],
)
def test_what_is_no_markdown_of_a_chat_is_shown_as_it_stands(text: str) -> None:
    assert marked(text) == (text, [])


def test_an_indented_paragraph_is_a_paragraph() -> None:
    for indent in ("    ", "\t", "  \t"):
        text, marks = marked(f"Раз.\n\n{indent}*Она вошла.*\n{indent}Он встал.\n\nДва.")
        assert text.replace("\N{NO-BREAK SPACE}", " ").splitlines()[2:4] == ["    Она вошла.", "    Он встал."]
        assert marks == [("italic", "Она вошла.")]
    assert marked("- раз\n\n      два")[1] == []
    assert marked("```\n    x\n```") == ("    x", [("pre", "    x")])


def test_diagrams_are_code_and_nothing_is_fetched() -> None:
    assert marked("```mermaid\ngraph TD\n```") == ("graph TD", [("pre", "graph TD")])


@pytest.mark.parametrize(
    ("markdown", "label", "address"),
    [
        ("[сайт](https://example.org/a?b=c)", "сайт", "https://example.org/a?b=c"),
        ("![кот](http://example.org/cat.png)", "кот", "http://example.org/cat.png"),
        ("![](https://example.org/cat.png)", "https://example.org/cat.png", "https://example.org/cat.png"),
        ("<https://example.org>", "https://example.org", "https://example.org"),
        ("[раз][1]\n\n[1]: https://example.org", "раз", "https://example.org"),
    ],
)
def test_links_and_pictures_lead_into_the_web(markdown: str, label: str, address: str) -> None:
    text, (mark,) = markup.convert(markdown)
    assert (text, mark.type, mark.url) == (label, "text_link", address)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "tg://user?id=42",
        "tg://emoji?id=5368324170671202286",
        "file:///etc/passwd",
        "//example.org",
        "https://",
        "https://t.me@example.org/",
        "https://[example",
        "https://example.org/" + "a" * 3000,
        "mailto:a@example.org",
        "me@example.org",
    ],
)
def test_other_addresses_are_lost_and_their_words_stay(address: str) -> None:
    for markdown in (f"[слово](<{address}>)", f"![слово](<{address}>)"):
        assert marked(markdown) == ("слово", [])


def test_marks_never_cross_nor_stand_within_their_like() -> None:
    text, marks = markup.convert(
        "<b>раз *два</b> три* **a **b** c** > q\n\n> раз\n> > два\n\n[a ![b](http://b.c)](http://d.e)"
    )
    ends: list[int] = []
    for mark in marks:
        ends = [end for end in ends if end > mark.offset]
        assert all(mark.offset + mark.length <= end for end in ends)
        ends.append(mark.offset + mark.length)
    assert [mark.type for mark in marks].count("blockquote") == 1
    assert [mark.url for mark in marks if mark.type == "text_link"] == ["http://d.e"]
    assert "раз два три" in text


BOMBS = {
    "asterisks": "*" * 50_000,
    "pairs": "*a* " * 12_500,
    "openings": "*a **b " * 7_000,
    "quotes": ">" * 50_000,
    "lists": "- " * 25_000,
    "deep lists": "\n".join("  " * depth + "- a" for depth in range(200)),
    "brackets": "[" * 50_000,
    "links": "[a](" * 12_500,
    "fences": "```\n" * 12_500,
    "one fence": "```" + "\n" * 50_000,
    "table": "|" + "a" * 30_000 + "|b|\n|-|-|\n" + "|c|d|\n" * 900,
    "padded table": "|" + "a" * 2_000 + "|b|\n|-|-|\n" + "|c|d|\n" * 300,
    "wide table": "|" * 200 + "a\n" + "|-" * 201 + "|\n" + "a|\n" * 15_000,
    "comments": "<!--" * 12_000,
    "definitions": "".join(f"[a{number}]: b\n\n" for number in range(4_000)),
    "same definition": "[a]: b\n\n" * 6_000,
    "blank lines": "> \n" * 15_000,
    "indents": "    *a*\n\n" * 6_000,
    "white": " " * 60_000,
    "surrogates": "\ud800*a*" * 10_000,
    "too long": "*a* " + "слово " * 20_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_shown_and_does_not_grow(bomb: str) -> None:
    text, marks = markup.convert(bomb)
    assert len(text) <= 4 * len(bomb) + 4096
    assert len(marks) < 2_000


def test_the_page_of_a_bomb_is_the_bomb_itself() -> None:
    assert marked("*a* " * 12_500) == ("*a* " * 12_500, [])
    assert marked("> " * 5_000 + "a") == ("> " * 5_000 + "a", [])


SIGNS = st.text(st.sampled_from("*_~`>#-+|[]()!\\<>/&;:\n\r\t 1aж😀\u0301\u200d\ud800"), max_size=60)


@given(st.lists(SIGNS | st.text(max_size=20), max_size=6).map("".join))
def test_marks_lie_within_the_text_whatever_is_written(markdown: str) -> None:
    text, marks = markup.convert(markdown)
    units = len(text.encode("utf-16-le")) // 2
    for mark in marks:
        assert 0 <= mark.offset < mark.offset + mark.length <= units
        entity = markup.entity(mark)
        assert entity.type in {"bold", "italic", "strikethrough", "blockquote", "text_link", "code", "pre"}
        assert (entity.url is not None) == (entity.type == "text_link")
        json.dumps(entity.model_dump(exclude_none=True))


@given(st.text(st.sampled_from("абвгд ,.!?—\n«»"), max_size=200))
def test_no_word_of_prose_is_lost(prose: str) -> None:
    text, _ = markup.convert(prose)
    assert "".join(text.split()) == "".join(prose.split())
