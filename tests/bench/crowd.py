"""Fills a database with a great many chats that wait, quickly: rows go in before the indexes."""

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from plugins.followup.folding import line_of, stems_of, words_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = [
    {"id": f"s{n}", "seconds": 14400 * n, "instruction": "Ask again.", "once": False}
    for n in (1, 2, 3)
]
EMPLOYEES = ("Anna", "Boris Ivanov", "Chloé", "Dmitri", "Ёлка", "Farah", "Goran", "Rare Hand")
_SHARES = (30, 20, 15, 12, 10, 8, 4.9, 0.1)
_FIRST = (
    *("Maria", "Anna", "John", "Ivan", "Иван", "Mohammed", "محمد", "José", "Zoë", "Wei", "Olga"),
    *("Ольга", "Peter", "Lucía", "Noah", "Emma", "Liam", "Fatima", "Ahmed", "Sofia", "Jürgen"),
    *("Björn", "Aisha", "Chen", "Yuki", "Omar", "Ines", "Marek", "Žofie", "Tom", "Quentin"),
)
_SYLLABLES = ("ber", "man", "sch", "o'l", "vic", "ton", "ri", "sen", "ko", "va", "del", "smi", "th")
_LATE = "Zacharias"
_KINDS = ("shop", "salon")
INDEXES = ("followup_words_list", "followup_silences_due", "followup_silences_mine")

CHATS = ("id", "account", "address", "employee_id", "name", "last_n", "client_n", "answer_failures")
SILENCES = (
    *("chat_id", "employee_id", "client_n", "number", "began", "anchor", "answered_at", "passed"),
    *("used", "opted_out", "composer_failures", "channel_failures", "due_at", "step_id", "version"),
)
WORDS = ("chat_id", "stem", "word", "employee_id", "due_at", "name")


def employees() -> Sequence[tuple[str, str]]:
    """Id and name of everybody."""
    return [(f"e{n}", name) for n, name in enumerate(EMPLOYEES)]


def crowd(count: int) -> Iterator[tuple[int, str, str | None, datetime]]:
    """Number, employee, name and due moment; a tenth, of one name, are the last of all.

    A fifth is nameless; 300,000 of a million are called shop, 400,000 salon, none is both. Many are
    due at the same second, as after a save.
    """
    dice = random.Random(7)  # noqa: S311  always the same crowd
    people = [each for each, _ in employees()]
    for number in range(1, count + 1):
        [employee] = dice.choices(people, _SHARES)
        surname = "".join(dice.choices(_SYLLABLES, k=3)).capitalize()
        due = START + timedelta(seconds=dice.randrange(1, 30 * 86400))
        kind = number % 10
        if kind < 2:
            yield number, employee, None, due
        elif kind == 2:
            yield number, employee, f"{_LATE} {surname}", due + timedelta(days=60)
        else:
            same = START + timedelta(hours=1) if kind == 3 else due
            yield number, employee, f"{dice.choice(_FIRST)} {surname}, {_KINDS[number % 2]}", same


def fill_sqlite(path: Path, count: int) -> None:
    """Into a database that has its tables."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-400000")
        made = dict(
            connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
            ).fetchall()
        )
        for name in INDEXES:
            connection.execute(f"DROP INDEX {name}")
        _insert(connection, "employees", ("id", "name", *_PERSON), _people(json.dumps))
        _insert(connection, "followup_chains", _CHAIN, _chains(json.dumps))
        _insert(connection, "chats", CHATS, _chats(count))
        _insert(connection, "followup_silences", SILENCES, _silences(count, _plain))
        _insert(connection, "followup_words", WORDS, _words(count, _plain))
        for name in INDEXES:
            connection.execute(made[name])
        connection.execute("ANALYZE")


def fill_postgres(url: str, count: int) -> None:
    """Into a database that has its tables."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT indexname, indexdef FROM pg_indexes").fetchall()
        made: dict[str, Any] = dict(rows)
        for name in INDEXES:
            connection.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]
        _copy(connection, "employees", ("id", "name", *_PERSON), _people(json.dumps))
        _copy(connection, "followup_chains", _CHAIN, _chains(json.dumps))
        _copy(connection, "chats", CHATS, _chats(count))
        _copy(connection, "followup_silences", SILENCES, _silences(count, str))
        _copy(connection, "followup_words", WORDS, _words(count, str))
        for name in INDEXES:
            connection.execute(made[name])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


_PERSON = ("persona", "timezone", "working_hours", "special_days")
_CHAIN = ("employee_id", "enabled", "steps", "version")


def _people(dump: Any) -> Iterator[tuple[Any, ...]]:
    week = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    for key, name in employees():
        yield key, name, "Kind.", "Europe/Berlin", dump(week), dump({})


def _chains(dump: Any) -> Iterator[tuple[Any, ...]]:
    for key, _ in employees():
        yield key, True, dump(STEPS), 1


def _chats(count: int) -> Iterator[tuple[Any, ...]]:
    for number, employee, name, _ in crowd(count):
        yield number, "site", f"c{number}", employee, name, 2, 1, 0


def _silences(count: int, moment: Any) -> Iterator[tuple[Any, ...]]:
    began = moment(START)
    for number, employee, _, due in crowd(count):
        chat = (number, employee, 1, 1, began, began, began, "[]", "[]")
        yield (*chat, False, 0, 0, moment(due), "s1", 1)


def _words(count: int, moment: Any) -> Iterator[tuple[Any, ...]]:
    for number, employee, name, due in crowd(count):
        at = moment(due)
        found = words_of(name or f"Visitor {number}, site")
        for word in found:
            for stem in stems_of(word):
                yield number, stem, word, employee, at, line_of(found)


def _plain(moment: datetime) -> str:
    """As SQLite keeps it."""
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _insert(connection: Any, table: str, names: Sequence[str], rows: Iterator[Any]) -> None:
    marks = ", ".join("?" for _ in names)
    connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608  our own tables


def _copy(connection: Any, table: str, names: Sequence[str], rows: Iterator[Any]) -> None:
    with connection.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as into:
        for row in rows:
            into.write_row(row)
