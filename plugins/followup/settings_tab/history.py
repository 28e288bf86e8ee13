"""The versions of a chain: what the audit log has kept of every save."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Recorded, SettingsError, phrase, validated
from plugins.followup.model import Chain
from plugins.followup.options import FollowupOptions
from plugins.followup.ports import Ports
from plugins.followup.settings_tab.draft import mark

PAGE = 20
_PREFIX = "followup."
_DIGITS = 15
_CALLED = {
    "save": phrase("saved"),
    "rollback": phrase("rolled back"),
    "keep": phrase("kept one of two instructions"),
    "import": phrase("imported from a file"),
    "undo": phrase("undone by command"),
}
_COMMAND = phrase("changed by command")


@dataclass(frozen=True, slots=True)
class Version:
    """The chain that a save made, who saved it, and how."""

    id: int
    at: datetime
    by: str
    how: str
    chain: Chain
    before: Chain | None

    @property
    def mark(self) -> str:
        """The same for the same switch and steps."""
        return mark(self.chain)


async def versions(
    ports: Ports, connection: AsyncConnection, employee: str, before: str = ""
) -> tuple[Sequence[Version], int | None]:
    """A page of them, the latest first, and where the next page begins."""
    rows = await ports.runtime.journal.history(
        connection, employee, actions=_PREFIX, limit=PAGE + 1, before=_number(before)
    )
    shown = rows[:PAGE]
    found = [version for row in shown if (version := _version(row)) is not None]
    return found, shown[-1].id if len(rows) > PAGE else None


async def latest(ports: Ports, connection: AsyncConnection, employee: str) -> Version | None:
    """The save that is told above the form; none for what the system started with."""
    rows = await ports.runtime.journal.history(connection, employee, actions=_PREFIX, limit=1)
    return _version(rows[0]) if rows else None


async def entry(
    ports: Ports, connection: AsyncConnection, employee: str, wanted: str
) -> Version | None:
    """One of them; with a minus before its number, what was there before it."""
    number = _number(wanted.removeprefix("-"))
    row = await ports.runtime.journal.recorded(connection, number)
    if row is None or row.change.employee != employee or row.change.chat is not None:
        return None
    found = _version(row)
    if found is None or not wanted.startswith("-"):
        return found
    if found.before is None:
        return None
    return Version(found.id, found.at, "", "", found.before, None)


def _version(row: Recorded) -> Version | None:
    """None for a line that is about something else."""
    verb = row.change.action.removeprefix(_PREFIX)
    chain = _chain(row.change.after)
    if chain is None or verb == row.change.action:
        return None
    how = _CALLED.get(verb, _COMMAND)
    return Version(row.id, row.at, row.change.by, how, chain, _chain(row.change.before))


def _chain(table: object) -> Chain | None:
    if not isinstance(table, dict) or "steps" not in table:
        return None
    try:
        options = validated(FollowupOptions, table)
    except SettingsError:
        return None
    return options.chain


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0
