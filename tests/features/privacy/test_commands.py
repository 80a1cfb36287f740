"""`parley users export` and `parley users erase`, as an operator meets them."""

import asyncio
import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.cli import entry
from parley.features.identity.core import telegram_user
from parley.features.identity.service import Identity


class Terminal(io.StringIO):
    """Somebody at the keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that has met Anya, and where no setting is made."""
    for name in [each for each in os.environ if each.startswith("PARLEY_")]:  # noqa: TID251  commands must not see them
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    async def meet() -> None:
        clock = SystemClock()
        db = await open_database(f"sqlite:///{tmp_path}/data/parley.db", clock)
        await Identity.without_sign_in(db, clock).meet(telegram_user(7, "Аня", None, "anya", "ru"))
        await db.close()

    asyncio.run(meet())
    return tmp_path


def test_a_person_is_exported_to_standard_output(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert entry(["users", "export", "7"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    told = json.loads(out)
    assert (told["format"], told["telegram"]["first_name"]) == ("parley-export", "Аня")


def test_a_person_is_exported_to_a_file_that_nobody_else_reads(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "anya.json"
    path.write_text("an older one")
    assert entry(["users", "export", "7", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: {path.stat().st_size} bytes\n"
    assert json.loads(path.read_bytes())["telegram"]["telegram_user_id"] == 7
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in folder.iterdir() if "anya" in each.name] == ["anya.json"]


def test_a_script_erases_without_being_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["users", "erase", "7"]) == 0
    assert capsys.readouterr() == ("7\terased\n", "")
    assert entry(["users", "show", "7"]) == 1
    assert entry(["users", "erase", "7"]) == 1
    assert "7" in capsys.readouterr().err


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "yeah\n"])
def test_whoever_does_not_agree_at_the_terminal_erases_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert entry(["users", "erase", "7"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "Erase 7 with 0 messages and 0 memories for good? [y/N] parley: nothing was erased\n"
    assert entry(["users", "show", "7"]) == 0


@pytest.mark.parametrize(("answer", "options"), [("y\n", []), ("YES\n", []), ("", ["--yes"])])
def test_consent_at_the_terminal_erases(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    options: list[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert entry(["users", "erase", "7", *options]) == 0
    assert capsys.readouterr().out == "7\terased\n"
    assert entry(["users", "show", "7"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["users", "export", "8"], 1, "8"),
        (["users", "erase", "8"], 1, "8"),
        (["users", "export"], 2, "telegram-id"),
        (["users", "erase", "x"], 2, "TELEGRAM-ID"),
        (["users", "export", "7", "missing/anya.json"], 1, "missing"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert entry(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert words in line
