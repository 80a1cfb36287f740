"""`contract/events/*.json`: the fold of a chat's events, told as cases and run by Python and by the page's script."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pytest

from parley.features.chats import core
from parley.features.chats.core import View
from support.node import ran_by_node

ROOT = Path(__file__).parents[2]
APPLY = ROOT / "src/parley/pages/apply.js"
FOLD = """
  const frozen = (value) => {
    if (value !== null && typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
    return value;
  };
  return frozen(given).map(({ before, frames }) => frames.reduce(modules[0].apply, before));
"""
MEMBERS = {"name", "before", "frames", "after"}

Json = dict[str, Any]
CASES: list[Json] = [
    case for file in sorted((ROOT / "contract/events").glob("*.json")) for case in json.loads(file.read_bytes())
]
each_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def view_from(told: Json) -> View:
    """The view of a case."""
    return View(**{**told, "messages": tuple(told["messages"])})


def as_told(view: View) -> Json:
    """The view as a case tells it: equal to its JSON and nothing more."""
    told: Json = json.loads(json.dumps(asdict(view)))
    return told


def folded_by_python(case: Json) -> Json:
    view = view_from(case["before"])
    for frame in case["frames"]:
        view = core.apply(view, frame)
    return as_told(view)


def folded_by_node(apply_js: Path, cases: list[Json]) -> list[Json]:
    """The views that the script's `apply` makes. Views and frames are frozen there: changing one would raise."""
    views: list[Json] = json.loads(ran_by_node(FOLD, apply_js, given=cases))
    return views


@pytest.fixture(scope="module")
def node_views() -> dict[str, Json]:
    """What node makes of every case, by its name."""
    return dict(zip((case["name"] for case in CASES), folded_by_node(APPLY, CASES), strict=True))


@each_case
def test_python_folds_the_case_as_it_is_told(case: Json) -> None:
    assert folded_by_python(case) == case["after"]


@each_case
def test_the_page_folds_the_case_as_it_is_told(case: Json, node_views: dict[str, Json]) -> None:
    assert node_views[case["name"]] == case["after"]


def test_a_script_that_folds_nothing_is_found_out(tmp_path: Path) -> None:
    idle = tmp_path / "idle.js"
    idle.write_text("export const apply = (view) => view;\n")
    views = folded_by_node(idle, CASES)
    assert [view for view, case in zip(views, CASES, strict=True) if view != case["after"]]


def test_the_cases_have_names_of_their_own_and_no_stray_members() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 20
    assert all(case.keys() == MEMBERS for case in CASES)


def test_the_cases_cover_every_event_and_one_that_nobody_knows() -> None:
    seen = {frame["event"] for case in CASES for frame in case["frames"]}
    lasting = set(get_args(core.EventKind))
    assert lasting | {"message.typing", "message.delta", "error", "pong"} < seen
