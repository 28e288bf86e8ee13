"""One engine for a process: transactions on SQLite (one writer, synced) or PostgreSQL."""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from functools import partial
from typing import Any

from sqlalchemy import Dialect, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import SettingsError
from bot.ports import Transaction
from bot.store import inline
from bot.store.turns import Turns

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_IN_MEMORY = (None, "", ":memory:")
_BUSY_SECONDS = 10
_CONNECT_SECONDS = 10
# Few, and no more under load: a server with its usual hundred connections serves ten processes,
# and a new connection costs as much as fifty statements.
_POOL = 10
# A connection that was just used is taken to be alive.
_IDLE_SECONDS = 1.0


def database_url(text: str) -> URL:
    """The URL with the driver that we use. Raises SettingsError, without the password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "database.url: is not a URL; write sqlite:///path or postgresql://user@host/name"
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise SettingsError(
            f"database.url: '{url.drivername}' is not supported; use sqlite or postgresql"
        )
    if url.get_backend_name() == "sqlite" and url.database in _IN_MEMORY:
        raise SettingsError("database.url: SQLite needs a file; write sqlite:///path")
    return url.set(drivername=driver)


class SqlDatabase:
    """Read and write blocks; on SQLite the writers of a process take turns.

    SQLite's own busy handler is unfair and backs off, so it is left for other processes only.
    """

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.engine = _engine(self.url)
        alone = self.url.get_backend_name() == "sqlite"
        self._turns = Turns(self.engine) if alone else None
        # PostgreSQL would get a BEGIN and a ROLLBACK around every query.
        self._reading: dict[str, Any] = {} if alone else {"isolation_level": "AUTOCOMMIT"}

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for queries, each of which sees what was committed before it."""
        async with self.engine.connect() as connection:
            yield await connection.execution_options(**self._reading)

    @asynccontextmanager
    async def look_up(self) -> AsyncIterator[AsyncConnection]:
        """The same for what an index finds at once: on SQLite that is asked where it stands."""
        async with self.read() as connection:
            if self._turns is None:
                yield connection
                return
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.inline = True
            try:
                yield connection
            finally:
                driver.inline = False

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction; its `after_commit` functions run when it is on disk."""
        return self._turns.write(inline=True) if self._turns is not None else self._write()

    def write_long(self) -> AbstractAsyncContextManager[Transaction]:
        """The same for statements that take long: on SQLite they keep to their thread."""
        return self._turns.write(inline=False) if self._turns is not None else self._write()

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[Transaction]:
        async with self.engine.connect() as connection, connection.begin():
            tx = Transaction(connection)
            yield tx
        for callback in tx.callbacks:
            callback()

    async def reach(self) -> None:
        """Connect once. Raises SettingsError, which tells no more than is safe to print."""
        try:
            if self.url.get_backend_name() == "sqlite":
                _open_file(str(self.url.database))
            async with self.engine.connect():
                return
        # A host's name that cannot be one ends in a UnicodeError.
        except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise SettingsError(
                f"database.url: cannot be reached ({type(cause).__name__}); {_advice(self.url)}"
            ) from None

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _open_file(path: str) -> None:
    """Fails here and now; in the async driver a thread would be left to fail later, loudly."""
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as probe:
        probe.execute("PRAGMA schema_version")


def _advice(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return "look whether its folder is there, may be written to, and the file is SQLite's"
    return "look whether the server runs, and at user, password, host and name in it"


def _engine(url: URL) -> AsyncEngine:
    """Parameters stay out of error texts: they hold what clients wrote."""
    if url.get_backend_name() != "sqlite":
        timeout = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
        engine = create_async_engine(
            url,
            connect_args=timeout,
            pool_size=_POOL,
            max_overflow=0,
            pool_use_lifo=True,
            hide_parameters=True,
        )
        event.listen(engine.sync_engine, "checkin", _left)
        event.listen(engine.sync_engine, "checkout", partial(_taken, engine.dialect))
        return engine
    told = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = create_async_engine(
        url, connect_args=told, pool_size=_POOL, max_overflow=0, hide_parameters=True
    )
    event.listen(engine.sync_engine, "do_connect", inline.adapted)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _left(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["left"] = time.monotonic()


def _taken(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask whether a connection that lay idle is still alive; the pool makes a new one if not."""
    left = record.info.get("left")
    if left is None or time.monotonic() - left < _IDLE_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        if dialect.is_disconnect(error, connection, None):
            raise InvalidatePoolError from error
        raise


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """WAL and a sync at every commit: what was acknowledged survives a power cut."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
