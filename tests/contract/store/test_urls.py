"""Addresses of databases, as people write them."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import SettingsError
from bot.store.database import SqlDatabase, database_url
from bot.store.migrate import migrate
from tests.conftest import FOLDERS, Postgres

SECRET = "s3cr3t"  # noqa: S105  nobody's


async def reached(url: str) -> str:
    database = SqlDatabase(url)
    try:
        async with database.read() as connection:
            return str((await connection.execute(text("SELECT 'here'"))).scalar_one())
    finally:
        await database.close()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "form",
    [
        "postgres://postgres@/postgres?host={socket}",
        "postgresql://postgres@/postgres?host={socket}",
        "postgresql+psycopg://postgres@/postgres?host={socket}",
        "postgresql://postgres:@/postgres?host={socket}&sslmode=disable",
        "postgresql:///postgres?user=postgres&host={socket}",
        "postgres://postgres@/postgres?host={socket}&connect_timeout=3&application_name=bot",
    ],
)
async def test_every_usual_form_of_a_postgresql_address_connects(
    postgres: Postgres, form: str
) -> None:
    assert await reached(form.format(socket=postgres.socket)) == "here"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "nothing of the kind",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///",
        f"mysql://u:{SECRET}@host/db",
        f"postgresql+asyncpg://u:{SECRET}@host/db",
        f"postgresql://u:{SECRET}@host:{SECRET}/db",
        f"postgresql://u:{SECRET}@[::1/db",
    ],
)
def test_an_address_that_cannot_be_used_is_a_fault_of_the_settings(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"^database\.url: ") as caught:
        SqlDatabase(wrong)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "nobody",
    [
        f"postgresql://u:{SECRET}@127.0.0.1:1/db",
        f"postgresql://u:{SECRET}@127.0.0.1:1/db?no_such_option={SECRET}",
        # A password with an @ in it that nobody escaped: half of it is taken for the host.
        f"postgresql://u:pass@{SECRET}@127.0.0.1:1/db",
        f"postgresql://u:{SECRET}@/db?host=/nowhere/at/all",
        f"postgresql://u:{SECRET}@{'long' * 20}/db",
        "sqlite:////nowhere/at/all/x.db",
        "sqlite:////dev/null/x.db",
    ],
)
async def test_a_database_that_cannot_be_reached_is_told_in_a_line_without_the_password(
    nobody: str,
) -> None:
    database = SqlDatabase(nobody)

    with pytest.raises(SettingsError, match=r"^database\.url: cannot be reached") as caught:
        await migrate(database, FOLDERS)
    await database.close()

    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_file_that_is_no_database_is_told_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    path.write_bytes(b"These are my holiday photos." * 100)
    database = SqlDatabase(f"sqlite:///{path}")

    with pytest.raises(SettingsError, match=r"^database\.url: "):
        await migrate(database, FOLDERS)
    await database.close()


@pytest.mark.postgres
async def test_a_database_that_is_not_there_is_a_fault_of_the_settings(postgres: Postgres) -> None:
    database = SqlDatabase(postgres.url("never_made"))

    with pytest.raises(SettingsError, match=r"^database\.url: cannot be reached"):
        await migrate(database, FOLDERS)
    await database.close()


def test_the_password_is_never_printed() -> None:
    url = database_url(f"postgresql://u:{SECRET}@host/db")

    assert SECRET not in str(url)
    assert SECRET not in repr(url)
