"""Tables come to be, on each database, and are brought up to date."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

import bot.store.upgrading
from bot.errors import SettingsError
from bot.store.database import SqlDatabase
from bot.store.migrate import migrate
from bot.store.tables import chats, messages
from bot.store.tables import metadata as runtime_tables
from bot.store.upgrading import upgrade
from plugins.followup.adapters.tables import metadata as followup_tables
from tests.conftest import FOLDERS
from tests.contract.store.conftest import Connect

OURS = {*runtime_tables.tables, *followup_tables.tables}
RUNTIME = Path(bot.store.upgrading.__file__).parent / "migrations" / "versions"
VERSIONS = {"version_runtime", "version_followup"}

FIRST = """
import sqlalchemy as sa
from alembic import op
from bot.api import Id, Moment

revision = "{revision}"
down_revision = {down!r}


def upgrade():
    {body}
"""


@pytest.fixture
def database(empty_url: str, connect: Connect) -> SqlDatabase:
    return connect(empty_url)


@pytest.fixture
def pigeons(tmp_path: Path) -> Path:
    """Migrations of a plugin written by others."""
    folder = tmp_path / "100% pigeons"
    folder.mkdir()
    return folder


def write(folder: Path, revision: str, body: str, down: str | None = None) -> None:
    text = FIRST.format(revision=revision, down=down, body=body)
    (folder / f"{revision}_some.py").write_text(text)


MAKE = 'op.create_table("pigeons", sa.Column("id", Id, primary_key=True), sa.Column("at", Moment))'


async def names(database: SqlDatabase) -> set[str]:
    async with database.read() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_from_nothing_every_table_is_made(database: SqlDatabase) -> None:
    await migrate(database, FOLDERS)

    assert await names(database) == OURS | VERSIONS


async def test_twice_is_the_same_as_once(database: SqlDatabase) -> None:
    await migrate(database, FOLDERS)

    await migrate(database, FOLDERS)

    assert await names(database) == OURS | VERSIONS


async def test_processes_that_start_at_once_migrate_one_after_the_other(
    empty_url: str, connect: Connect
) -> None:
    machines = [connect(empty_url) for _ in range(4)]

    await asyncio.gather(*(migrate(machine, FOLDERS) for machine in machines))

    assert await names(machines[0]) == OURS | VERSIONS
    async with machines[0].read() as connection:
        versions = await connection.exec_driver_sql("SELECT version_num FROM version_runtime")
        assert len(versions.all()) == 1


@pytest.mark.parametrize("tables", [runtime_tables, followup_tables], ids=["runtime", "followup"])
async def test_migrations_make_exactly_the_tables_that_the_code_knows(
    database: SqlDatabase, tables: MetaData
) -> None:
    await migrate(database, FOLDERS)

    def differences(connection: Connection) -> Sequence[object]:
        mine = {"include_name": lambda name, kind, _: kind != "table" or name in tables.tables}
        options = {**mine, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), tables)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrations_make_partial_what_the_code_knows_as_partial(
    database: SqlDatabase,
) -> None:
    await migrate(database, FOLDERS)
    option = f"{database.engine.dialect.name}_where"
    indexes = [
        index
        for tables in (runtime_tables, followup_tables)
        for table in tables.sorted_tables
        for index in table.indexes
    ]

    def partial(connection: Connection) -> set[str]:
        found = [each for name in OURS for each in inspect(connection).get_indexes(name)]
        return {str(each["name"]) for each in found if option in each.get("dialect_options", {})}

    async with database.read() as connection:
        made = await connection.run_sync(partial)

    wanted = {str(index.name) for index in indexes if index.dialect_kwargs.get(option) is not None}
    assert wanted
    assert made == wanted


@pytest.mark.parametrize("part", ["runtime", "followup"])
async def test_data_of_a_newer_version_is_refused_and_left_alone(
    database: SqlDatabase, part: str
) -> None:
    await migrate(database, FOLDERS)
    async with database.write() as tx:
        await tx.connection.exec_driver_sql(f"UPDATE version_{part} SET version_num = '9999'")  # noqa: S608  our own tables

    with pytest.raises(SettingsError, match=f"'{part}' are newer than this version.*00\\d\\d"):
        await migrate(database, FOLDERS)

    assert await names(database) == OURS | VERSIONS


async def test_where_nothing_is_to_be_done_the_library_is_not_asked(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        bot.store.upgrading, "upgrade", lambda _connection, name, _folder: asked.append(name)
    )
    async with database.write_long() as tx:
        for name, folder in {"runtime": RUNTIME, **FOLDERS}.items():
            await tx.connection.run_sync(upgrade, name, folder)

    await migrate(database, FOLDERS)
    assert asked == []

    async with database.write() as tx:
        await tx.connection.exec_driver_sql("UPDATE version_runtime SET version_num = '0001'")
    await migrate(database, FOLDERS)
    assert asked == ["runtime", *FOLDERS]


async def test_what_plain_text_does_not_tell_is_left_to_the_library(
    database: SqlDatabase, pigeons: Path
) -> None:
    await migrate(database, FOLDERS)
    write(pigeons, "1", "pass")
    plain = (pigeons / "1_some.py").read_text()

    (pigeons / "1_some.py").write_text(plain.replace('revision = "1"', "revision = str(1)"))
    await migrate(database, {**FOLDERS, "pigeons": pigeons})
    await migrate(database, {**FOLDERS, "pigeons": pigeons})
    write(pigeons, "2", MAKE, down="1")
    await migrate(database, {**FOLDERS, "pigeons": pigeons})

    assert "pigeons" in await names(database)


async def test_a_plugin_brings_its_own_tables_and_versions(
    database: SqlDatabase, pigeons: Path
) -> None:
    write(pigeons, "0001", MAKE)

    await migrate(database, {**FOLDERS, "pigeons": pigeons})

    assert await names(database) == OURS | VERSIONS | {"pigeons", "version_pigeons"}


async def test_a_plugin_that_grew_is_upgraded_from_where_it_was(
    database: SqlDatabase, pigeons: Path
) -> None:
    write(pigeons, "0001", MAKE)
    await migrate(database, {"pigeons": pigeons})
    async with database.write() as tx:
        await tx.connection.exec_driver_sql("INSERT INTO pigeons (id) VALUES (7)")

    write(pigeons, "0002", 'op.add_column("pigeons", sa.Column("ring", sa.Text))', "0001")
    await migrate(database, {"pigeons": pigeons})

    async with database.read() as connection:
        rows = await connection.exec_driver_sql("SELECT id, ring FROM pigeons")
        assert rows.all() == [(7, None)]


async def test_a_migration_that_fails_leaves_nothing_of_any(
    database: SqlDatabase, pigeons: Path
) -> None:
    write(pigeons, "0001", f'{MAKE}\n    op.execute("THIS IS NOT SQL")')

    with pytest.raises(SQLAlchemyError):
        await migrate(database, {**FOLDERS, "pigeons": pigeons})

    assert await names(database) == set()


async def test_a_plugin_that_was_uninstalled_keeps_its_tables(
    database: SqlDatabase, pigeons: Path
) -> None:
    write(pigeons, "0001", MAKE)
    await migrate(database, {**FOLDERS, "pigeons": pigeons})

    await migrate(database, FOLDERS)

    assert "pigeons" in await names(database)


_OLD = """
INSERT INTO employees (id, name, persona, timezone, working_hours, special_days)
VALUES ('anna', 'Anna', 'Kind.', 'UTC', '{}', '{}');
INSERT INTO chats (id, account, address, employee_id, last_n, client_n, answer_failures)
VALUES (1, 'site', 'c1', 'anna', 3, 2, 0), (2, 'site', 'c2', 'anna', 1, 0, 0),
       (3, 'site', 'c3', 'anna', 5, 4, 0);
