"""Brings the tables of the runtime and of each plugin up to date, one process at a time."""

from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.engine import Connection

from bot.errors import SettingsError
from bot.store.database import SqlDatabase

_HERE = Path(__file__).parent / "migrations"
_RUNTIME = "runtime"
# Any number does, as long as every version of the application takes the same.
_LOCK = 4_611_686_018_427


async def migrate(database: SqlDatabase, plugins: Mapping[str, Path]) -> None:
    """Create or upgrade all tables; `plugins` maps a name to its folder of migrations.

    Raises SettingsError when the database cannot be reached, or its data was written by a newer
    version of the application.
    """
    await database.reach()
    async with database.write_long() as tx:
        if database.url.get_backend_name() == "postgresql":
            await tx.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        for name, folder in {_RUNTIME: _HERE / "versions", **plugins}.items():
            await tx.connection.run_sync(_upgrade, name, folder)


def _upgrade(connection: Connection, name: str, folder: Path) -> None:
    config = _config(folder)
    config.attributes["connection"] = connection
    config.attributes["version_table"] = f"version_{name}"
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        newest = ScriptDirectory.from_config(config).get_current_head()
        raise SettingsError(
            f"database: the tables of '{name}' are newer than this version, which knows "
            f"them up to {newest}; install the newer version again ({error})"
        ) from error


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", _option(_HERE))
    config.set_main_option("version_locations", _option(folder))
    config.set_main_option("path_separator", "newline")
    return config


def _option(path: Path) -> str:
    return str(path).replace("%", "%%")
