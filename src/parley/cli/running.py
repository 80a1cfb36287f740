"""Commands that run something."""

import os
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from parley.cli.console import Failed, database, ends_well, run, say, settings, show_table
from parley.shell import logs


def register(app: App) -> None:
    """Add them to the command line."""
    for command in (serve, migrate, config, simulator):
        app.command(command)
    app.command(run_bot, name="bot")
    app.command(run_everything, name="run")
    app.command(run_demo, name="demo")


def serve() -> None:
    """Run the API, the WebSocket and the pages."""
    ends_well()
    from parley import main  # noqa: PLC0415  the web server is loaded only by what runs it

    chosen = settings()
    chosen.require_bot_token()
    logs.configure(chosen.log_level)
    run(main.serve(chosen))


def run_bot() -> None:
    """Run the bot: long polling, or a webhook (PARLEY_BOT_MODE)."""
    _run_bot(is_alone=True)


def run_everything() -> None:
    """Run everything in one process: the API, the WebSocket, the pages and the bot."""
    _run_bot(is_alone=False)


def _run_bot(*, is_alone: bool) -> None:
    ends_well()
    from parley import bot  # noqa: PLC0415  Telegram's types cost a second and 40 MB, which only the bot pays
    from parley.adapters.telegram.polling import BotRefused  # noqa: PLC0415  see above

    chosen = settings()
    chosen.require_bot_token()
    logs.configure(chosen.log_level)
    try:
        run(bot.serve(chosen, is_alone=is_alone))
    except BotRefused as refusal:
        raise Failed(str(refusal)) from None


def simulator(
    *, port: int = 8081, host: str = "127.0.0.1", anti_spin: Annotated[bool, Parameter(negative="")] = False
) -> None:
    """Run a Telegram on this machine: a Bot API server, and a page on which you are the people who use it.

    --anti-spin: also make bots wait that ask again and again in vain, as Telegram does.
    """
    ends_well()
    from parley_simulator import server  # noqa: PLC0415  only this command needs it

    def ready(address: str) -> None:
        say(f"Telegram's people are at {address}, its Bot API at {address}/bot<token>/<method>")

    try:
        server.serve(host, port, slows_spinning=anti_spin, ready=ready)
    except ValueError as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Failed(f"cannot listen on {host}, port {port}: {error.strerror}") from None


def run_demo() -> None:
    """Run everything on this machine with a sample catalogue and the embedded model. No account is needed."""
    ends_well()
    from parley import demo  # noqa: PLC0415  the web server is loaded only by what runs it

    run(demo.serve(os.environ))  # noqa: TID251  the command line hands it over


def migrate() -> None:
    """Bring the database up to this version's schema."""

    async def work() -> None:
        async with database():
            say("The database is up to date.")

    run(work())


def config() -> None:
    """Show the effective settings; secrets only as set or not."""
    table = Table("Setting", "Value", box=None, pad_edge=False)
    for name, value in settings().shown():
        table.add_row(name, value)
    show_table(table)
