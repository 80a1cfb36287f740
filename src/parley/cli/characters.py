"""`parley characters`: cards in and out."""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from parley.adapters.clock import SystemClock
from parley.cli.console import Failed, Id, complain, database, reason, run, say, show_table
from parley.features.characters.core import CardRejected, read_card
from parley.features.characters.service import Cards
from parley.kernel.ids import CharacterId

characters = App(name="characters", help="Bring character cards in and out.")


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
        complain(f"{path}: {reason(error)}")
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
