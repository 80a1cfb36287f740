"""`docs/` against the code: every rule has its test, every route, code, event and setting its row."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from parley.features.chats.core import EventKind
from parley.features.turns.api import websocket
from parley.kernel.errors import AppError
from parley.settings import PREFIX, Settings
from parley.shell.errors import STATUS
from support.app import AppUnderTest
from support.routes import ROUTES, SERVICE_ROUTES

TESTS = Path(__file__).parent
ROOT = TESTS.parent
RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
SERVICES = ("/users", "/v1", "/chat", "/models", "/embeddings")
"""Where other services come in."""
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def tables() -> Iterator[tuple[str, list[str]]]:
    """Every row of every table of rules, with the heading it stands under."""
    heading = ""
    for line in RULES.splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ").partition(" (")[0]
        elif line.startswith("|") and not line.startswith("|---"):
            yield heading, [cell.strip() for cell in line.strip("|").split("|")]


def rows(heading: str) -> list[list[str]]:
    """The rows of a table, without its first."""
    return [cells for under, cells in tables() if under == heading][1:]


def first_words(heading: str) -> list[str]:
    return [cells[0].strip("`") for cells in rows(heading)]


async def routes_of(app: AppUnderTest) -> set[tuple[str, str]]:
    """Methods and paths of the running application, the pages left out."""
    litestar = cast("Litestar", app.parley.edge.app)
    return {
        (method, route.path_format)
        for route in litestar.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS" and route.path_format.startswith(("/api", "/characters", *SERVICES))
    }


# --- tests -----------------------------------------------------------------------------------------


def test_every_rule_names_a_test() -> None:
    unheld = [cells for _, cells in tables() if cells[-1] != "tests" and not NAMED.search(cells[-1])]
    assert unheld == []


def test_every_test_that_is_named_exists() -> None:
    missing = [f"{path}::{name}" for path, name in NAMED.findall(RULES) if name not in names_in(TESTS / path)]
    assert missing == []
    assert all(name.startswith("test_") for _, name in NAMED.findall(RULES))


def names_in(path: Path) -> set[str]:
    """The functions of a file."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_no_row_stands_twice() -> None:
    firsts = [(heading, cells[0], cells[1]) for heading, cells in tables()]
    assert len(firsts) == len(set(firsts))


# --- routes, errors, events ------------------------------------------------------------------------


async def test_every_route_has_its_row(sqlite_app: AppUnderTest) -> None:
    told = {tuple(words.split(" ")) for words in [*first_words("Routes"), *first_words("Routes of services")]}
    assert told == await routes_of(sqlite_app)


async def test_the_tests_that_go_through_all_routes_know_them_all(sqlite_app: AppUnderTest) -> None:
    known = {(route.method, route.path.partition("?")[0]) for route in (*ROUTES, *SERVICE_ROUTES)}
    told = {(method, path) for method, path in await routes_of(sqlite_app) if not path.startswith("/characters")}
    assert known == told


def test_every_error_has_its_row_and_its_status() -> None:
    told = {cells[0].strip("`"): int(cells[1]) for cells in rows("Errors")}
    assert told == {kind.code: STATUS[kind] for kind in every_error(AppError)}


def every_error(kind: type[AppError]) -> Iterator[type[AppError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from every_error(each)


def test_every_event_has_its_row() -> None:
    told = {(cells[1], cells[0].strip("`")) for cells in rows("Events")}
    assert told == {("server", name) for name in server_events()} | {("client", name) for name in client_events()}


def server_events() -> set[str]:
    """Lasting ones by their type, passing ones by where frames are made."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "src" / "parley" / "features").rglob("*.py"))
    made = {name for text in sources for name in re.findall(r"""\bframe\(\s*"([a-z.]+)\"""", text)}
    return made | set(get_args(EventKind))


def client_events() -> set[str]:
    text = Path(websocket.__file__).read_text(encoding="utf-8")
    return {*re.findall(r"""case "(\w+)":""", text), *re.findall(r"""said\.event == "(\w+)\"""", text)}


def test_every_close_code_has_its_row() -> None:
    known = {*websocket.CLOSE_CODES.values(), websocket.RESUME_LATER, websocket.SERVICE_RESTART}
    assert {int(code) for code in first_words("Close codes")} == known


# --- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: str(setting.name))
def test_every_setting_has_its_line(setting: Any) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    secret = "yes" if setting.metadata["secret"] else ""
    cells = (f"`{PREFIX}{setting.name.upper()}`", default_of(setting), secret, setting.metadata["about"])
    assert f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |") in page.splitlines()


def default_of(setting: Any) -> str:
    """As an operator would write it."""
    value = setting.default
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{text}`" if text else ""


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    known = {f"{PREFIX}{setting.name.upper()}" for setting in fields(Settings)}
    known |= {f"{name}_FILE" for name in known}
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        named = set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
        assert named <= known, page.name


def test_pages_link_to_what_exists() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"
