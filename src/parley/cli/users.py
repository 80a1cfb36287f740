"""`parley users`: look at people, grant them what they need, hand out and erase what is kept of them."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from parley.adapters.bus.local import LocalBus
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.cli.console import Failed, Id, database, run, say, settings
from parley.features.identity.core import Person
from parley.features.identity.service import Identity
from parley.features.limits.service import Limits
from parley.features.privacy.service import Privacy
from parley.kernel.ids import TelegramUserId
from parley.kernel.wire import timestamp_of

users = App(name="users", help="Look at people and grant them what they need.")


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
    person = await _person(db, telegram_id)
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
            person = await _person(db, telegram_id)
            granted = await Limits(db, SystemClock(), settings().daily_message_limit).grant(person.id, days, "operator")
        say(f"{telegram_id}\tsubscribed until {timestamp_of(granted.end_at)}")

    run(work())


@users.command(name="export")
def export_user(telegram_id: Id, path: Path | None = None) -> None:
    """Hand out everything that is kept of a person, as JSON: into a file if one is named, else printed."""

    async def work() -> None:
        async with database() as db:
            person = await _person(db, telegram_id)
            if path is None:
                await _privacy(db).export_to(person, sys.stdout.buffer.write)
                sys.stdout.buffer.flush()
            else:
                await _save(_privacy(db), person, path)

    run(work())


async def _save(privacy: Privacy, person: Person, path: Path) -> None:
    """Write the document where nobody else reads it; what stood there stays until the new one is whole."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600, exist_ok=False)
    with unfinished.open("wb") as file:
        await privacy.export_to(person, file.write)
    unfinished.replace(path)
    say(f"{path}: {path.stat().st_size} bytes")  # noqa: ASYNC240  nothing else runs on this loop


@users.command(name="erase")
def erase_user(telegram_id: Id, *, yes: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Erase everything that is kept of a person, for good. At a terminal it asks first. --yes: it does not."""

    async def work() -> None:
        async with database() as db:
            privacy, person = _privacy(db), await _person(db, telegram_id)
            amount = await privacy.amount(person)
            question = f"Erase {telegram_id} with {amount.messages} messages and {amount.memories} memories for good?"
            if not (yes or _agrees(question)):
                raise Failed("nothing was erased")
            await privacy.erase(person)
        say(f"{telegram_id}\terased")

    run(work())


def _agrees(question: str) -> bool:
    """Ask at the terminal; a script that calls the command means it."""
    if not sys.stdin.isatty():
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


async def _person(db: OpenDatabase, telegram_id: int) -> Person:
    person = await Identity.without_sign_in(db, SystemClock()).by_telegram_id(TelegramUserId(telegram_id))
    if person is None:
        raise Failed(f"no person with the Telegram id {telegram_id} has been here")
    return person


def _privacy(db: OpenDatabase) -> Privacy:
    """The bus of this process alone: a server that writes a reply at this moment finds its lease gone."""
    return Privacy(db, SystemClock(), LocalBus())
