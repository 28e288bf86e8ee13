"""Loads what is stored about the follow-ups of a page of chats."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Audit, Page, Violation
from plugins.followup.adapters.reminders_sql import reminder_of
from plugins.followup.adapters.store_sql import record_of
from plugins.followup.adapters.tables import reminders, silences
from plugins.followup.invariants.catalogue import violations
from plugins.followup.invariants.sheet import Cached, Row, Sheet
from plugins.followup.model import Reason
from plugins.followup.ports import Chains, Plan


@dataclass(frozen=True, slots=True)
class SqlExaminer:
    """Examines pages; everything is read on the caller's connection, as of one moment."""

    chains: Chains

    async def examine(
        self, connection: AsyncConnection, page: Page, audit: Audit
    ) -> Sequence[Violation]:
        """What is broken in those chats, and rows that belong to no chat."""
        standing = await _by_chat(connection, silences, page)
        rows = await _by_chat(connection, reminders, page)
        plans: dict[str, Plan | None] = {}
        found: list[Violation] = []
        for talk in page.talks:
            kept = standing.pop(talk.chat.id, [])
            record = record_of(kept[0]) if kept else None
            if record is not None and record.employee not in plans:
                plans[record.employee] = await self.chains.load(connection, record.employee)
            sheet = Sheet(
                talk,
                record,
                _cached(kept[0]) if kept else None,
                [_row(row) for row in rows.pop(talk.chat.id, [])],
                plans.get(record.employee) if record is not None else None,
                audit=audit,
            )
            found += violations(sheet)
        strays = sorted(standing.keys() | rows.keys())
        return found + [_stray(chat) for chat in strays]


def _stray(chat: int) -> Violation:
    return Violation("I9", chat, "has follow-ups, and is not stored")


async def _by_chat(
    connection: AsyncConnection, table: Table, page: Page
) -> dict[int, list[RowMapping]]:
    """The rows of the page's range of chats, also of chats that are not there."""
    found: dict[int, list[RowMapping]] = defaultdict(list)
    for row in (await connection.execute(_range(table, page))).mappings():
        found[row["chat_id"]].append(row)
    return dict(found)


def _range(table: Table, page: Page) -> Select[Any]:
    columns = [column for column in table.columns if column.name != "instruction"]
    query = select(*columns).where(table.c.chat_id > page.after)
    return query if page.upto is None else query.where(table.c.chat_id <= page.upto)


def _row(row: RowMapping) -> Row:
    reason = Reason(row["reason"]) if row["reason"] is not None else None
    return Row(reminder_of(row), row["claimed_at"], row["settled_at"], reason, row["hurried_at"])


def _cached(row: RowMapping) -> Cached:
    reason = Reason(row["reason"]) if row["reason"] is not None else None
    return Cached(row["due_at"], row["step_id"], reason, row["version"])
