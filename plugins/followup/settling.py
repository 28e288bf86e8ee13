"""What became of a reminder that was being sent; the next step's due moment follows from it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.api import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ClientOptedOutError,
    Delivery,
    Message,
    Transaction,
    WindowClosedError,
)
from plugins.followup.braking import give_back
from plugins.followup.chain import channel_failed, refused, sent, skipped, stopped, used_up
from plugins.followup.model import Reason, Silence, State
from plugins.followup.planning import save
from plugins.followup.ports import Ports, Record, Reminder

_OUTCOME = {
    Delivery.SENT: (State.SENT, Reason.SENT),
    Delivery.UNCERTAIN: (State.UNCERTAIN, Reason.UNCERTAIN),
}


# The first that fits: a client who opted out is unreachable too.
_REASONS = (
    (ClientOptedOutError, Reason.OPTED_OUT),
    (ChatUnreachableError, Reason.UNREACHABLE),
    (WindowClosedError, Reason.WINDOW_CLOSED),
    (ChannelBusyError, Reason.RATE_LIMITED),
)


async def was_sent(
    ports: Ports,
    reminder: int,
    delivery: Delivery,
    external_id: str | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """The channel accepted it, or nobody knows; both use it up. The next delay counts from `at`.

    One that was uncertain and turns out to be sent changes nothing but its state.
    """
    now = ports.runtime.clock.now()
    async with ports.runtime.database.write() as tx:
        found = await _load(ports, tx, reminder)
        if found is None or found[0].state not in {State.SENDING, State.UNCERTAIN}:
            return
        row, record, message = found
        state, reason = _OUTCOME[delivery if message.arrival is None else Delivery.SENT]
        await ports.runtime.outbox.settle(tx, message, delivery, external_id)
        await ports.reminders.change(
            tx, row.id, state=state, reason=reason, token=None, lease=None, settled_at=now
        )
        if row.state is State.SENDING:
            silence = record.silence
            same = silence.number == row.silence and row.step not in silence.passed
            after = sent(silence, row.step, at or now) if same else used_up(silence, row.step)
            await save(ports, tx, replace(record, silence=after))


async def not_sent(
    ports: Ports, reminder: int, reason: Reason | None, wait: timedelta | None = None
) -> None:
    """Surely not sent: stop for that reason, or without one try again after a pause."""
    now = ports.runtime.clock.now()
    async with ports.runtime.database.write() as tx:
        found = await _load(ports, tx, reminder)
        if found is None or found[0].state is not State.SENDING:
            return
        row, record, message = found
        silence = record.silence
        await ports.runtime.outbox.settle(tx, message, Delivery.FAILED)
        await give_back(ports, tx, record, message.at)
        if silence.number == row.silence:
            silence = stopped(silence, reason) if reason else channel_failed(silence, now, wait)
        state, why = _fate(silence, row, wait)
        await ports.reminders.change(
            tx, row.id, state=state, reason=why, token=None, lease=None, settled_at=now
        )
        await save(ports, tx, replace(record, silence=silence))


async def was_confirmed(ports: Ports, tx: Transaction, message: Message) -> None:
    """It was uncertain whether the reminder with that message arrived; it did."""
    row = await ports.reminders.of_message(tx.connection, message)
    if row is not None and row.state is State.UNCERTAIN:
        await ports.reminders.change(tx, row.id, state=State.SENT, reason=Reason.SENT)


def reason_of(error: ChannelError) -> Reason:
    """Why a reminder did not arrive, in the words of the closed list."""
    return next(
        (reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.CHANNEL_FAILED
    )


async def was_refused(ports: Ports, tx: Transaction, message: Message, reason: Reason) -> None:
    """The channel took the reminder with that message first, and it never arrived."""
    row = await ports.reminders.of_message(tx.connection, message)
    record = await ports.silences.load(tx.connection, message.chat) if row is not None else None
    if row is None or record is None or row.state is State.FAILED:
        return
    await ports.reminders.change(
        tx,
        row.id,
        state=State.FAILED,
        reason=reason,
        token=None,
        lease=None,
        settled_at=ports.runtime.clock.now(),
    )
    silence = record.silence
    if row.state is State.SENDING and silence.number == row.silence:
        silence = skipped(silence, row.step, message.at)
    silence = refused(silence, row.silence, row.step, reason)
    if await ports.reminders.was_used(tx, row.chat, row.step):
        silence = used_up(silence, row.step)
    await save(ports, tx, replace(record, silence=silence))


def _fate(silence: Silence, row: Reminder, wait: timedelta | None) -> tuple[State, Reason]:
    if silence.number != row.silence:
        return State.CANCELLED, Reason.CLIENT_REPLIED
    if silence.stopped is not None:
        return State.FAILED, silence.stopped
    return State.SCHEDULED, Reason.CHANNEL_FAILED if wait is None else Reason.RATE_LIMITED


async def _load(
    ports: Ports, tx: Transaction, reminder: int
) -> tuple[Reminder, Record, Message] | None:
    """The reminder with its chat held."""
    row = await ports.reminders.get(tx.connection, reminder)
    if row is None or row.message is None:
        return None
    await ports.runtime.directory.lock_chat(tx, row.chat)
    row = await ports.reminders.get(tx.connection, reminder)
    record = await ports.silences.load(tx.connection, row.chat) if row is not None else None
    if row is None or row.message is None or record is None:
        return None
    message = await ports.runtime.directory.message(tx.connection, row.message)
    return None if message is None else (row, record, message)
