"""Reads what can be measured from the database, from Redis and from the plugins, when asked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.measures import Measure
from bot.plugin import Plugin
from bot.ports import Database
from bot.redis_link import OUTAGE
from bot.store.tables import chats
from bot.telemetry.vitals import Vitals

# What was stored at a moment may become visible a little later.
_SETTLING = timedelta(seconds=5)
_PATIENCE = 3.0
MANY = 10_000
"""Further than this nobody counts: more than enough is due."""


@dataclass(slots=True)
class Readings:
    """What this process can tell of the whole; `since` is up to where it has counted."""

    database: Database
    plugins: Sequence[Plugin]
    vitals: Vitals
    clock: Clock
    since: datetime

    async def measures(self) -> list[Measure]:
        """As it is now; what cannot be read is left out, and `followup_up` tells so."""
        found: list[Measure] = []
        health = await self.health()
        found.extend(
            Measure("followup_up", "Whether the part can be reached.", not fault, {"part": part})
            for part, fault in health.items()
        )
        if health["redis"] is None:
            found.extend([each async for each in self._queues()])
        if health["database"] is None:
            until = self.clock.now() - _SETTLING
            async with self.database.read() as connection:
                found.extend(await _answers(connection, self.clock.now()))
                for plugin in self.plugins:
                    found.extend(await plugin.measures(connection, self.since, until))
            self.since = until
        return found

    async def health(self) -> dict[str, str | None]:
        """Part to what is wrong with it, in a word; None if nothing is."""
        faults: dict[str, str | None] = {"database": None, "redis": None}
        try:
            async with asyncio.timeout(_PATIENCE), self.database.read() as connection:
                await connection.execute(select(1))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            faults["database"] = type(error).__name__
        try:
            await self.vitals.queues()
        except OUTAGE as error:
            faults["redis"] = type(error).__name__
        return faults

    async def _queues(self) -> AsyncIterator[Measure]:
        queues = await self.vitals.queues()
        yield Measure("followup_queue_jobs", "Jobs that wait for a worker.", queues.ready)
        yield Measure("followup_queue_delayed", "Jobs whose time comes soon.", queues.delayed)
        yield Measure("followup_workers", "Workers that take jobs.", queues.workers)
        if queues.swept is not None:
            age = queues.swept
            yield Measure("followup_sweep_age_seconds", "Since the last sweep, anywhere.", age)


async def _answers(connection: AsyncConnection, now: datetime) -> Sequence[Measure]:
    """Clients whose answer is due, and how long that is already; by the index of those alone."""
    waiting = select(chats.c.answer_at).where(chats.c.answer_at <= now)
    some = waiting.order_by(chats.c.answer_at).limit(MANY).subquery()
    found = await connection.execute(select(func.count(), func.min(some.c.answer_at)))
    count, oldest = found.one()
    late = 0.0 if oldest is None else (now - oldest).total_seconds()
    return (
        Measure("followup_answers_due", "Clients whose answer is due, up to ten thousand.", count),
        Measure("followup_answer_lag_seconds", "How late the latest answer is.", late),
    )
