"""The command line as an operator meets it: what it prints, how it ends, what it says when something is wrong."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import init_data_py
import pytest
from init_data_py import UnsignedInitData, User

from parley.adapters.clock import SystemClock
from parley.adapters.db import open_database
from parley.cli import entry
from parley.features.identity.service import Identity

TOKEN = "42:TEST"
CANARY = "s3cr3t-c4n4ry"
_ENVIRONMENT = os.environ  # noqa: TID251  commands are run with all of it but our own settings


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line it failed with."""
        assert self.code != 0
        (line,) = self.err.splitlines()
        return line


class Shell:
    """Runs commands in this process, in a folder and an environment of the test's own."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture
        self._patch = patch
        for name in [each for each in _ENVIRONMENT if each.startswith("PARLEY_")]:
            patch.delenv(name)
        patch.chdir(folder)

    def set(self, **environment: str) -> None:
        """Set variables for the commands to come."""
        for name, value in environment.items():
            self._patch.setenv(f"PARLEY_{name}", value)

    def __call__(self, *arguments: str) -> Ended:
        self._capture.readouterr()
        code = entry(arguments)
        out, err = self._capture.readouterr()
        return Ended(code, out, err)


@pytest.fixture
def parley(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)


def process(arguments: Sequence[str], folder: Path, **environment: str) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    given: Mapping[str, str] = {f"PARLEY_{name}": value for name, value in environment.items()}
    inherited = {name: value for name, value in _ENVIRONMENT.items() if not name.startswith("PARLEY_")}
    return subprocess.Popen(
        [sys.executable, "-m", "parley", *arguments],
        cwd=folder,
        env={**inherited, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(arguments: Sequence[str], folder: Path, **environment: str) -> Ended:
    """The command as a process of its own, to its end."""
    started = process(arguments, folder, **environment)
    out, err = started.communicate(timeout=60)
    return Ended(started.returncode, out, err)


def card(folder: Path, name: str, **parley: object) -> Path:
    """A card's file."""
    data = {"name": name, "description": "d", "first_mes": "Hi", "creator": "test", "extensions": {"parley": parley}}
    path = folder / f"{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}), encoding="utf-8")
    return path


# --- characters ------------------------------------------------------------------------------------


