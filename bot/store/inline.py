"""SQLite asked where it stands: a way to a thread and back costs more than most statements."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar

import aiosqlite
from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.util import await_only

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
_CHUNK = 64


class Connection(aiosqlite.Connection):
    """The library's connection, which asks its thread; or nobody, while it is `inline`.

    A message has a dozen statements of some microseconds each. What waits for a lock or for the
    disk, and what may take long, stays in the thread: BEGIN, COMMIT, and whatever only reads.
    """

    inline = False
    _astray = False
    """Somebody who asked did not wait for the answer, so the thread may still be at it."""

    async def plain(self) -> "Plain | None":
        """A cursor that runs statements at once, if that is wanted and the thread rests."""
        return self._conn.cursor(Plain) if self.inline and not self._astray else None

    def cursor(self) -> "Cursor":  # type: ignore[override]  # needs no thread
        """One that brings its rows along."""
        return Cursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        """Nothing, where nothing was begun: every connection that is given back is asked for it."""
        if self._astray or self.in_transaction:
            await super().rollback()

    async def here(self, function: Callable[[], Answer]) -> Answer:
        """Call what takes no time; behind what the thread is still at, if there is anything."""
        return await self._in_thread(function) if self._astray else function()

    async def _execute(
        self, fn: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs
    ) -> Answer:
        if self.inline:
            return await self.here(partial(fn, *args, **kwargs))
        return await self._in_thread(partial(fn, *args, **kwargs))

    async def _in_thread(self, function: Callable[[], Answer]) -> Answer:
        try:
            answer: Answer = await super()._execute(function)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            self._astray = True
            raise
        # The thread does one after another: what was left to it before is done as well.
        self._astray = False
        return answer


class Cursor(aiosqlite.Cursor):
    """Runs a statement and fetches all of its rows in one go."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._here = connection.here
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        """The rows are here when it returns."""
        run = self._execute(self._run, sql, parameters or ())  # type: ignore[no-untyped-call]
        self._rows = await run
        return self

    async def fetchall(self) -> list[Any]:
        """What the statement found."""
        return self._rows

    async def close(self) -> None:
        """There is nothing left to read."""
        await self._here(self._cursor.close)

    def _run(self, sql: str, parameters: Any) -> list[Any]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self._cursor.description is not None else []


class Plain(sqlite3.Cursor):
    """SQLite's own; it brings its rows along too, since others may use the connection next."""

    _rows: list[Any]

    def execute(self, sql: str, parameters: Any = (), /) -> "Plain":
        """The rows are here when it returns."""
        super().execute(sql, parameters)
        self._rows = super().fetchall() if self.description is not None else []
        return self

    def fetchall(self) -> list[Any]:
        """What is left of them."""
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """So many of them."""
        end = self.arraysize if size is None else size
        rows, self._rows = self._rows[:end], self._rows[end:]
        return rows

    def fetchone(self) -> Any:
        """One of them, if there is one left."""
        return self._rows.pop(0) if self._rows else None

    async def _async_soft_close(self) -> None:
        """SQLAlchemy asks for it: there is nothing to wait for."""


class Adapter(AsyncAdapt_aiosqlite_connection):
    """What SQLAlchemy talks to; to wait for nothing in its way takes half of a statement's time."""

    __slots__ = ()

    def cursor(self, server_side: bool = False) -> Any:  # noqa: FBT001, FBT002  its signature
        """The plain one where it will do."""
        driver: Any = self._connection
        # SQLAlchemy insists that something is awaited once for each statement.
        return await_only(driver.plain()) or super().cursor(server_side)


def adapted(
    dialect: Dialect, _record: object, words: Sequence[Any], options: dict[str, Any]
) -> Adapter:
    """A new connection, at an engine's event `do_connect`."""
    driver: Any = connect(*words, **options)
    return Adapter(dialect.loaded_dbapi, await_only(driver))


def connect(path: str, **options: Any) -> Connection:
    """A connection to be awaited; its thread ends with the process."""
    connection = Connection(partial(sqlite3.connect, path, **options), _CHUNK)
    connection._thread.daemon = True  # noqa: SLF001  as SQLAlchemy does with the library's own
    return connection
