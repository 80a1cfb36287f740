"""Nothing is forgotten: every table and column of the database is handed out or says why not, and is erased."""

from collections.abc import Mapping

from parley.adapters.db import OpenDatabase
from parley.features.privacy import core

_OWNERS = {"user_id", "chat_id", "message_id"}
"""Columns by which a row becomes somebody's."""


async def schema(db: OpenDatabase, engine: str) -> Mapping[str, set[str]]:
    """Every table and its columns, read from the database itself."""
    if engine == "sqlite":
        sql = (
            "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        )
    else:
        sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    found: dict[str, set[str]] = {}
    async with db.read() as tx:
        for row in await tx.all(sql):
            found.setdefault(row["table_name"], set()).add(row["column_name"])
    return found


async def test_every_table_is_known_as_a_persons_or_as_nobodys(db: OpenDatabase, engine: str) -> None:
    tables = await schema(db, engine)
    assert {"users", "messages"} <= tables.keys()
    personal = {table.name for table in core.ALL}
    assert not personal & core.NOBODYS.keys()
    assert tables.keys() - core.NOBODYS.keys() == personal


async def test_every_table_that_names_a_person_is_a_persons(db: OpenDatabase, engine: str) -> None:
    personal = {table.name for table in core.ALL}
    for name, columns in (await schema(db, engine)).items():
        is_somebodys = name == "users" or bool(columns & _OWNERS) or any("telegram_user" in each for each in columns)
        assert is_somebodys == (name in personal), name


async def test_every_column_of_a_persons_is_told_or_says_why_not(db: OpenDatabase, engine: str) -> None:
    tables = await schema(db, engine)
    for table in core.ALL:
        if "*" in table.untold:
            assert not table.told
        else:
            assert set(table.told) | set(table.untold) == tables[table.name], table.name
        through = "id" if table.through == "person" else f"{table.through}_id"
        assert through in tables[table.name], table.name
