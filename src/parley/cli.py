"""The command line: parse, call `main`, say in one line what went wrong."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table

from parley import __version__
from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.db import DatabaseRefused, OpenDatabase, open_database
from parley.features.characters.core import CardRejected, read_card
from parley.features.characters.service import Cards
from parley.features.identity.service import Identity, ServiceKeys
from parley.features.limits.service import Limits
from parley.kernel.errors import AppError, Conflict, ServiceUnavailable
from parley.kernel.ids import MAX_ID, CharacterId, TelegramUserId
from parley.kernel.text import one_line
from parley.kernel.wire import timestamp_of
from parley.settings import SettingError, Settings, environment_of
from parley.shell import logs

app = App(name="parley", version=__version__, help="AI characters on Telegram, on your own machine.")
characters = App(name="characters", help="Bring character cards in and out.")
users = App(name="users", help="Look at people and grant them what they need.")
keys = App(name="keys", help="Keys for other services.")
app.command(characters)
app.command(users)
app.command(keys)

MOST_KEY_NAME: Final = 64
Id = Annotated[int, Parameter(validator=Number(gte=1, lte=MAX_ID))]
_UNBOUNDED: Final = 10_000
"""Columns of a table that is not shown on a terminal but read by a program."""


class Failed(Exception):
    """The command cannot do what was asked; the text is one line for the operator."""


def say(line: str) -> None:
    """A line of the command's answer."""
    sys.stdout.write(line + "\n")


def complain(line: str) -> None:
    """What went wrong, in one line whatever is quoted in it."""
    sys.stderr.write(f"{one_line(line, 2000)}\n")


def show_table(table: Table) -> None:
    """A table for people, its cells taken literally."""
    width = None if sys.stdout.isatty() else _UNBOUNDED
    Console(highlight=False, markup=False, emoji=False, width=width).print(table)


def settings() -> Settings:
    """The settings of this process."""
    return Settings.load(environment_of(os.environ, Path(".env")))  # noqa: TID251  the command line hands it over


@asynccontextmanager
async def database() -> AsyncIterator[OpenDatabase]:
    """The database of the settings, migrated."""
    db = await open_database(settings().database_url, SystemClock())
    try:
        yield db
    finally:
        await db.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's work on the event loop the server uses too."""
    with asyncio.Runner(loop_factory=_event_loop) as runner:
        runner.run(work)


def _event_loop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415  only commands that run something pay for it

    return uvloop.new_event_loop()


# --- running ---------------------------------------------------------------------------------------


@app.command
def serve() -> None:
    """Run the API, the WebSocket and the pages."""
    from parley import main  # noqa: PLC0415  the web server is loaded only by what runs it

    chosen = settings()
    chosen.require_bot_token()
    logs.configure(chosen.log_level)
    run(main.serve(chosen))


@app.command(name="demo")
def run_demo() -> None:
    """Run everything on this machine with a sample catalogue and the embedded model. No account is needed."""
    from parley import demo  # noqa: PLC0415  the web server is loaded only by what runs it

    run(demo.serve(os.environ))  # noqa: TID251  the command line hands it over


@app.command
def migrate() -> None:
    """Bring the database up to this version's schema."""

    async def work() -> None:
        async with database():
            say("The database is up to date.")

    run(work())


@app.command
def config() -> None:
    """Show the effective settings; secrets only as set or not."""
    table = Table("Setting", "Value", box=None, pad_edge=False)
    for name, value in settings().shown():
        table.add_row(name, value)
    show_table(table)


# --- characters ------------------------------------------------------------------------------------


@characters.command(name="import")
def import_characters(*paths: Path) -> None:
    """Import character cards: V2 or V3 as JSON or PNG, or CHARX. A folder means every card in it.

    The same card again (same name and creator) brings its character up to date; its id and chats stay.
    """
    files = [file for path in paths for file in _card_files(path)]
    if not files:
        raise Failed("no card files given: name .json, .png or .charx files, or a folder with such files")

    async def work() -> None:
        async with database() as db:
            rejected = [file for file in files if not await _import_one(Cards(db, SystemClock()), file)]
        if rejected:
            raise Failed(f"{len(rejected)} of {len(files)} cards were not imported")

    run(work())


def _card_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(each for each in path.iterdir() if each.suffix.lower() in {".json", ".png", ".charx"})
    if not path.is_file():
        raise Failed(f"{path}: no such file")
    return [path]


async def _import_one(cards: Cards, path: Path) -> bool:
    try:
        card = read_card(path.read_bytes(), path.stem)  # noqa: ASYNC240  nothing else runs on this loop
    except (CardRejected, OSError) as error:
        complain(f"{path}: {_reason(error)}")
        return False
    for warning in card.warnings:
        complain(f"{path}: {warning}")
    put = await cards.put(card)
    say(f"{put.id}\t{'added' if put.created else 'updated'}\t{card.name}")
    return True


