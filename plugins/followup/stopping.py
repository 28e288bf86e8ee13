"""The breaker: it stops all reminders of the installation, and only a person lets them go on."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Change
from plugins.followup.brakes import Latch, Rates
from plugins.followup.model import delay_text
from plugins.followup.planning import edit
from plugins.followup.ports import Ports

SECOND = timedelta(seconds=1)
BY_HAND = "an admin stopped them"
_BREAKER = "breaker"


async def watch(ports: Ports) -> None:
    """Latch the breaker if too much goes out, or too much goes wrong; looks once a second."""
    seen, now, rates = ports.watch, ports.runtime.clock.now(), ports.watch.rates
    if rates == Rates() or (seen.looked_at is not None and abs(now - seen.looked_at) < SECOND):
        return
    seen.looked_at = now
    async with ports.runtime.database.read() as connection:
        if await ports.breaker.latched(connection) is not None:
            return
        why = await _alarming(ports, connection, now)
    if why:
        await stop(ports, why, _BREAKER)


async def _alarming(ports: Ports, connection: AsyncConnection, now: datetime) -> str:
    """What went beyond the rates, in words; nothing if nothing did."""
    rush, bad = ports.watch.rates.rush, ports.watch.rates.bad
    if rush is not None:
        most, length = rush
        if await ports.breaker.went(connection, now - length, most + 1) > most:
            return f"more than {most} reminders went out in {delay_text(length)}"
    if bad is not None:
        most, last = bad
        if await ports.breaker.bad(connection, last) >= most:
            return (
                f"of the last {last} reminders {most} or more failed, are uncertain,"
                " or made the client opt out"
            )
    return ""


async def stop(ports: Ports, why: str, by: str) -> bool:
    """Nothing goes out any more until a person lets it; false if that is so already."""
    now = ports.runtime.clock.now()
    async with ports.runtime.database.write() as tx:
        if not await ports.breaker.latch(tx, Latch(now, why)):
            return False
        await ports.runtime.journal.record(tx, Change(by, "followup.stopped", after={"why": why}))
        await ports.runtime.alarm.ring(
            tx,
            f"followup breaker {now.isoformat()}",
            f"All reminders have been stopped: {why}. Nothing goes out until an admin types"
            " /followup release, or presses the button in the dashboard.",
        )
    return True


async def release(ports: Ports, by: str) -> bool:
    """Reminders go out again. As after a save of everybody's settings, never in a burst."""
    async with ports.runtime.database.write() as tx:
        was = await ports.breaker.latched(tx.connection)
        if was is None or not await ports.breaker.latch(tx, None):
            return False
        for employee in await ports.overview.employees(tx.connection):
            await edit(ports, tx, employee.id)
        before = {"why": was.why, "since": was.at.isoformat()}
        await ports.runtime.journal.record(tx, Change(by, "followup.released", before=before))
    return True
