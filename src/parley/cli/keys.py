"""`parley keys`: keys for other services."""

from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from parley.adapters.chance import SystemChance
from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase
from parley.cli.console import Failed, database, run, say, show_table
from parley.features.identity.core import ServiceKey
from parley.features.identity.service import ServiceKeys
from parley.kernel.errors import Conflict, NotFound
from parley.kernel.wire import timestamp_of

keys = App(name="keys", help="Keys for other services.")
MOST_KEY_NAME: Final = 64


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
                raise Failed(f"there is or was a key named {name}: choose another name") from None
        say(secret)

    run(work())


@keys.command(name="list")
def list_keys(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """List all keys ever made and what was asked with them; secrets are not kept."""

    async def work() -> None:
        async with database() as db:
            listed = await _service_keys(db).listing()
        if json:
            say(msgspec.json.encode([_shown_key(each) for each in listed]).decode())
            return
        columns = ("name", "adult", "created", "revoked", "requests", "prompt tokens", "completion tokens")
        table = Table(*columns, box=None, pad_edge=False)
        for each in listed:
            table.add_row(*_cells(_shown_key(each)))
        show_table(table)

    run(work())


def _shown_key(key: ServiceKey) -> dict[str, Any]:
    return {
        "name": key.name or "PARLEY_API_KEYS",
        "adult": key.is_adult,
        "created_at": None if key.created_at is None else timestamp_of(key.created_at),
        "revoked_at": None if key.revoked_at is None else timestamp_of(key.revoked_at),
        "requests": key.use.requests,
        "prompt_tokens": key.use.prompt_tokens,
        "completion_tokens": key.use.completion_tokens,
    }


def _cells(row: dict[str, Any]) -> list[str]:
    """A key's row for people."""
    return [_cell(value) for value in row.values()]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool(is_so):
            return "yes" if is_so else "no"
        case _:
            return str(value)


@keys.command
def revoke(name: str) -> None:
    """End a key at once."""

    async def work() -> None:
        async with database() as db:
            try:
                await _service_keys(db).revoke(name)
            except NotFound:
                raise Failed(f"no key named {name} is in use: parley keys list shows those there are") from None
        say(f"{name}\trevoked")

    run(work())
