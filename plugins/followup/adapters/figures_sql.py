"""Counts of reminders in SQL, from one index in the order of their sending."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Moment
from plugins.followup.adapters.groups_sql import groups
from plugins.followup.adapters.lengths_sql import WAYS, Number
from plugins.followup.adapters.tables import reminders, silences
from plugins.followup.figures.days import Span
from plugins.followup.figures.tallies import SOON, Outcome, Source, Tally
from plugins.followup.model import State

_MINUTE = 60_000
_LONGEST = int(SOON.total_seconds() * 1000)

# Rows of an older version do not say whose they are; their silence does.
_WHO = func.coalesce(
    reminders.c.employee_id,
    select(silences.c.employee_id)
    .where(silences.c.chat_id == reminders.c.chat_id)
    .scalar_subquery(),
)
_SOURCE = (
    _WHO.label("employee"),
    reminders.c.step_id.label("step"),
    func.coalesce(reminders.c.variant, "").label("variant"),
)
_GONE_OUT = reminders.c.state.in_((State.SENT, State.UNCERTAIN))
_RIPE = reminders.c.intent_at <= bindparam("ripe", type_=Moment)
_IN_TIME = and_(
    reminders.c.intent_at >= bindparam("start", type_=Moment),
    reminders.c.intent_at < bindparam("end", type_=Moment),
)


def _answered(passed: Number) -> ColumnElement[bool]:
    """What the client wrote before the sending is no answer to it."""
    return and_(
        _GONE_OUT,
        _RIPE,
        reminders.c.replied_at >= reminders.c.intent_at,
        passed <= _LONGEST,
    )


def _tallies(passed: Number) -> Select[Any]:
    def one(condition: ColumnElement[bool]) -> Number:
        return case((condition, 1), else_=0)

    rows = (
        select(
            *_SOURCE,
            one(_GONE_OUT).label("sent"),
            one(and_(_GONE_OUT, _RIPE)).label("ripe"),
            one(_answered(passed)).label("answered"),
            one(and_(_GONE_OUT, reminders.c.opted_at.is_not(None))).label("opted_out"),
            func.coalesce(reminders.c.tokens, 0).label("tokens"),
        )
        .where(_IN_TIME)
        .subquery()
    )
    names = ("sent", "ripe", "answered", "opted_out", "tokens")
    counted = [func.sum(rows.c[name]).label(name) for name in names]
    source = (rows.c.employee, rows.c.step, rows.c.variant)
    return select(*source, *counted).group_by(*source)


def _waits(passed: Number) -> Select[Any]:
    rows = select(*_SOURCE, (passed - passed % _MINUTE).label("wait"))
    found = rows.where(_IN_TIME, _answered(passed)).subquery()
    columns = (found.c.employee, found.c.step, found.c.variant, found.c.wait)
    return select(*columns, func.count().label("count")).group_by(*columns)


def _unsent() -> Select[Any]:
    rows = select(*_SOURCE, reminders.c.tokens).where(
        reminders.c.intent_at.is_(None),
        reminders.c.tokens.is_not(None),
        reminders.c.settled_at >= bindparam("start", type_=Moment),
        reminders.c.settled_at < bindparam("end", type_=Moment),
    )
    found = rows.subquery()
    source = (found.c.employee, found.c.step, found.c.variant)
    return select(*source, func.sum(found.c.tokens).label("tokens")).group_by(*source)


Made = Mapping[str, Select[Any]]


def _made(statement: Callable[[Number], Select[Any]]) -> Made:
    """The statement for each database: each tells the time between two moments in its own way."""
    return {
        name: statement(way(reminders.c.replied_at, reminders.c.intent_at))
        for name, way in WAYS.items()
    }


_TALLIES, _WAITS, _UNSENT = _made(_tallies), _made(_waits), _unsent()


class SqlLedger:
    """Reads only; what an employee did is never read row by row into memory."""

    async def tallies(
        self, connection: AsyncConnection, span: Span, now: datetime
    ) -> Mapping[Source, Tally]:
        """What was sent in that time, and what came of it until now."""
        found: dict[Source, Tally] = {}
        query, time = _TALLIES[connection.dialect.name], _time(span, now)
        for row in (await connection.execute(query, time)).mappings():
            counts = (row[name] for name in ("sent", "ripe", "answered", "opted_out", "tokens"))
            found[_source(row)] = Tally(*(int(each) for each in counts))
        for row in (await connection.execute(_UNSENT, time)).mappings():
            spent = Tally(tokens=int(row["tokens"]))
            found[_source(row)] = found.get(_source(row), Tally()) + spent
        return found

    async def waits(
        self, connection: AsyncConnection, span: Span, now: datetime
    ) -> Mapping[Source, Mapping[int, int]]:
        """Of those answered within 24 hours: whole minutes to the answer, and how often."""
        found: defaultdict[Source, dict[int, int]] = defaultdict(dict)
        query = _WAITS[connection.dialect.name]
        for row in (await connection.execute(query, _time(span, now))).mappings():
            found[_source(row)][row["wait"] // _MINUTE] = row["count"]
        return found

    async def groups(
        self, connection: AsyncConnection, employee: str, span: Span, now: datetime
    ) -> tuple[Outcome, Outcome]:
        """Silences that came due in that time: of the reminded chats, then of the hold-out."""
        return await groups(connection, employee, span, now)


def _source(row: RowMapping) -> Source:
    return Source(row["employee"] or "", row["step"], row["variant"])


def _time(span: Span, now: datetime) -> dict[str, datetime]:
    return {"start": span.start, "end": span.end, "ripe": now - SOON}
