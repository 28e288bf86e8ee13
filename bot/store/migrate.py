"""Brings the tables of the runtime and of each plugin up to date, one process at a time."""

import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Column, String, literal, select, table, text, union_all
from sqlalchemy.exc import DBAPIError

from bot.store.database import SqlDatabase

_HERE = Path(__file__).parent / "migrations"
_RUNTIME = "runtime"
# Any number does, as long as every version of the application takes the same.
_LOCK = 4_611_686_018_427
_REVISION = re.compile(r"^(down_)?revision\b[^=\n]*=(.*)$", re.MULTILINE)
_QUOTED = re.compile(r"([\"'])(.+?)\1")


async def migrate(database: SqlDatabase, plugins: Mapping[str, Path]) -> None:
    """Create or upgrade all tables; `plugins` maps a name to its folder of migrations.

    Raises SettingsError when the database cannot be reached, or its data was written by a newer
    version of the application.
    """
    await database.reach()
    folders = {_RUNTIME: _HERE / "versions", **plugins}
    if await _up_to_date(database, folders):
        return
    # Takes longer to load than anything else that a start needs, and most starts do not.
    from bot.store.upgrading import upgrade  # noqa: PLC0415

    async with database.write_long() as tx:
        if database.url.get_backend_name() == "postgresql":
            await tx.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        for name, folder in folders.items():
            await tx.connection.run_sync(upgrade, name, folder)


async def _up_to_date(database: SqlDatabase, folders: Mapping[str, Path]) -> bool:
    """Whether all tables are surely those of the newest migrations."""
    wanted = {name: _newest(folder) for name, folder in folders.items()}
    number = Column("version_num", String)
    tables = {name: table(f"version_{name}") for name in wanted}
    asked = [select(literal(name), number).select_from(its) for name, its in tables.items()]
    try:
        async with database.read() as connection:
            rows = (await connection.execute(union_all(*asked))).all()
    except DBAPIError:
        # There is a part without any table yet.
        return False
    return None not in wanted.values() and sorted(map(tuple, rows)) == sorted(wanted.items())


def _newest(folder: Path) -> str | None:
    """The migration that no other follows, as far as the files' plain text tells."""
    made: set[str] = set()
    followed: set[str] = set()
    for file in folder.glob("[!_]*.py"):
        told = dict(_REVISION.findall(file.read_text(encoding="utf-8", errors="replace")))
        if told.keys() != {"", "down_"}:
            return None
        made.update(word for _, word in _QUOTED.findall(told[""]))
        followed.update(word for _, word in _QUOTED.findall(told["down_"]))
    heads = made - followed
    return heads.pop() if len(heads) == 1 else None