INSERT INTO messages (id, chat_id, n, author, text, at, delivery)
VALUES (1, 1, 1, 'client', 'a', '2026-03-01 09:00:00.000000', 'sent'),
       (2, 1, 2, 'client', 'b', '2026-03-02 09:00:00.000000', 'sent'),
       (3, 1, 3, 'employee', 'c', '2026-03-03 09:00:00.000000', 'sent'),
       (4, 2, 1, 'manager', 'd', '2026-03-02 09:00:00.000000', 'sent')
"""
"""Of three chats: one answered, one whose client never wrote, one whose messages are forgotten."""


async def test_data_of_the_first_version_learns_when_clients_wrote_last(
    database: SqlDatabase, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(next(RUNTIME.glob("0001_*.py")), first)
    async with database.write() as tx:
        await tx.connection.run_sync(upgrade, "runtime", first)
        for statement in _OLD.split(";"):
            await tx.connection.exec_driver_sql(statement)

    await migrate(database, FOLDERS)

    async with database.read() as connection:
        rows = await connection.execute(select(chats).order_by(chats.c.id))
        assert [(row.client_at, row.route, row.last_n) for row in rows] == [
            (datetime(2026, 3, 2, 9, tzinfo=UTC), None, 3),
            (None, None, 1),
            (None, None, 5),
        ]
        said = await connection.execute(select(messages).order_by(messages.c.id))
        assert [(row.text, row.arrival) for row in said] == [(text, None) for text in "abcd"]
