"""The web client's pure scripts, run by node: formatted texts, dates, rows, links, words."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from support.node import ran_by_node

WEB = Path(__file__).parents[2] / "src/parley_simulator/web"
CORE = WEB / "core"

Json = dict[str, Any]
NOW = 1_795_348_800
"""A Sunday in November 2026, noon in UTC: the same day in most places."""


def call(script: str, function: str, *given: object) -> Any:
    """What a function of a script returns."""
    told = ran_by_node(f"return modules[0].{function}(...given) ?? null;", CORE / script, given=given)
    return json.loads(told)


# --- formatted texts -------------------------------------------------------------------------------


def shape(nodes: list[Json]) -> list[Any]:
    """A tree of nodes without what is not needed to see its form: texts, and `[type, …]` for what is marked."""
    return [[each["type"], *shape(each["nodes"])] if "type" in each else each["text"] for each in nodes]


def tree(text: str, *entities: tuple[str, int, int]) -> list[Any]:
    told = [{"type": kind, "offset": offset, "length": length} for kind, offset, length in entities]
    return shape(call("entities.js", "tree", text, told))


def test_nested_marks_nest() -> None:
    assert tree("a bold italic z", ("italic", 7, 6), ("bold", 2, 11)) == [
        "a ",
        ["bold", "bold ", ["italic", "italic"]],
        " z",
    ]


def test_marks_that_overlap_lose_no_letter() -> None:
    assert tree("abcdef", ("bold", 0, 4), ("italic", 2, 4)) == [
        ["bold", "ab", ["italic", "cd"]],
        ["italic", "ef"],
    ]


def test_offsets_count_utf16_units() -> None:
    assert tree("😀 yes", ("bold", 3, 3)) == ["😀 ", ["bold", "yes"]]


def test_entities_that_lie_outside_are_cut_or_dropped() -> None:
    assert tree("abc", ("bold", 1, 99), ("italic", 7, 2), ("code", -1, 2)) == ["a", ["bold", "bc"]]


def test_addresses_names_and_commands_are_found_as_telegram_finds_them() -> None:
    assert tree("see https://a.example/x. or /help @local_42_bot, km/h") == [
        "see ",
        ["url", "https://a.example/x"],
        ". or ",
        ["bot_command", "/help"],
        " ",
        ["mention", "@local_42_bot"],
        ", km/h",
    ]


def test_nothing_is_found_inside_a_code() -> None:
    assert tree("/a /b", ("code", 0, 2)) == [["code", "/a"], " ", ["bot_command", "/b"]]


def test_the_line_break_behind_a_block_is_no_empty_line() -> None:
    assert tree("code\nrest\n", ("pre", 0, 4)) == [["pre", "code"], "rest\n"]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " javascript:alert(1)"]
)
def test_an_address_that_is_none_of_the_web_is_not_opened(address: str) -> None:
    assert call("entities.js", "safeUrl", address) is None


def test_an_address_without_a_scheme_is_one_of_the_web() -> None:
    assert call("entities.js", "safeUrl", "t.me/local_42_bot") == "https://t.me/local_42_bot"


# --- dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "language", "label"),
    [(0, "ru", "Сегодня"), (86_400, "ru", "Вчера"), (86_400, "en", "Yesterday"), (5 * 86_400, "en", "November 17")],
)
def test_a_day_is_named_as_people_name_it(ago: int, language: str, label: str) -> None:
    assert call("dates.js", "dayLabel", NOW - ago, NOW, language) == label


def test_a_day_of_another_year_tells_its_year() -> None:
    assert "2024" in call("dates.js", "dayLabel", NOW - 700 * 86_400, NOW, "ru")


def test_a_date_entity_follows_its_format() -> None:
    entity = {"unix_time": NOW + 7200, "date_time_format": "r"}
    assert call("dates.js", "formatted", entity, "x", NOW, "en") == "in 2 hours"
    assert call("dates.js", "formatted", {**entity, "date_time_format": ""}, "soon", NOW, "en") == "soon"
    assert call("dates.js", "formatted", {**entity, "date_time_format": "zz"}, "soon", NOW, "en") == "soon"
    assert call("dates.js", "formatted", {**entity, "date_time_format": "D"}, "x", NOW, "en").endswith("2026")


# --- rows ------------------------------------------------------------------------------------------

PERSON = 1
BOT = {"id": 42, "is_bot": True}


def message(number: int, sender: int, date: int = NOW, *, markup: Json | None = None) -> Json:
    told = {"message_id": number, "date": date, "from": BOT if sender == 42 else {"id": sender}, "text": "x"}
    return told | ({"reply_markup": markup} if markup else {})


def rows(*messages: Json, draft: Json | None = None) -> list[Json]:
    told: list[Json] = call("rows.js", "rowsOf", messages, {"person": PERSON, "draft": draft})
    return told


def test_messages_of_one_side_hang_together_until_time_passes() -> None:
    told = rows(message(1, 42), message(2, 42), message(3, PERSON), message(4, PERSON, NOW + 3600))
    assert [(row["kind"], row.get("isFirst"), row.get("isLast")) for row in told] == [
        ("day", None, None),
        ("message", True, False),
        ("message", False, True),
        ("message", True, True),
        ("message", True, True),
    ]


def test_a_day_begins_with_its_name_and_a_draft_stands_last() -> None:
    told = rows(message(1, 42, NOW - 86_400), message(2, 42), draft={"draft_id": 7, "text": "He"})
    assert [row["kind"] for row in told] == ["day", "message", "day", "message", "draft"]


KEYS: Json = {"keyboard": [[{"text": "A"}]]}


@pytest.mark.parametrize(
    ("markups", "shown"),
    [
        ([KEYS], 1),
        ([KEYS, None], 1),
        ([KEYS, {"inline_keyboard": []}], 1),
        ([KEYS, {"keyboard": [[{"text": "B"}]]}], 2),
        ([KEYS, {"remove_keyboard": True}], None),
        ([{"force_reply": True}], 1),
    ],
)
def test_the_newest_keyboard_is_in_force_until_it_is_removed(markups: list[Json | None], shown: int | None) -> None:
    told = [message(number, 42, markup=each) for number, each in enumerate(markups, 1)]
    found = call("rows.js", "keyboardInForce", told)
    assert (found and found["message"]["message_id"]) == shown


def test_a_forced_reply_asks_once() -> None:
    asked = message(1, 42, markup={"force_reply": True})
    assert call("rows.js", "keyboardInForce", [asked, message(2, PERSON)]) is None


def test_ticks_tell_whether_the_bot_has_the_message() -> None:
    mine = message(1, PERSON)
    assert call("rows.js", "ticks", mine, [mine], 1) == 1
    assert call("rows.js", "ticks", mine, [mine], 0) == 2
    assert call("rows.js", "ticks", mine, [mine, message(2, 42)], 1) == 2


def test_commands_are_offered_while_one_is_typed() -> None:
    commands = [{"command": "start", "description": ""}, {"command": "stop", "description": ""}]
    offered = {
        typed: len(call("rows.js", "commandsFor", typed, commands)) for typed in ["/", "/sta", "/x", "/start ", "a"]
    }
    assert offered == {"/": 2, "/sta": 1, "/x": 0, "/start ": 0, "a": 0}


# --- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://t.me/local_42_bot?start=kira", {"kind": "bot", "username": "local_42_bot", "start": "kira"}),
        ("t.me/local_42_bot", {"kind": "bot", "username": "local_42_bot", "start": None}),
        ("https://t.me/local_42_bot/app?startapp=a", {"kind": "app", "username": "local_42_bot", "start": "a"}),
        ("https://t.me/$abc-_=", {"kind": "invoice", "slug": "abc-_="}),
        ("tg://resolve?domain=local_42_bot&start=x", {"kind": "bot", "username": "local_42_bot", "start": "x"}),
        ("https://t.me/local_42_bot?start=%D1%8F", {"kind": "bot", "username": "local_42_bot", "start": None}),
        ("https://example.org/local_42_bot?start=x", None),
        ("https://t.me.example.org/local_42_bot", None),
    ],
)
def test_links_to_telegram_are_followed_here(address: str, link: Json | None) -> None:
    assert call("links.js", "telegramLink", address) == link


@pytest.mark.parametrize(
    ("address", "launched"),
    [
        ("https://a/", "https://a/#p=1"),
        ("https://a/#", "https://a/#p=1"),
        ("https://a/#/s/1", "https://a/#/s/1?p=1"),
        ("https://a/#/s/1?view=x", "https://a/#/s/1?view=x&p=1"),
    ],
)
def test_launch_parameters_go_where_telegrams_clients_put_them(address: str, launched: str) -> None:
    assert call("links.js", "withLaunchParameters", address, {"p": "1"}) == launched


def test_the_servers_address_gets_the_pages_theme_and_keeps_the_rest() -> None:
    address = "https://a/#tgWebAppData=x%26y&tgWebAppThemeParams=%7B%7D&tgWebAppVersion=9.6"
    themed = call("links.js", "withTheme", address, {"bg_color": "#fff$&"})
    assert themed == (
        "https://a/#tgWebAppData=x%26y&tgWebAppThemeParams=%7B%22bg_color%22%3A%22%23fff%24%26%22%7D&tgWebAppVersion=9.6"
    )


def test_a_tab_is_what_its_fragment_says() -> None:
    assert call("links.js", "readRoute", "#person=7&bot=42") == {"person": 7, "bot": 42}
    assert call("links.js", "readRoute", "#person=x") == {"person": None, "bot": None}
    assert call("links.js", "writeRoute", {"person": 7, "bot": 42}) == "#person=7&bot=42"


# --- the words and the page ------------------------------------------------------------------------

SHAPES = """
  const shape = (value) => (value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shape(each)]))
    : Array.isArray(value) ? value.length : typeof value);
  return [shape(modules[0].ru), shape(modules[1].en)];
