"""What became of a reminder that was being sent; the next step's due moment follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.api import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ClientOptedOutError,
    Delivery,
    Message,
    Settled,
    Transaction,
    WindowClosedError,
)
from plugins.followup.braking import give_back
from plugins.followup.chain import channel_failed, refused, sent, skipped, stopped, used_up
from plugins.followup.model import Reason, Silence, State
from plugins.followup.planning import save
from plugins.followup.ports import Ports, Record, Reminder
from plugins.followup.sheet import Sheet

_OPEN = {
    Delivery.SENT: {State.SENDING, State.UNCERTAIN},
    Delivery.UNCERTAIN: {State.SENDING, State.UNCERTAIN},
    Delivery.FAILED: {State.SENDING},
}
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


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a reminder that was being sent; the next delay counts from `at`.

    What failed stops the silence for that reason, or without one is tried again after a pause;
    `wait` is what the network asked for. Who knows the `chat` saves a look.
    """

    reminder: int
    delivery: Delivery
    external_id: str | None = None
    at: datetime | None = None
    reason: Reason | None = None
    wait: timedelta | None = None
    chat: int | None = None


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
    await settle(ports, [Fate(reminder, delivery, external_id, at)])


async def not_sent(ports: Ports, reminder: int, reason: Reason | None) -> None:
    """Surely not sent: stop for that reason, or without one try again after a pause."""
    await settle(ports, [Fate(reminder, Delivery.FAILED, reason=reason)])


async def settle(ports: Ports, fates: Sequence[Fate]) -> Sequence[None]:
    """Put down what became of many reminders, in one transaction."""
    async with ports.runtime.database.write() as tx:
        sheet = Sheet(ports.runtime.clock.now())
        found = await _load(ports, tx, fates)
        settled = [
            _put_down(sheet, fate, found[fate.reminder])
            for fate in fates
            if fate.reminder in found and found[fate.reminder][0].state in _OPEN[fate.delivery]
        ]
        if settled:
            await ports.runtime.outbox.settle_all(tx, settled)
        for fate in fates:
            if fate.delivery is Delivery.FAILED and fate.reminder in found:
                row, record, message = found[fate.reminder]
                if row.id in sheet.changes:
                    await give_back(ports, tx, record, message.at)
        await sheet.write(ports, tx)
    return [None] * len(fates)


def _put_down(sheet: Sheet, fate: Fate, found: tuple[Reminder, Record, Message]) -> Settled:
    """Where reminder and chat stand after that; what became of the message."""
    row, record, message = found
    delivery = fate.delivery
    if delivery is Delivery.UNCERTAIN and message.arrival is not None:
        # It arrived, whatever the sender saw of it.
        delivery = Delivery.SENT
    if delivery is Delivery.FAILED:
        silence = _failed(record.silence, row, fate, sheet.now)
        state, reason = _fate(silence, row, fate.wait)
    else:
        silence = _used(record.silence, row, fate.at or sheet.now)
        state, reason = _OUTCOME[delivery]
    end = {"token": None, "lease": None, "settled_at": sheet.now}
    sheet.changes[row.id] = {"state": state, "reason": reason, **end}
    if row.state is State.SENDING:
        sheet.records.append(replace(record, silence=silence))
    return Settled(message.id, message.chat, delivery, fate.external_id)


def _used(silence: Silence, row: Reminder, at: datetime) -> Silence:
    same = silence.number == row.silence and row.step not in silence.passed
    return sent(silence, row.step, at) if same else used_up(silence, row.step)


def _failed(silence: Silence, row: Reminder, fate: Fate, now: datetime) -> Silence:
    if silence.number != row.silence:
        return silence
    return stopped(silence, fate.reason) if fate.reason else channel_failed(silence, now, fate.wait)


async def was_confirmed(ports: Ports, tx: Transaction, message: Message) -> None:
    """It was uncertain whether the reminder with that message arrived; it did."""
    row = await ports.reminders.of_message(tx.connection, message)
    if row is not None and row.state is State.UNCERTAIN:
        sent_after_all = {"state": State.SENT, "reason": Reason.SENT}
        await ports.reminders.change(tx, {row.id: sent_after_all})


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
    end = {"token": None, "lease": None, "settled_at": ports.runtime.clock.now()}
    failed = {"state": State.FAILED, "reason": reason, **end}
    await ports.reminders.change(tx, {row.id: failed})
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
    ports: Ports, tx: Transaction, fates: Sequence[Fate]
) -> Mapping[int, tuple[Reminder, Record, Message]]:
    """The reminders that have a message, with their chats held."""
    reminders = [fate.reminder for fate in fates]
    chats = [fate.chat for fate in fates if fate.chat is not None]
    if len(chats) < len(fates):
        seen = await ports.reminders.get(tx.connection, reminders)
        chats = [row.chat for row in seen.values()]
    await ports.runtime.crowd.hold(tx, chats)
    rows = await ports.reminders.get(tx.connection, reminders)
    records = await ports.silences.load_all(tx.connection, chats)
    sent = [row.message for row in rows.values() if row.message is not None]
    messages = await ports.runtime.crowd.messages(tx.connection, sent)
    return {
        key: (row, records[row.chat], messages[row.message])
        for key, row in rows.items()
        if row.message is not None and row.message in messages and row.chat in records
    }
