"""Saves where a chat stands and what an employee is to do; wakes whatever follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.api import Employee, Transaction
from plugins.followup.chain import due, on_terms, saved
from plugins.followup.hours import Hours, reminder_hours
from plugins.followup.lots import lot_of
from plugins.followup.model import NO_LOT, Chain, Due, OptedBy, Reason, Step, Terms, Waiting
from plugins.followup.ports import Plan, Ports, Record, Standing

NAME = "followup"
ALL_CHATS = 0
"""The key of the job that plans chats anew after a save; chats are numbered from 1."""
DUE = -1
"""The key of the job that reminds whoever is due."""
SOON = timedelta(minutes=5)
"""What is due later waits in SQL alone; the sweep wakes it when its time is near."""
BLAMED = timedelta(days=7)
"""Who wants no more reminders wants none because of the latest one, if it is no older than that."""


def hours_for(employee: Employee, terms: Terms) -> Hours:
    """When reminders of that employee may go out on these terms."""
    working = Hours.of(employee.timezone, employee.working_hours, employee.special_days)
    return reminder_hours(working, terms)


async def plan_of(ports: Ports, tx: Transaction, record: Record) -> Plan | None:
    """The live settings that this chat goes by."""
    return await ports.chains.load(tx.connection, record.employee)


async def plans_of(
    ports: Ports, tx: Transaction, records: Iterable[Record]
) -> Mapping[str, Plan | None]:
    """The live settings that those chats go by, by employee."""
    employees = dict.fromkeys(record.employee for record in records)
    return {name: await ports.chains.load(tx.connection, name) for name in employees}


async def save(ports: Ports, tx: Transaction, record: Record) -> Due | Waiting:
    """Store the record with its due moment, computed now; wake the chat if that is soon."""
    (standing,) = await save_all(ports, tx, [record])
    return standing.found


async def save_all(ports: Ports, tx: Transaction, records: Sequence[Record]) -> Sequence[Standing]:
    """The same for many chats."""
    plans = await plans_of(ports, tx, records)
    now = ports.runtime.clock.now()
    for record in records:
        silence = record.silence
        if silence.opted_out and silence.opted_by in {None, OptedBy.CLIENT}:
            await ports.outcomes.opted(tx, record.chat, now - BLAMED, now)
    standings = [_standing(record, plans[record.employee], now) for record in records]
    await ports.silences.save(tx, standings)
    for at in {each.found.at for each in standings if isinstance(each.found, Due)}:
        if at <= now + SOON:
            tx.after_commit(partial(wake, ports, at))
    return standings


def _standing(record: Record, plan: Plan | None, now: datetime) -> Standing:
    if record.silence.lot == NO_LOT:
        drawn = replace(record.silence, lot=lot_of(record.employee, record.chat))
        record = replace(record, silence=drawn)
    if plan is None:
        return Standing(record, Waiting(Reason.OFF), 0)
    found = due(record.silence, plan.chain, plan.hours)
    held_at = _held_at(record, found, now)
    if held_at != record.held_at:
        record = replace(record, held_at=held_at)
    return Standing(record, found, plan.version)


def _held_at(record: Record, found: Due | Waiting, now: datetime) -> datetime | None:
    """When a chat of the hold-out would have been reminded; what is past stays."""
    if record.held_at is not None and record.held_at <= now:
        return record.held_at
    return found.would if isinstance(found, Waiting) else None


def wake(ports: Ports, at: datetime, turn: int = 0) -> None:
    """Have somebody look at what is due then: one job for all of it, however much.

    A job is known by the millisecond, so it comes at the end of it, never before a reminder.
    """
    whole = timedelta(milliseconds=1)
    begun = at.microsecond % 1000
    moment = at + whole - timedelta(microseconds=begun) if begun else at
    ports.runtime.jobs.wake(NAME, DUE, moment, turn)


async def edit(
    ports: Ports,
    tx: Transaction,
    employee: str,
    steps: tuple[Step, ...] | None = None,
    *,
    enabled: bool | None = None,
    terms: Terms | None = None,
) -> Plan:
    """Save an employee's chain; what is not given stays. The plan that now holds is returned.

    It applies at once and never fires a burst. A job plans the chats anew; where there is none,
    the sweep does.
    """
    now = ports.runtime.clock.now()
    held = await ports.chains.hold(tx, employee)
    before = held.chain if held is not None else Chain(enabled=False)
    after = saved(
        before if terms is None else on_terms(before, terms, now),
        before.steps if steps is None else steps,
        now,
        enabled=before.enabled if enabled is None else enabled,
    )
    await ports.chains.save(tx, employee, after)
    if after.terms.limits != before.terms.limits:
        await ports.spendings.forget(tx, employee)
    tx.after_commit(partial(ports.runtime.jobs.wake, NAME, ALL_CHATS, now))
    plan = await ports.chains.load(tx.connection, employee)
    if plan is None:
        raise LookupError(f"employee {employee} is gone")
    return plan
