"""All that the composer is told when it is asked for a reminder."""

from plugins.followup.chain import hours_of
from plugins.followup.lots import chosen
from plugins.followup.model import Step
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.verdicts import Occasion

HISTORY = 60


async def occasion(ports: Ports, record: Record, plan: Plan, step: Step) -> Occasion:
    """That step in that chat, now."""
    runtime = ports.runtime
    now = runtime.clock.now()
    hours = hours_of(record.silence, plan.chain, plan.hours)
    async with runtime.database.read() as connection:
        employee = await runtime.directory.employee(connection, record.employee)
    if employee is None:
        raise LookupError(f"employee {record.employee} is gone")
    return Occasion(
        employee=employee,
        step=chosen(step, record.chat),
        place=plan.chain.steps.index(step) + 1,
        of=len(plan.chain.steps),
        history=await runtime.chats.latest(record.chat, HISTORY),
        silent_for=now - record.silence.began,
        local=now.astimezone(hours.zone),
        hours=hours,
    )
