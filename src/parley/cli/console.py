"""What all commands share: how they speak, what settings and database they have."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table

from parley.adapters.clock import SystemClock
from parley.adapters.db import OpenDatabase, open_database
from parley.kernel.errors import AppError, ServiceUnavailable
from parley.kernel.ids import MAX_ID
from parley.kernel.text import one_line
from parley.settings import Settings, environment_of

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


def ends_well() -> None:
    """Let SIGTERM end this command in order also while it starts; what runs later has its own way out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's work on the event loop the server uses too."""
    with asyncio.Runner(loop_factory=_event_loop) as runner:
        runner.run(work)


def _event_loop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415  only commands that run something pay for it

    return uvloop.new_event_loop()


def reason(error: Exception) -> str:
    """What went wrong, in the operator's words."""
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
