"""What the sweep looks for, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Moment
from plugins.followup.adapters.reminders_sql import reminder_of
from plugins.followup.adapters.tables import chains, reminders, silences
from plugins.followup.model import State
from plugins.followup.ports import Reminder
from plugins.followup.room import Place


def _named(state: State) -> Any:
    """Written into the statement: SQLite takes a partial index only for what it can read there."""
    return literal(state.value, literal_execute=True)


_BUSY = exists().where(
    reminders.c.chat_id == silences.c.chat_id,
    (reminders.c.state == _named(State.SENDING))
    | ((reminders.c.state == _named(State.CLAIMED)) & (reminders.c.lease > bindparam("now"))),
)
_READY = (
    select(silences.c.due_at, silences.c.chat_id)
    .where(silences.c.due_at <= bindparam("now"), ~_BUSY)
    .order_by(silences.c.due_at, silences.c.chat_id)
    .limit(bindparam("most"))
)
_READY_AFTER = _READY.where(
    tuple_(silences.c.due_at, silences.c.chat_id)
    > tuple_(bindparam("since", type_=Moment()), bindparam("chat"))
)


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

    async def moments(
        self, connection: AsyncConnection, after: datetime, until: datetime, limit: int
    ) -> Sequence[datetime]:
        """The moments in that time at which reminders are due, the earliest first."""
        moment = silences.c.due_at
        query = select(moment).where(moment > after, moment <= until)
        query = query.group_by(moment).order_by(moment).limit(limit)
        return (await connection.execute(query)).scalars().all()

    async def ready(
        self, connection: AsyncConnection, now: datetime, after: Place | None, limit: int
    ) -> Sequence[Place]:
        """Chats whose reminder is due and that nobody works on, the longest due first."""
        asked = {"now": now, "most": limit}
        if after is None:
            rows = await connection.execute(_READY, asked)
        else:
            since = {"since": after[0], "chat": after[1]}
            rows = await connection.execute(_READY_AFTER, {**asked, **since})
        return [(at, chat) for at, chat in rows]

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
    known = [_named(state) for state in (State.CLAIMED, State.SENDING)]
    return select(reminders).where(reminders.c.state.in_(known))


async def _reminders(connection: AsyncConnection, query: Select[Any]) -> Sequence[Reminder]:
    return [reminder_of(row) for row in (await connection.execute(query)).mappings()]
