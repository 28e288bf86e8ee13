"""Compares silences with and without reminders, in SQL, by when they came due."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Moment
from plugins.followup.adapters.lengths_sql import WAYS, Number
from plugins.followup.adapters.tables import held, reminders, silences
from plugins.followup.figures.days import Span
from plugins.followup.figures.tallies import LATER, SOON, Outcome

_DAY, _WEEK = (int(length.total_seconds() * 1000) for length in (SOON, LATER))
_NAMES = ("due", "days", "in_day", "weeks", "in_week")


def _counts(at: ColumnElement[Any], passed: Number | None) -> list[ColumnElement[int]]:
    """By the moment that it came due, and the time until the client wrote; None: not yet."""

    def told(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    counts: list[ColumnElement[int]] = [func.count()]
    for name, longest in (("day", _DAY), ("week", _WEEK)):
        ripe = at <= bindparam(name, type_=Moment)
        counts.append(told(ripe))
        within = None if passed is None else passed.between(0, longest)
        counts.append(told(ripe, within) if within is not None else func.count() * 0)
    return [count.label(name) for count, name in zip(counts, _NAMES, strict=True)]


def _asked(
    query: Select[*tuple[Any, ...]], at: ColumnElement[Any], employee: ColumnElement[str]
) -> Select[*tuple[Any, ...]]:
    return query.where(
        at >= bindparam("start", type_=Moment),
        at < bindparam("end", type_=Moment),
        employee == bindparam("employee"),
    )


def _queries(
    dialect: str,
) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    """Of the reminded, of the hold-out where the client wrote, and where the silence lasts."""
    way, first, due, waits = WAYS[dialect], reminders.c.first_at, held.c.due_at, silences.c.held_at
    reminded = select(*_counts(first, way(reminders.c.replied_at, first)))
    ended = select(*_counts(due, way(held.c.replied_at, due)))
    lasting = select(*_counts(waits, None))
    return (
        _asked(reminded, first, reminders.c.employee_id),
        _asked(ended, due, held.c.employee_id),
        _asked(lasting, waits, silences.c.employee_id),
    )


_QUERIES: Mapping[
    str, tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]
] = {dialect: _queries(dialect) for dialect in WAYS}


async def groups(
    connection: AsyncConnection, employee: str, span: Span, now: datetime
) -> tuple[Outcome, Outcome]:
    """The reminded, and the hold-out; what would come due only later does not count yet."""
    asked = {
        "employee": employee,
        "start": span.start,
        "end": min(span.end, now),
        "day": now - SOON,
        "week": now - LATER,
    }
    found: list[Outcome] = []
    for query in _QUERIES[connection.dialect.name]:
        row = (await connection.execute(query, asked)).one()
        found.append(Outcome(*(int(each) for each in row)))
    return found[0], found[1] + found[2]
