"""The command line: parse, call `main`, say in one line what went wrong."""

from collections.abc import Sequence

from cyclopts import App, CycloptsError

from parley import __version__
from parley.adapters.db import DatabaseRefused
from parley.cli import running
from parley.cli.characters import characters
from parley.cli.console import Failed, complain, reason
from parley.cli.keys import keys
from parley.cli.users import users
from parley.kernel.errors import AppError
from parley.settings import SettingError

app = App(name="parley", version=__version__, help="AI characters on Telegram, on your own machine.")
running.register(app)
for group in (characters, users, keys):
    app.command(group)


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
        complain(f"parley: {reason(error)}")
        return 1
    return 0
