"""Databases, both kinds, and what happens in them without a channel or a model."""

import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from bot.hooks import Hooks
from bot.inbox import Account, Inbox
from bot.model import Author, Chat, ChatRef, Employee, Incoming, Receipt
from bot.news import LocalNews
from bot.plugin import Plugin
from bot.store.chats import SqlChats
from bot.store.database import SqlDatabase
from bot.store.employees import create_employee
from bot.testing import MONDAY, FakeJobs
from tests.conftest import Postgres, migrated

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

ANNA = Employee(
    id="anna",
    name="Änna “A.” 安娜",
    persona="Line one.\nLine two: 🚲 'quoted' \"twice\" \\ back\tslash.",
    timezone="Europe/Berlin",
    working_hours={"mon": ("09:00-13:00", "14:00-18:00"), "tue": ()},
    special_days={"2026-12-25": (), "2026-12-24": ("09:00-12:00",)},
)


@dataclass
class Shop:
    """An inbox without channels; plugins may be put into it."""

    database: SqlDatabase
    jobs: FakeJobs = field(default_factory=FakeJobs)
    news: LocalNews = field(default_factory=LocalNews)
    plugins: list[Plugin] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=itertools.count)

    @property
    def inbox(self) -> Inbox:
        accounts = {name: Account("web", "anna") for name in ("site", "other")}
        return Inbox(
            self.database, accounts, hooks=Hooks(self.plugins), jobs=self.jobs, news=self.news
        )

    @property
    def chats(self) -> SqlChats:
        return SqlChats(self.database)

    async def says(
        self,
        text: str = "Hello",
        *,
        who: str = "c1",
        account: str = "site",
        message_id: str | None = None,
        author: Author = Author.CLIENT,
        at: datetime = MONDAY,
    ) -> Receipt:
        """Somebody says something."""
        name = message_id or f"m{next(self._ids)}"
        return await self.inbox.receive(Incoming(ChatRef(account, who), name, author, text, at))

    async def chat(self, who: str = "c1", account: str = "site") -> Chat:
        return await self.inbox.open(ChatRef(account, who))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database; every test here runs on each."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with all tables, and nothing in them."""
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "test.db")
        return f"sqlite:///{tmp_path}/test.db"
    return str(request.getfixturevalue("postgres_url"))


Connect = Callable[[str], SqlDatabase]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens databases, as another process would, and closes them at the end."""
    opened: list[SqlDatabase] = []

    def made(url: str) -> SqlDatabase:
        opened.append(SqlDatabase(url))
        return opened[-1]

    yield made
    for database in opened:
        await database.close()


@pytest.fixture
def database(url: str, connect: Connect) -> SqlDatabase:
    return connect(url)


@pytest.fixture
async def shop(database: SqlDatabase) -> Shop:
    async with database.write() as tx:
        await create_employee(tx.connection, ANNA)
    return Shop(database)


Count = Callable[[str], Awaitable[int]]


@pytest.fixture
def count(database: SqlDatabase) -> Count:
    """How many rows a table has."""

    async def counted(table: str) -> int:
        async with database.read() as connection:
            rows = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")  # noqa: S608  our own tables
            return int(rows.scalar_one())

    return counted