"""


def test_both_languages_say_the_same_things() -> None:
    russian, english = json.loads(ran_by_node(SHAPES, CORE / "words_ru.js", CORE / "words_en.js"))
    assert russian == english


@pytest.mark.parametrize(("count", "says"), [(1, "1 звезда"), (3, "3 звезды"), (11, "11 звёзд"), (21, "21 звезда")])
def test_stars_are_counted_in_russian(count: int, says: str) -> None:
    told = ran_by_node("return modules[0].ru.starsCount(given);", CORE / "words_ru.js", given=count)
    assert json.loads(told) == says


def test_every_word_that_is_used_is_there() -> None:
    russian, _ = json.loads(ran_by_node(SHAPES, CORE / "words_ru.js", CORE / "words_en.js"))
    sources = [path.read_text(encoding="utf-8") for folder in ("ui", "core") for path in (WEB / folder).glob("*.js")]
    used = {name for text in sources for name in re.findall(r"\bwords\.(?!js\b)(\w+)", text)}
    assert used - set(russian) == set()
    assert set(russian) - used == {"starsCount"}


def test_foreign_text_never_becomes_markup() -> None:
    found = [
        f"{path.name}: {word}"
        for path in WEB.rglob("*.js")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function")
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_the_page_loads_nothing_from_elsewhere_and_nothing_that_is_not_there() -> None:
    page = (WEB / "index.html").read_text(encoding="utf-8")
    loaded = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert [each for each in loaded if not (WEB / each).is_file()] == []
    for script in WEB.rglob("*.js"):
        imported = re.findall(r'from "([^"]+)"', script.read_text(encoding="utf-8"))
        assert [each for each in imported if not (script.parent / each).is_file()] == [], script.name


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r"^  (\w+):", (WEB / "ui/icons.js").read_text(encoding="utf-8"), re.MULTILINE))
    sources = [path.read_text(encoding="utf-8") for path in (WEB / "ui").glob("*.js")]
    used = {name for text in sources for name in re.findall(r'(?:\bicon\(|\bsignButton\(|sign: )"(\w+)"', text)}
    assert used - drawn == set()
