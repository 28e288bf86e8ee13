"""Runs migrations; its libraries are loaded only where tables are not up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from bot.errors import SettingsError

_HERE = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, name: str, folder: Path) -> None:
    """Bring the tables of that part up to date. Raises SettingsError for newer ones."""
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