def test_characters_are_listed_as_the_contract_says(parley: Shell) -> None:
    first = card(parley.folder, "Кира", access_type="premium", genre="anime", content_rating="nsfw")
    second = card(parley.folder, "Artyom", is_active=False)
    imported = parley("characters", "import", str(first), str(second))
    assert (imported.code, imported.err) == (0, "")
    assert imported.out == "1\tadded\tКира\n2\tadded\tArtyom\n"
    listed = parley("characters", "list", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert json.loads(listed.out) == [
        {
            "id": 1,
            "name": "Кира",
            "access_type": "premium",
            "genre": "anime",
            "content_rating": "nsfw",
            "is_active": True,
        },
        {"id": 2, "name": "Artyom", "access_type": "free", "genre": None, "content_rating": "sfw", "is_active": False},
    ]
    people = parley("characters", "list").out.splitlines()
    assert people[0].split() == ["id", "name", "access", "genre", "rating", "active"]
    assert people[1].split() == ["1", "Кира", "premium", "anime", "nsfw", "yes"]


def test_an_empty_catalogue_is_an_empty_list(parley: Shell) -> None:
    assert parley("characters", "list", "--json") == Ended(0, "[]\n", "")


def test_a_name_with_marks_of_a_terminal_is_shown_literally(parley: Shell) -> None:
    parley("characters", "import", str(card(parley.folder, "[/] [red]x[/red] :smile: " + "long " * 6)))
    listed = parley("characters", "list")
    assert listed.code == 0
    assert "[/] [red]x[/red] :smile: long long" in listed.out
    assert len(listed.out.splitlines()) == 2


def test_importing_a_folder_again_updates_in_place(parley: Shell) -> None:
    folder = parley.folder / "cards"
    folder.mkdir()
    card(folder, "Кира")
    card(folder, "Рин")
    (folder / "notes.txt").write_text("not a card")
    assert parley("characters", "import", str(folder)).out.count("added") == 2
    assert parley("characters", "import", str(folder)).out == "1\tupdated\tКира\n2\tupdated\tРин\n"


def test_what_is_no_card_is_named_and_the_others_are_imported(parley: Shell) -> None:
    good, bad = card(parley.folder, "Кира"), parley.folder / "bad.json"
    bad.write_text("{")
    ended = parley("characters", "import", str(bad), str(good))
    assert ended.code == 1
    assert ended.out == "1\tadded\tКира\n"
    first, second = ended.err.splitlines()
    assert first.startswith(f"{bad}: ")
    assert second == "parley: 1 of 2 cards were not imported"


def test_a_character_comes_out_as_it_came_in(parley: Shell) -> None:
    parley("characters", "import", str(card(parley.folder, "Кира", genre="anime")))
    for name, beginning in (("out.json", b"{"), ("out.png", b"\x89PNG")):
        out = parley.folder / name
        ended = parley("characters", "export", "1", str(out))
        assert ended == Ended(0, f"{out}: {out.stat().st_size} bytes\n", "")
        assert out.read_bytes().startswith(beginning)
        assert parley("characters", "import", str(out)).out == "1\tupdated\tКира\n"


def test_a_removed_character_is_inactive_until_it_is_imported_again(parley: Shell) -> None:
    file = card(parley.folder, "Кира")
    parley("characters", "import", str(file))
    assert parley("characters", "remove", "1") == Ended(0, "1\tremoved\n", "")
    assert [each["is_active"] for each in json.loads(parley("characters", "list", "--json").out)] in ([], [False])
    parley("characters", "import", str(file))
    assert [each["is_active"] for each in json.loads(parley("characters", "list", "--json").out)] == [True]


# --- people and keys -------------------------------------------------------------------------------


async def _meet(folder: Path) -> None:
    clock = SystemClock()
    db = await open_database(f"sqlite:///{folder}/data/parley.db", clock)
    try:
        signed = init_data_py.sign(
            UnsignedInitData(user=User(id=7, first_name="Аня", username="anya"), query_id="q"),
            TOKEN,
            auth_date=clock.now().timestamp(),
        )
        await Identity(db, clock, TOKEN, timedelta(days=1)).person(signed)
    finally:
        await db.close()


def test_a_person_is_shown_and_granted_premium(parley: Shell) -> None:
    asyncio.run(_meet(parley.folder))
    shown = json.loads(parley("users", "show", "7").out)
    assert set(shown) == {
        "id", "telegram_user_id", "username", "first_name", "language", "is_adult_confirmed", "created_at",
        "messages_used_today", "subscription_end_at",
    }  # fmt: skip
    assert (shown["telegram_user_id"], shown["username"], shown["subscription_end_at"]) == (7, "anya", None)
    granted = parley("users", "grant-premium", "7", "--days", "30")
    assert granted.code == 0
    end = json.loads(parley("users", "show", "7").out)["subscription_end_at"]
    assert granted.out == f"7\tsubscribed until {end}\n"


def test_a_key_is_told_once_listed_and_revoked(parley: Shell) -> None:
    secret = parley("keys", "create", "bot", "--adult").out.strip()
    assert secret.startswith("parley-")
    listed = parley("keys", "list", "--json")
    assert secret not in listed.out
    (key,) = json.loads(listed.out)
    assert (key["name"], key["adult"], key["revoked_at"]) == ("bot", True, None)
    assert (key["requests"], key["prompt_tokens"], key["completion_tokens"]) == (0, 0, 0)
    assert parley("keys", "revoke", "bot") == Ended(0, "bot\trevoked\n", "")
    assert json.loads(parley("keys", "list", "--json").out)[0]["revoked_at"]
    assert "bot" in parley("keys", "list").out


def test_a_key_keeps_its_name_whatever_word_it_is(parley: Shell) -> None:
    parley("keys", "create", "True")
    assert parley("keys", "list").out.splitlines()[-1].split()[:2] == ["True", "no"]


# --- what is wrong is one line ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nonsense"], 2, "nonsense"),
        (["serve", "--nonsense"], 2, "--nonsense"),
        (["serve", "extra"], 2, "extra"),
        (["characters", "nonsense"], 2, "nonsense"),
        (["characters", "export", "x", "y"], 2, "CHARACTER"),
        (["characters", "export", "1"], 2, "path"),
        (["characters", "export", "0", "y"], 2, "CHARACTER"),
        (["characters", "export", "9" * 30, "y"], 2, "CHARACTER"),
        (["characters", "export", "1", "y"], 1, "character not found"),
        (["characters", "remove", "1"], 1, "character not found"),
        (["characters", "import"], 1, "no card files"),
        (["characters", "import", "missing.json"], 1, "missing.json"),
        (["users", "show"], 2, "telegram-id"),
        (["users", "show", "9" * 30], 2, "TELEGRAM-ID"),
        (["users", "show", "5"], 1, "5"),
        (["users", "grant-premium", "5", "--days", "3"], 1, "5"),
        (["users", "grant-premium", "5"], 2, "--days"),
        (["users", "grant-premium", "5", "--days", "0"], 1, "--days"),
        (["users", "grant-premium", "5", "--days", "36501"], 1, "--days"),
        (["keys", "create"], 2, "name"),
        (["keys", "create", " "], 1, "name"),
        (["keys", "create", "two\nlines"], 1, "name"),
        (["keys", "create", "x" * 65], 1, "name"),
        (["keys", "revoke", "nobody"], 1, "no key named nobody is in use"),
        (["serve"], 1, "PARLEY_BOT_TOKEN"),
    ],
)
def test_a_command_that_cannot_do_it_says_why_in_one_line(
    parley: Shell, arguments: list[str], code: int, words: str
) -> None:
    ended = parley(*arguments)
    assert ended.code == code
    assert ended.out == ""
    assert words in ended.complaint


