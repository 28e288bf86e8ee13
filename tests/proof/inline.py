"""SQLite without threads: statements run where they stand, so that every history is repeatable."""

import sqlite3
from asyncio import Future
from collections.abc import Callable
from typing import Any, Self

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.inline import adapted

Statement = Callable[[], None]


def without_threads(engine: AsyncEngine, before: Statement) -> None:
    """Have that engine connect inline; `before` runs before each statement, and may raise."""

    def inline(_dialect: object, _record: object, _args: object, options: dict[str, Any]) -> None:
        async def connect(path: str, **_options: object) -> Connection:
            return Connection(path, before)

        options["async_creator_fn"] = connect

    def hurry(connection: Any, _record: object) -> None:
        # Nobody pulls the plug here.
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA secure_delete=OFF")

    event.remove(engine.sync_engine, "do_connect", adapted)
    event.listen(engine.sync_engine, "do_connect", inline)
    event.listen(engine.sync_engine, "connect", hurry)


class Connection:
    """What SQLAlchemy needs of aiosqlite's connection."""

    def __init__(self, path: str, before: Statement) -> None:
        self._conn = sqlite3.connect(path, timeout=0.1)
        self._before = before
        self._tx = _AtOnce()
        self._connection: sqlite3.Connection | None = self._conn

    @property
    def in_transaction(self) -> bool:
        return self._conn.in_transaction

    def cursor(self) -> "Cursor":
        return Cursor(self._conn.cursor(), self._before)

    async def execute(self, statement: str) -> None:
        self._conn.execute(statement)

    async def create_function(self, *args: Any, **options: Any) -> None:
        self._conn.create_function(*args, **options)

    async def commit(self) -> None:
        self._before()
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        self._connection = None
        self._conn.close()


class Cursor:
    """What SQLAlchemy needs of aiosqlite's cursor."""

    def __init__(self, cursor: sqlite3.Cursor, before: Statement) -> None:
        self._cursor = cursor
        self._before = before

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        self._before()
        self._cursor.execute(statement, parameters or ())
        return self

    async def executemany(self, statement: str, parameters: Any) -> Self:
        self._before()
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class _AtOnce:
    """The queue of a thread that is not there."""

    def put_nowait(self, job: "tuple[Future[None], Callable[[], None]]") -> None:
        future, function = job
        function()
        future.set_result(None)
