"""Saves where a chat stands, and wakes it if its reminder is due soon."""

from datetime import timedelta
from functools import partial

from bot.api import Transaction
from plugins.followup.chain import due
from plugins.followup.model import Due, Reason, Waiting
from plugins.followup.ports import Plan, Ports, Record

NAME = "followup"
SOON = timedelta(minutes=5)
"""What is due later waits in SQL alone; the sweep wakes it when its time is near."""


async def plan_of(ports: Ports, tx: Transaction, record: Record) -> Plan | None:
    """The live settings that this chat goes by."""
    return await ports.chains.load(tx.connection, record.employee)


async def save(ports: Ports, tx: Transaction, record: Record) -> Due | Waiting:
    """Store the record with its due moment, computed now; wake the chat if that is soon."""
    plan = await plan_of(ports, tx, record)
    if plan is None:
        found: Due | Waiting = Waiting(Reason.OFF)
        await ports.silences.save(tx, record, found, 0)
        return found
    found = due(record.silence, plan.chain, plan.hours)
    await ports.silences.save(tx, record, found, plan.version)
    if isinstance(found, Due) and found.at <= ports.runtime.clock.now() + SOON:
        tx.after_commit(partial(ports.runtime.jobs.wake, NAME, record.chat, found.at))
    return found
