"""The house rules find what they are there to find, and leave good code alone."""

import subprocess
from pathlib import Path

import pytest

from house_rules import RULES, Rule, Source, main, slow_in_transaction, unreasoned_suppression, wrong_door

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each_rule
def test_a_rule_leaves_its_good_sample_alone(rule: Rule) -> None:
    assert rule.holds_for.match(rule.good.path)
    assert list(rule.breaches(rule.good)) == []


@each_rule
def test_a_rule_finds_its_bad_sample(rule: Rule) -> None:
    assert rule.holds_for.match(rule.bad.path)
    assert len(list(rule.breaches(rule.bad))) == 1


@pytest.mark.parametrize("wait", ["await tx.run('x')", "await self.store(1, tx=tx)", "plain()"])
def test_what_is_given_the_transaction_may_be_awaited_in_it(wait: str) -> None:
    block = f"async def f():\n    async with self.db.begin() as tx:\n        {wait}\n"
    assert list(slow_in_transaction(Source("a.py", block))) == []


@pytest.mark.parametrize(
    "wait",
    ["async for part in model.stream(): pass", "async with http.get() as answer: pass", "value = [await tell()]"],
)
def test_every_kind_of_wait_in_a_transaction_is_seen(wait: str) -> None:
    block = f"async def f():\n    async with self.db.begin() as tx:\n        {wait}\n"
    assert [line for line, _ in slow_in_transaction(Source("a.py", block))] == [3]


@pytest.mark.parametrize(
    ("path", "imports", "is_open"),
    [
        ("src/parley/features/plans/store.py", "from parley.features.plans.core import Plan", True),
        ("src/parley/features/plans/api.py", "from parley.features.chats.api import page", True),
        ("src/parley/features/plans/service.py", "from parley.features.chats.api import page", False),
        ("src/parley/features/plans/service/due.py", "import parley.features.chats.wire", False),
        ("src/parley/shell/http.py", "from parley.features.chats.api import page", True),
        ("src/parley/shell/http.py", "from parley.features.chats import store", False),
        ("src/parley/cli.py", "from parley.features.chats.store import chat_of", False),
    ],
)
def test_which_door_of_a_feature_is_open_depends_on_who_comes(path: str, imports: str, is_open: bool) -> None:
    assert (list(wrong_door(Source(path, imports))) == []) is is_open


@pytest.mark.parametrize(
    "comment",
    ["# noqa", "# noqa: S101 - ok", "# type: ignore", "# type: ignore[arg-type]", "# pragma: no cover"],
)
def test_a_suppression_without_code_or_reason_is_a_breach(comment: str) -> None:
    assert len(list(unreasoned_suppression(Source("a.py", f"go()  {comment}\n")))) == 1


def test_files_that_git_would_track_are_looked_at_and_ignored_ones_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    bad = next(rule.bad.text for rule in RULES if rule.name == "suppressions say why")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "ignored.py").write_text(bad)
    (tmp_path / "new.py").write_text(bad)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    assert main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("new.py:1: suppressions say why")
