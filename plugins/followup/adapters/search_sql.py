"""What the sweep looks for, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from plugins.followup.adapters.store_sql import reminder_of
from plugins.followup.adapters.tables import chains, reminders, silences
from plugins.followup.model import State
from plugins.followup.ports import Reminder


class SqlSearch:
    """Reads only; what is found may have changed when it is acted upon."""

    async def expired(
        self, connection: AsyncConnection, now: datetime, limit: int
    ) -> Sequence[Reminder]:
        """Reminders under way whose lease has ended."""
        query = _under_way().where(reminders.c.lease <= now).order_by(reminders.c.lease)
        return await _reminders(connection, query.limit(limit))

    async def held_by(self, connection: AsyncConnection, worker: str) -> Sequence[Reminder]:
        """Reminders that the worker of that name has under way."""
        ours = reminders.c.token.startswith(f"{worker}:", autoescape=True)
        return await _reminders(connection, _under_way().where(ours))

    async def due(
        self, connection: AsyncConnection, before: datetime, limit: int
    ) -> Sequence[tuple[int, datetime]]:
        """Chats with the moment of their reminder, if it is before that, the earliest first."""
        query = select(silences.c.chat_id, silences.c.due_at).where(silences.c.due_at <= before)
        rows = await connection.execute(query.order_by(silences.c.due_at).limit(limit))
        return [(chat, at) for chat, at in rows]

    async def crowd(
        self, connection: AsyncConnection, employee: str, at: datetime, most: int
    ) -> int:
        """How many chats of that employee are due at that very moment; at most that many."""
        mine = select(silences.c.chat_id).where(
            silences.c.employee_id == employee, silences.c.due_at == at
        )
        counted = select(func.count()).select_from(mine.limit(most).subquery())
        return int((await connection.execute(counted)).scalar_one())

    async def stale(self, connection: AsyncConnection, limit: int) -> Sequence[int]:
        """Chats that were planned by an older version of their employee's settings."""
        found: list[int] = []
        versions = await connection.execute(select(chains.c.employee_id, chains.c.version))
        for employee, version in versions.all():
            older = (silences.c.employee_id == employee) & (silences.c.version < version)
            query = select(silences.c.chat_id).where(older).limit(limit - len(found))
            found += (await connection.execute(query)).scalars()
        return found


def _under_way() -> Select[Any]:
    # Written into the statement: SQLite takes a partial index only for what it can read there.
    states = (State.CLAIMED, State.SENDING)
    known = [literal(state.value, literal_execute=True) for state in states]
    return select(reminders).where(reminders.c.state.in_(known))


async def _reminders(connection: AsyncConnection, query: Select[Any]) -> Sequence[Reminder]:
    return [reminder_of(row) for row in (await connection.execute(query)).mappings()]
