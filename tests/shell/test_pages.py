"""What can be said of the pages without a browser: how they are served, and that nothing in them is from elsewhere."""

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from parley.shell.pages import security_policy
from support.app import AppUnderTest
from support.node import ran_by_node

PAGES = Path(__file__).parents[2] / "src/parley/pages"
FILES = sorted(path.name for path in PAGES.iterdir() if path.is_file())
SCRIPTS = [name for name in FILES if name.endswith(".js")]
ADDRESSES = ["/", "/schema", *(f"/pages/{name}" for name in FILES)]
SCHEMA_ALONE = {"schema.html", "schema.js", "schema.css", "notation.js"}
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


class Tags(HTMLParser):
    """The tags of a page, and the text inside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is not None:
            self.inline += data.strip()


def text_of(name: str) -> str:
    return (PAGES / name).read_text()


async def body_of(app: AppUnderTest, path: str, accepted: str) -> tuple[str | None, bytes]:
    """The encoding of a body and the body as it was sent."""
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(f"{app.base_url}{path}", headers={"Accept-Encoding": accepted}) as answer,
    ):
        return answer.headers.get("Content-Encoding"), await answer.read()


# --- how they are served ---------------------------------------------------------------------------


async def test_every_page_and_file_is_served_with_the_policy(sqlite_app: AppUnderTest) -> None:
    for address in ADDRESSES:
        async with sqlite_app.session.get(f"{sqlite_app.base_url}{address}") as answer:
            assert answer.status == 200, address
            assert answer.headers.items() >= security_policy(()).items(), address
            assert answer.headers["Content-Type"] != "application/octet-stream"


async def test_a_file_is_packed_for_those_who_can_unpack_it(sqlite_app: AppUnderTest) -> None:
    for name in FILES:
        encoding, plain = await body_of(sqlite_app, f"/pages/{name}", "identity")
        assert (encoding, plain) == (None, (PAGES / name).read_bytes())
        encoding, packed = await body_of(sqlite_app, f"/pages/{name}", "gzip, br")
        assert (encoding, gzip.decompress(packed)) == ("gzip", plain)


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "apply.py",
        "apply",
        ".js",
        ".apply.js",
        "..",
        "../__init__.py",
        "..%2f__init__.py",
        "%2e%2e%2fshell%2fpages.py",
        "%2fetc%2fpasswd.js",
        "a%00.js",
        "APPLY.JS",
        "words.de.js",
    ],
)
async def test_what_is_no_page_is_not_found(sqlite_app: AppUnderTest, name: str) -> None:
    as_it_stands = URL(f"{sqlite_app.base_url}/pages/{name}", encoded=True)
    async with sqlite_app.session.get(as_it_stands) as answer:
        assert answer.status == 404
        assert "parley" not in (await answer.text()).lower()


async def test_only_the_demo_gives_init_data_away(sqlite_app: AppUnderTest) -> None:
    async with sqlite_app.session.get(f"{sqlite_app.base_url}/demo/init-data") as answer:
        assert answer.status == 404


def test_the_policy_lets_nothing_in_from_elsewhere_and_no_inline_code_run() -> None:
    policy = security_policy(())["Content-Security-Policy"]
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert told.pop("frame-ancestors") == "https://web.telegram.org"
    assert told["default-src"] == "'none'"
    assert told["require-trusted-types-for"] == "'script'"
    assert set(" ".join(told.values()).split()) == {"'none'", "'self'", "data:", "'script'"}


def test_an_operator_may_add_who_frames_the_pages() -> None:
    policy = security_policy(("https://example.org",))["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://web.telegram.org https://example.org")


# --- what is in them -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["index.html", "schema.html"])
def test_a_page_has_no_inline_code_and_names_only_files_of_its_own(name: str) -> None:
    page = Tags(text_of(name))
    assert page.inline == ""
    for tag, attributes in page.tags:
        assert not [each for each in attributes if each.startswith("on") or each == "style"], tag
        for address in (attributes.get("src"), attributes.get("href")):
            assert address is None or address in {*ADDRESSES, "/schema/openapi.json"}, address


@pytest.mark.parametrize("name", FILES)
def test_no_file_has_an_address_elsewhere(name: str) -> None:
    found = re.findall(r"(?:https?:|wss?:)?//[\w.]+[^\s\"'`]*", text_of(name).replace(SVG_NAMESPACE, ""))
    comments = [each for each in found if re.match(r"//\s", each)]
    assert found == comments


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_html_or_code_out_of_text(name: str) -> None:
    sinks = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|createContextualFragment|DOMParser|\beval\b|\bFunction\("
    )
    assert not re.search(sinks, text_of(name))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_imports_only_what_is_there(name: str) -> None:
    imported = re.findall(r"""(?:from|import\()\s*["`]\./([^"`]+)""", text_of(name))
    for each in imported:
        assert each.replace("${language}", "ru") in FILES
        assert each.replace("${language}", "en") in FILES


def test_every_sign_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', text_of("icons.svg")))
    calls = r'(?:icon|signButton|#tool|turn)\("(\w+)"|\["(\w+)", words\.s'
    used = {one or other for name in SCRIPTS for one, other in re.findall(calls, text_of(name))}
    assert used == drawn


def test_the_chat_page_is_small_on_the_wire() -> None:
    files = set(FILES) - SCHEMA_ALONE - {"words.en.js"}
    sizes = {name: len(gzip.compress((PAGES / name).read_bytes())) for name in files}
    assert sum(sizes.values()) < 40_000, sizes


# --- what they say ---------------------------------------------------------------------------------


def test_both_languages_say_the_same_things() -> None:
    told = """
      const shape = (value) => typeof value === "function" ? `${value.length} arguments`
        : typeof value === "object" ? Object.keys(value)
        : value.trim() === "" ? "nothing" : "words";
      return modules.map(({ words }) => shape(words));
    """
    russian, english = json.loads(ran_by_node(told, PAGES / "words.ru.js", PAGES / "words.en.js"))
    assert russian == english
    assert "nothing" not in json.dumps(russian)


def test_every_word_that_a_script_says_is_there_and_none_is_left_over() -> None:
    have = set(json.loads(ran_by_node("return Object.keys(modules[0].words);", PAGES / "words.en.js")))
    chat = [name for name in SCRIPTS if name not in SCHEMA_ALONE and not name.startswith("words.")]
    used = {word for name in chat for word in re.findall(r"\bwords\.(\w+)", text_of(name))}
    named = {"newScene", "reset", "connecting", "waiting", "refused", "open"}  # taken by a name that is a value
    assert used - {"ru", "en"} <= have
    assert have - used - named == set()


async def test_a_content_type_names_its_charset_once(sqlite_app: AppUnderTest) -> None:
    for path in ("/", "/schema", "/pages/main.js", "/pages/style.css", "/metrics"):
        kind = (await sqlite_app.person().get(path)).headers["Content-Type"]
        assert kind.count("charset=utf-8") == 1
