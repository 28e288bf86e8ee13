"""What operators want to know of reminders, by indexes of what is due or was settled lately."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Measure
from plugins.followup.adapters.tables import reminders, silences
from plugins.followup.model import State

_MANY = 10_000
"""Further than this nobody counts: more than enough is due."""


async def measures(
    connection: AsyncConnection, now: datetime, *, since: datetime, until: datetime
) -> Sequence[Measure]:
    """How much is due now and how late it is, what is under way, and what was settled."""
    return (
        *await _due(connection, now),
        *await _under_way(connection),
        *await _settled(connection, since, until),
    )


async def _due(connection: AsyncConnection, now: datetime) -> Sequence[Measure]:
    waiting = select(silences.c.due_at).where(silences.c.due_at <= now)
    some = waiting.order_by(silences.c.due_at).limit(_MANY).subquery()
    found = await connection.execute(select(func.count(), func.min(some.c.due_at)))
    count, oldest = found.one()
    late = 0.0 if oldest is None else (now - oldest).total_seconds()
    return (
        Measure("followup_due", "Reminders that are due, up to ten thousand.", count),
        Measure("followup_lag_seconds", "How long the longest due reminder has been due.", late),
    )


async def _under_way(connection: AsyncConnection) -> Sequence[Measure]:
    found: list[Measure] = []
    for state in (State.CLAIMED, State.SENDING):
        # Written into the statement: SQLite takes a partial index only for what it can read there.
        here = reminders.c.state == literal(state.value, literal_execute=True)
        busy = (State.CLAIMED, State.SENDING)
        either = reminders.c.state.in_([literal(each.value, literal_execute=True) for each in busy])
        count = await connection.scalar(select(func.count()).where(here, either))
        text = "Reminders that a worker has under way."
        found.append(Measure("followup_under_way", text, count or 0, {"state": state.value}))
    return found


async def _settled(
    connection: AsyncConnection, since: datetime, until: datetime
) -> Sequence[Measure]:
    """By state and reason, with the tokens they took."""
    row = reminders.c
    query = (
        select(row.state, row.reason, func.count(), func.coalesce(func.sum(row.tokens), 0))
        .where(row.settled_at >= since, row.settled_at < until)
        .group_by(row.state, row.reason)
    )
    found: list[Measure] = []
    for state, reason, count, tokens in await connection.execute(query):
        labels = {"state": state, "reason": reason or ""}
        text = "Reminders that were settled, by state and reason."
        found.append(Measure("followup_reminders", text, count, labels, counts=True))
        text = "Tokens that settled reminders took."
        found.append(Measure("followup_reminder_tokens", text, tokens, labels, counts=True))
    return found
