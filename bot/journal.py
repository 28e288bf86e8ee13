"""The audit log: who changed what, when, from what, to what."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.model import Change, Recorded
from bot.ports import Transaction
from bot.store.tables import changes


@dataclass(frozen=True, slots=True)
class SqlJournal:
    """Keeps changes in the transaction that makes them; there is no way to alter one."""

    clock: Clock

    async def record(self, tx: Transaction, change: Change) -> None:
        """Keep it."""
        values = asdict(change)
        row = {"employee_id": values.pop("employee"), "chat_id": values.pop("chat"), **values}
        await tx.connection.execute(insert(changes).values(at=self.clock.now(), **row))

    async def history(
        self,
        connection: AsyncConnection,
        employee: str,
        *,
        actions: str,
        limit: int,
        before: int = 0,
    ) -> Sequence[Recorded]:
        """Changes of an employee, not of single chats, whose action begins like that."""
        query = select(changes).where(
            changes.c.employee_id == employee,
            changes.c.chat_id.is_(None),
            changes.c.action.startswith(actions, autoescape=True),
        )
        if before:
            query = query.where(changes.c.id < before)
        latest = query.order_by(changes.c.id.desc()).limit(limit)
        return [_recorded(row) for row in (await connection.execute(latest)).mappings()]

    async def recorded(self, connection: AsyncConnection, change: int) -> Recorded | None:
        """The one with that id."""
        query = select(changes).where(changes.c.id == change)
        row = (await connection.execute(query)).mappings().one_or_none()
        return _recorded(row) if row is not None else None


def _recorded(row: RowMapping) -> Recorded:
    change = Change(
        by=row["by"],
        action=row["action"],
        employee=row["employee_id"],
        chat=row["chat_id"],
        before=row["before"],
        after=row["after"],
    )
    return Recorded(row["id"], row["at"], change)
