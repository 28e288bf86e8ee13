"""Finds what is due soon, stale or lost, from SQL alone, and wakes it.

Runs every few seconds in one process, and once when a process starts. Whatever happened to Redis,
to timers and to workers: the state of every chat is in SQL, and this puts it back on its way.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from bot.api import Delivery, Transaction, turn
from plugins.followup.model import State
from plugins.followup.planning import NAME, SOON, save_all, wake
from plugins.followup.ports import Ports, Reminder
from plugins.followup.settling import not_sent, was_sent
from plugins.followup.stopping import watch

BATCH = 1000
_BEFORE = datetime.min.replace(tzinfo=UTC)
HELD = 200
"""So many chats are planned anew in one transaction, in order: two that do it never deadlock."""


async def sweep(ports: Ports) -> None:
    """One round: leases that ended, chats that go by old settings, reminders that are due."""
    now = ports.runtime.clock.now()
    async with ports.runtime.database.read() as connection:
        expired = await ports.search.expired(connection, now, BATCH)
    await _take_back(ports, expired)
    await refresh(ports)
    await watch(ports)
    async with ports.runtime.database.read() as connection:
        if await ports.breaker.latched(connection) is not None:
            return
        late = await ports.search.moments(connection, _BEFORE, now, 1)
        soon = await ports.search.moments(connection, now, now + SOON, BATCH * 5)
    for at in late:
        wake(ports, at, turn(now - at))
    for at in soon:
        wake(ports, at)


async def release(ports: Ports) -> None:
    """Take back what a dead predecessor of this process had under way."""
    async with ports.runtime.database.read() as connection:
        left = await ports.search.held_by(connection, ports.runtime.worker)
    await _take_back(ports, left)


async def refresh(ports: Ports) -> None:
    """Plan the chats anew that still go by settings from before the latest save."""
    while True:
        async with ports.runtime.database.read() as connection:
            stale = await ports.search.stale(connection, BATCH)
        chats = sorted(stale)
        for first in range(0, len(chats), HELD):
            async with ports.runtime.database.write() as tx:
                await _plan_anew(ports, tx, chats[first : first + HELD])
        if len(stale) < BATCH:
            return


async def _take_back(ports: Ports, left: Sequence[Reminder]) -> None:
    for reminder in left:
        if reminder.state is State.SENDING:
            await _find_out(ports, reminder)
        else:
            await _unclaim(ports, reminder)


async def _unclaim(ports: Ports, seen: Reminder) -> None:
    """Whoever composed it is gone and nothing was sent: the step is simply due again.

    The job that died may still be known to Redis, so it is woken as a job of this moment.
    """
    runtime = ports.runtime
    async with runtime.database.write() as tx:
        await runtime.directory.lock_chat(tx, seen.chat)
        row = (await ports.reminders.get(tx.connection, [seen.id])).get(seen.id)
        if row is None or row.state is not State.CLAIMED or row.token != seen.token:
            return
        free = {"state": State.SCHEDULED, "token": None, "lease": None}
        await ports.reminders.change(tx, {row.id: free})
        await _plan_anew(ports, tx, [row.chat])
        tx.after_commit(partial(runtime.jobs.wake, NAME, row.chat, runtime.clock.now()))


async def _find_out(ports: Ports, reminder: Reminder) -> None:
    """The channel was perhaps called: ask it where it can tell, and never send blindly again."""
    async with ports.runtime.database.read() as connection:
        chat = await ports.runtime.directory.chat(connection, reminder.chat)
        message = (
            await ports.runtime.directory.message(connection, reminder.message)
            if reminder.message is not None
            else None
        )
    if chat is None or message is None:
        return
    match await ports.runtime.inquiry.was_sent(chat, message):
        case True:
            await was_sent(ports, reminder.id, Delivery.SENT, at=reminder.intent_at)
        case False:
            await not_sent(ports, reminder.id, None)
        case None:
            await was_sent(ports, reminder.id, Delivery.UNCERTAIN, at=reminder.intent_at)


async def _plan_anew(ports: Ports, tx: Transaction, chats: Sequence[int]) -> None:
    await ports.runtime.crowd.hold(tx, chats)
    records = await ports.silences.load_all(tx.connection, chats)
    await save_all(ports, tx, list(records.values()))