def test_a_key_of_a_taken_name_is_refused_without_a_trace(parley: Shell) -> None:
    parley("keys", "create", "bot")
    assert parley("keys", "create", "bot").complaint == ("parley: there is or was a key named bot: choose another name")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite:///",
        "sqlite:////",
        "sqlite:///:memory:",
        f"sqlite:///x?password={CANARY}",
        "sqlite:////proc/nowhere/x.db",
        f"postgresql://me:{CANARY}@",
        f"postgresql://me:{CANARY}@127.0.0.1:1/name",
        f"postgresql://me:{CANARY}@127.0.0.1:port/name",
        f"postgresql://me:{CANARY}@[::1/name",
    ],
)
def test_a_database_that_cannot_be_is_one_line_without_the_password(parley: Shell, url: str) -> None:
    parley.set(DATABASE_URL=url)
    complaint = parley("migrate").complaint
    assert complaint.startswith("parley: ")
    assert CANARY not in complaint


def test_a_malformed_setting_stops_every_command_that_reads_settings(parley: Shell) -> None:
    parley.set(PORT="eighty")
    for command in (["serve"], ["migrate"], ["config"], ["characters", "list"]):
        assert parley(*command).complaint.startswith("parley: PARLEY_PORT must be")


def test_an_export_into_nowhere_names_the_file(parley: Shell) -> None:
    parley("characters", "import", str(card(parley.folder, "Кира")))
    assert parley("characters", "export", "1", "no/such/folder.json").complaint == (
        "parley: no/such/folder.json: No such file or directory"
    )


# --- settings --------------------------------------------------------------------------------------


def test_config_shows_what_is_effective_and_hides_secrets(parley: Shell) -> None:
    (parley.folder / ".env").write_text(f"PARLEY_LLM_API_KEY={CANARY}\nPARLEY_LLM_MODEL=[/]small\nPARLEY_PORT=1\n")
    parley.set(BOT_TOKEN=f"42:{CANARY}", DATABASE_URL=f"postgresql://me:{CANARY}@db/name", PORT="9999")
    shown = parley("config")
    assert shown.code == 0
    assert CANARY not in shown.out
    rows = dict(line.split(None, 1) for line in shown.out.splitlines() if len(line.split(None, 1)) == 2)
    assert rows["PARLEY_BOT_TOKEN"].strip() == "(set)"
    assert rows["PARLEY_LLM_API_KEY"].strip() == "(set)"
    assert rows["PARLEY_LLM_MODEL"].strip() == "[/]small"
    assert rows["PARLEY_PORT"].strip() == "9999"
    assert rows["PARLEY_DATABASE_URL"].strip() == "postgresql://…@db/name"


def test_migrate_can_be_run_again(parley: Shell) -> None:
    for _ in range(2):
        assert parley("migrate") == Ended(0, "The database is up to date.\n", "")


# --- as a process of its own -----------------------------------------------------------------------


def test_python_m_parley_is_the_command(tmp_path: Path) -> None:
    assert run(["--version"], tmp_path).out.strip() == "0.1.0"
    help_text = run(["--help"], tmp_path)
    assert help_text.code == 0
    assert "Run the API, the WebSocket and the pages." in help_text.out
    assert list(tmp_path.iterdir()) == []


def test_help_does_not_load_the_web_server(tmp_path: Path) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, parley.cli; print(*sys.modules)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert not {"litestar", "uvicorn", "aiohttp", "tantivy", "numpy", "xllamacpp", "prometheus_client"} & set(loaded)


def test_serve_without_a_token_stops_with_one_line(tmp_path: Path) -> None:
    ended = run(["serve"], tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.complaint == "parley: PARLEY_BOT_TOKEN is not set: get one from @BotFather and set it"


@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid"])
def test_serve_where_it_cannot_listen_stops_with_one_line(tmp_path: Path, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run(["serve"], tmp_path, BOT_TOKEN=TOKEN, HOST=host, PORT=port)
    assert ended.code == 1
    assert ended.complaint.startswith("parley: cannot listen on ")
    assert host in ended.complaint
    assert port in ended.complaint


def test_serve_ends_well_on_a_signal(tmp_path: Path) -> None:
    server = process(["serve"], tmp_path, BOT_TOKEN=TOKEN, PORT="0")
    assert server.stderr is not None
    first = json.loads(server.stderr.readline())
    assert first["event"] == "serving"
    assert first["port"] > 0
    server.send_signal(signal.SIGTERM)
    _, err = server.communicate(timeout=30)
    assert server.returncode == 0
    assert all(json.loads(line)["level"] != "error" for line in err.splitlines())
