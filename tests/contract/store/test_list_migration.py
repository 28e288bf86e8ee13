"""Chats from before the list had a search are found after the upgrade."""

import shutil
from pathlib import Path

import pytest

from bot.model import Employee
from bot.store.database import SqlDatabase
from bot.store.employees import create_employee
from bot.store.migrate import migrate
from tests.conftest import FOLDERS
from tests.contract.store.conftest import Connect
from tests.contract.store.test_index import look

CHAT = (
    "INSERT INTO chats (id, account, address, employee_id, name, last_n, client_n, answer_failures)"
    " VALUES ({0}, 'site', 'c{0}', 'anna', {1}, 1, 1, 0)"
)
SILENCE = (
    "INSERT INTO followup_silences (chat_id, employee_id, client_n, number, began, anchor, passed,"
    " used, opted_out, composer_failures, channel_failures, due_at, version) VALUES ({0}, 'anna',"
    " 1, 1, '2026-03-02 09:00:00', '2026-03-02 09:00:00', '[]', '[]', false, 0, 0, {1}, 1)"
)


@pytest.fixture
async def database(empty_url: str, connect: Connect, tmp_path: Path) -> SqlDatabase:
    """With the plugin's tables as they were before."""
    database, older = connect(empty_url), tmp_path / "older"
    older.mkdir()
    for path in FOLDERS["followup"].glob("000[12]_*.py"):
        shutil.copy(path, older)
    await migrate(database, {"followup": older})
    return database


async def test_chats_that_were_there_before_get_their_words(database: SqlDatabase) -> None:
    async with database.write() as tx:
        await create_employee(tx.connection, Employee("anna", "Anna", "Kind."))
        for statement in (
            CHAT.format(1, "'Иван Петров'"),
            CHAT.format(2, "NULL"),
            CHAT.format(3, "'Ivana Done'"),
            CHAT.format(4, "'Ivan never wrote'"),
            SILENCE.format(1, "'2026-03-02 13:00:00.000000'"),
            SILENCE.format(2, "'2026-03-02 12:00:00.000000'"),
            SILENCE.format(3, "NULL"),
        ):
            await tx.connection.exec_driver_sql(statement)

    await migrate(database, FOLDERS)

    assert await look(database, "ivan") == [1]
    assert await look(database, "visitor 2") == [2]
    assert await look(database, "") == [2, 1]
    async with database.read() as connection:
        known = await connection.exec_driver_sql(
            "SELECT DISTINCT chat_id FROM followup_words ORDER BY chat_id"
        )
        assert list(known.scalars()) == [1, 2, 3, 4]