@characters.command(name="list")
def list_characters(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """List all characters, the inactive ones too."""

    async def work() -> None:
        async with database() as db:
            listed = await Cards(db, SystemClock()).listing()
        if json:
            say(msgspec.json.encode(listed).decode())
            return
        table = Table("id", "name", "access", "genre", "rating", "active", box=None, pad_edge=False)
        for each in listed:
            table.add_row(
                str(each.id),
                each.name,
                each.access_type,
                each.genre or "",
                each.content_rating,
                "yes" if each.is_active else "no",
            )
        show_table(table)

    run(work())


@characters.command(name="export")
def export_character(character: Id, path: Path) -> None:
    """Write a character's card to a file: PNG if its name ends in .png, else JSON. Nothing of the card is lost."""

    async def work() -> None:
        async with database() as db:
            body = await Cards(db, SystemClock()).export(CharacterId(character), png=path.suffix.lower() == ".png")
        path.write_bytes(body)  # noqa: ASYNC240  nothing else runs on this loop
        say(f"{path}: {len(body)} bytes")

    run(work())


@characters.command(name="remove")
def remove_character(character: Id) -> None:
    """Take a character out of the catalogue. Chats stay, and importing the card again brings it back."""

    async def work() -> None:
        async with database() as db:
            await Cards(db, SystemClock()).remove(CharacterId(character))
        say(f"{character}\tremoved")

    run(work())


# --- people ----------------------------------------------------------------------------------------


@users.command
def show(telegram_id: Id) -> None:
    """Show a person as JSON."""

    async def work() -> None:
        async with database() as db:
            shown = await _shown(db, telegram_id)
        say(msgspec.json.encode(shown).decode())

    run(work())


@dataclass(frozen=True, slots=True)
class ShownUser:
    """What an operator may see of a person: no texts."""

    id: int
    telegram_user_id: int
    username: str | None
    first_name: str
    language: str
    is_adult_confirmed: bool
    created_at: str
    messages_used_today: int
    subscription_end_at: str | None


async def _shown(db: OpenDatabase, telegram_id: int) -> ShownUser:
    person = await _identity(db).by_telegram_id(TelegramUserId(telegram_id))
    if person is None:
        raise Failed(f"no person with the Telegram id {telegram_id} has been here")
    usage = await Limits(db, SystemClock(), settings().daily_message_limit).usage(person.id)
    return ShownUser(
        person.id,
        person.telegram.id,
        person.telegram.username,
        person.telegram.first_name,
        person.language,
        person.is_adult_confirmed,
        timestamp_of(person.created_at),
        usage.used,
        None if usage.subscription is None else timestamp_of(usage.subscription.end_at),
    )


@users.command(name="grant-premium")
def grant_premium(telegram_id: Id, *, days: int) -> None:
    """Give a person so many days of subscription, after the running one if there is one."""
    if not 1 <= days <= 36_500:
        raise Failed("--days must be from 1 to 36500")

    async def work() -> None:
        async with database() as db:
            person = await _identity(db).by_telegram_id(TelegramUserId(telegram_id))
            if person is None:
                raise Failed(f"no person with the Telegram id {telegram_id} has been here")
            granted = await Limits(db, SystemClock(), settings().daily_message_limit).grant(person.id, days, "operator")
        say(f"{telegram_id}\tsubscribed until {timestamp_of(granted.end_at)}")

    run(work())


def _identity(db: OpenDatabase) -> Identity:
    return Identity.without_sign_in(db, SystemClock())


# --- service keys ----------------------------------------------------------------------------------


def _service_keys(db: OpenDatabase) -> ServiceKeys:
    return ServiceKeys(db, SystemClock(), SystemChance())


@keys.command
def create(name: str, *, adult: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Make a key and print its secret, this once. --adult: it may talk to nsfw characters."""
    name = name.strip()
    if not (1 <= len(name) <= MOST_KEY_NAME and name.isprintable()):
        raise Failed(f"a key's name has 1 to {MOST_KEY_NAME} characters on one line")

    async def work() -> None:
        async with database() as db:
            try:
                secret = await _service_keys(db).create(name, is_adult=adult)
            except Conflict:
                raise Failed(f"there is already a key named {name}: choose another name") from None
        say(secret)

    run(work())


@keys.command(name="list")
def list_keys(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """List all keys ever made; secrets are not kept."""

    async def work() -> None:
        async with database() as db:
            listed = await _service_keys(db).listing()
        if json:
            say(msgspec.json.encode([_shown_key(each) for each in listed]).decode())
            return
        table = Table("name", "adult", "created", "revoked", box=None, pad_edge=False)
        for each in listed:
            row = _shown_key(each)
            table.add_row(each.name, "yes" if each.is_adult else "no", row["created_at"], row["revoked_at"] or "")
        show_table(table)

    run(work())


def _shown_key(key: Any) -> dict[str, Any]:
    return {
        "name": key.name,
        "adult": key.is_adult,
        "created_at": timestamp_of(key.created_at),
        "revoked_at": None if key.revoked_at is None else timestamp_of(key.revoked_at),
    }


@keys.command
def revoke(name: str) -> None:
    """End a key at once."""

    async def work() -> None:
        async with database() as db:
            await _service_keys(db).revoke(name)
        say(f"{name}\trevoked")

    run(work())


def entry(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; what the operator can mend is told in one line. 2: the command was not understood."""
    try:
        app(arguments, exit_on_error=False, print_error=False, result_action="return_none")
    except CycloptsError as error:
        complain(f"parley: {error} See parley --help")
        return 2
    except KeyboardInterrupt:
        return 130
    except (SettingError, DatabaseRefused, Failed, AppError, OSError) as error:
        complain(f"parley: {_reason(error)}")
        return 1
    return 0


def _reason(error: Exception) -> str:
    match error:
        case ServiceUnavailable():
            return "the database is away or locked by somebody else; try again when it is back"
        case AppError():
            return error.code.replace("_", " ")
        case OSError(filename=str(name), strerror=str(reason)):
            return f"{name}: {reason}"
        case OSError(strerror=str(reason)):
            return reason
        case _:
            return str(error)
