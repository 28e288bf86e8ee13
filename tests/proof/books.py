"""The database as plain values, read around everything that is under test."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from plugins.followup.model import Chain, Reason, Silence, Step

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """Where a chat stands, as stored."""

    silence: Silence
    client_n: int
    due_at: datetime | None
    step: str | None
    reason: str | None
    version: int


@dataclass(frozen=True)
class Books:
    """Everything at one moment."""

    chats: Mapping[int, Row] = field(default_factory=dict)
    standings: Mapping[int, Standing] = field(default_factory=dict)
    reminders: Mapping[int, Row] = field(default_factory=dict)
    messages: Mapping[int, Row] = field(default_factory=dict)
    chain: Chain = field(default_factory=lambda: Chain(enabled=False))
    version: int = 0
    person: Row = field(default_factory=dict)

    @property
    def hours(self) -> tuple[str, Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
        return (
            self.person["timezone"],
            json.loads(self.person["working_hours"]),
            json.loads(self.person["special_days"]),
        )

    def of(self, chat: int) -> list[Row]:
        """That chat's messages, in order."""
        mine = [row for row in self.messages.values() if row["chat_id"] == chat]
        return sorted(mine, key=lambda row: int(row["n"]))

    def attempts(self, chat: int) -> list[Row]:
        """That chat's reminders, in the order in which they were taken up."""
        return [row for _, row in sorted(self.reminders.items()) if row["chat_id"] == chat]


class Reader:
    """Reads books; asks SQLite first whether anything changed."""

    def __init__(self, path: str) -> None:
        self._sqlite = sqlite3.connect(path, isolation_level=None)
        self._sqlite.row_factory = sqlite3.Row

    def version(self) -> int:
        """Another number after each commit of anybody else."""
        return int(self._sqlite.execute("PRAGMA data_version").fetchone()[0])

    def read(self) -> Books:
        chain, version = self._chain()
        person = self._rows("employees WHERE id = 'anna'")
        return Books(
            chats={row["id"]: row for row in self._rows("chats")},
            standings={row["chat_id"]: _standing(row) for row in self._rows("followup_silences")},
            reminders={row["id"]: row for row in self._rows("followup_reminders")},
            messages={row["id"]: row for row in self._rows("messages")},
            chain=chain,
            version=version,
            person=person[0] if person else {},
        )

    def close(self) -> None:
        self._sqlite.close()

    def _rows(self, table: str) -> list[Row]:
        # S608: the table's name is ours.
        return [dict(row) for row in self._sqlite.execute(f"SELECT * FROM {table}")]  # noqa: S608

    def _chain(self) -> tuple[Chain, int]:
        rows = self._rows("followup_chains WHERE employee_id = 'anna'")
        if not rows:
            return Chain(enabled=False), 0
        row = rows[0]
        steps = tuple(
            Step(t["id"], timedelta(seconds=t["seconds"]), t["instruction"], t["once"])
            for t in json.loads(row["steps"])
        )
        since, saved = moment(row["enabled_since"]), moment(row["saved_at"])
        return Chain(steps, bool(row["enabled"]), since, saved), row["version"]


def moment(column: str | None) -> datetime | None:
    return None if column is None else datetime.fromisoformat(column).replace(tzinfo=UTC)


def sure(column: str | None) -> datetime:
    """A moment that is there."""
    found = moment(column)
    assert found is not None
    return found


def _standing(row: Row) -> Standing:
    silence = Silence(
        number=row["number"],
        began=sure(row["began"]),
        anchor=sure(row["anchor"]),
        answered_at=moment(row["answered_at"]),
        passed=tuple(json.loads(row["passed"])),
        used=frozenset(json.loads(row["used"])),
        postponed_until=moment(row["postponed_until"]),
        hurried_at=moment(row["hurried_at"]),
        frozen_since=moment(row["frozen_since"]),
        stopped=Reason(row["stopped"]) if row["stopped"] else None,
        opted_out=bool(row["opted_out"]),
        muted_since=moment(row["muted_since"]),
        snoozed_until=moment(row["snoozed_until"]),
        composer_failures=row["composer_failures"],
        channel_failures=row["channel_failures"],
    )
    return Standing(
        silence,
        row["client_n"],
        moment(row["due_at"]),
        row["step_id"],
        row["reason"],
        row["version"],
    )


def copied(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    with closing(source):
        source.backup(target)


def memory_copy(path: Path) -> sqlite3.Connection:
    """Tables without people in them."""
    copy = sqlite3.connect(":memory:")
    copied(sqlite3.connect(path), copy)
    for table in ("followup_chains", "employees"):
        # S608: the tables' names are ours.
        copy.execute(f"DELETE FROM {table}")  # noqa: S608
    copy.commit()
    return copy
