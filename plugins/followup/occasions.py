"""All that the composer is told when it is asked for a reminder."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Employee, Message
from plugins.followup.chain import hours_of
from plugins.followup.claims import Claim
from plugins.followup.lots import chosen
from plugins.followup.model import Step
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.verdicts import Occasion

HISTORY = 60


async def occasion(ports: Ports, record: Record, plan: Plan, step: Step) -> Occasion:
    """That step in that chat, now."""
    runtime = ports.runtime
    async with runtime.database.read() as connection:
        employee = await runtime.directory.employee(connection, record.employee)
    if employee is None:
        raise LookupError(f"employee {record.employee} is gone")
    history = await runtime.chats.latest(record.chat, HISTORY)
    return _occasion(employee, (record, plan, step), history, runtime.clock.now())


async def occasions(
    ports: Ports, connection: AsyncConnection, claims: Sequence[Claim]
) -> Mapping[int, Occasion]:
    """The same of many claimed steps, by chat; nothing of whose employee is gone."""
    runtime = ports.runtime
    now = runtime.clock.now()
    names = dict.fromkeys(claim.held.record.employee for claim in claims)
    people = {name: await runtime.directory.employee(connection, name) for name in names}
    said = await runtime.crowd.latest(connection, [claim.chat.id for claim in claims], HISTORY)
    return {
        claim.chat.id: _occasion(employee, claim.what, said[claim.chat.id], now)
        for claim in claims
        if (employee := people[claim.held.record.employee]) is not None
    }


def _occasion(
    employee: Employee,
    what: tuple[Record, Plan, Step],
    history: Sequence[Message],
    now: datetime,
) -> Occasion:
    record, plan, step = what
    hours = hours_of(record.silence, plan.chain, plan.hours)
    return Occasion(
        employee=employee,
        step=chosen(step, record.chat),
        place=plan.chain.steps.index(step) + 1,
        of=len(plan.chain.steps),
        history=history,
        silent_for=now - record.silence.began,
        local=now.astimezone(hours.zone),
        hours=hours,
    )
