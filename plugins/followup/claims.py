"""Who may send what: claims a due step for one worker, and checks at the gate that it still may."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from bot.api import Chat, Transaction
from plugins.followup.braking import Turnstile, turn_of
from plugins.followup.chain import (
    Go,
    Later,
    Missed,
    answered,
    at_moment,
    client_wrote,
    frozen,
    postponed,
    skipped,
    stopped,
)
from plugins.followup.model import Reason, State, Step, Waiting
from plugins.followup.planning import NAME, plan_of, save
from plugins.followup.ports import Plan, Ports, Record

SLACK = timedelta(minutes=2)
"""What a lease lasts beyond the model's timeouts: the channel's timeout and the database's."""
_CALLS = 2
"""A composer asks the model once, and once more if the text cannot be sent."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A step that this worker alone may send until the lease ends."""

    chat: Chat
    record: Record
    plan: Plan
    step: Step
    reminder: int
    token: str

    @property
    def what(self) -> tuple[Chat, Record, Plan]:
        """The chat, where it stands, and what it goes by."""
        return self.chat, self.record, self.plan


async def claim(ports: Ports, key: int) -> Claim | None:
    """Claim what is due in that chat now; otherwise put down what the rules say instead."""
    now = ports.runtime.clock.now()
    if not await _is_due(ports, key, now):
        return None
    async with ports.runtime.database.write() as tx:
        found = await held(ports, tx, key)
        if found is None or await ports.reminders.busy(tx, key, now):
            return None
        return await _decided(ports, tx, found, now)


async def _decided(
    ports: Ports, tx: Transaction, found: tuple[Chat, Record, Plan], now: datetime
) -> Claim | None:
    """What the rules say of that chat now: a claim, or where the chat stands instead."""
    chat, record, plan = found
    if plan.latched:
        return None
    match at_moment(record.silence, plan.chain, plan.hours, now):
        case Go(step) if not ports.runtime.outbox.is_open(chat, now):
            record = replace(record, silence=stopped(record.silence, Reason.WINDOW_CLOSED))
            await _settled(ports, tx, record, step)
        case Go(step):
            return await _if_free(ports, tx, Claim(chat, record, plan, step, 0, ""), now)
        case Missed(step):
            record = replace(record, silence=skipped(record.silence, step.id, now))
            await _settled(ports, tx, record, step)
        case Later(at, closed=True):
            record = replace(record, silence=postponed(record.silence, at))
        case Later() | Waiting():
            pass
    await save(ports, tx, record)
    return None


async def _if_free(ports: Ports, tx: Transaction, wish: Claim, now: datetime) -> Claim | None:
    """The claim, unless a limit, or its turn among many, makes it wait: nothing is composed yet."""
    chat, record, plan = wish.chat, wish.record, wish.plan
    turn = await turn_of(ports, tx, record, plan)
    if turn > now:
        tx.after_commit(partial(ports.runtime.jobs.wake, NAME, record.chat, turn))
        return None
    hold = await Turnstile(ports, tx, strictly=False).hold((chat, record, plan))
    if hold is None:
        return await _claimed(ports, tx, wish, now)
    silence = postponed(record.silence, hold.until, hold.reason)
    await save(ports, tx, replace(record, silence=silence))
    return None


async def _is_due(ports: Ports, key: int, now: datetime) -> bool:
    """Whether it is worth a look; most timers fire in vain, because the client wrote again.

    What a save of settings made due earlier is woken again when it is planned anew.
    """
    async with ports.runtime.database.read() as connection:
        at = await ports.silences.due(connection, key)
    return at is not None and at <= now


async def still_ours(ports: Ports, tx: Transaction, claimed: Claim) -> Claim | None:
    """The gate: the claim as of now if the rules still say this step, now, and it is ours.

    Otherwise the claim ends here, in the same transaction, and the chat is planned anew.
    """
    found = await held(ports, tx, claimed.chat.id)
    row = await ports.reminders.get(tx.connection, claimed.reminder)
    if found is None or row is None:
        return None
    chat, record, plan = found
    if row.state is not State.CLAIMED or row.token != claimed.token:
        await save(ports, tx, record)
        return None
    now = ports.runtime.clock.now()
    verdict = at_moment(record.silence, plan.chain, plan.hours, now)
    if verdict == Go(claimed.step) and not ports.runtime.outbox.is_open(chat, now):
        record = replace(record, silence=stopped(record.silence, Reason.WINDOW_CLOSED))
        await _settled(ports, tx, record, claimed.step)
        await save(ports, tx, record)
        return None
    if verdict == Go(claimed.step):
        return replace(claimed, chat=chat, record=record, plan=plan)
    if isinstance(verdict, Later) and verdict.closed:
        record = replace(record, silence=postponed(record.silence, verdict.at))
    gone = isinstance(verdict, Waiting)
    await ports.reminders.change(
        tx,
        row.id,
        state=State.CANCELLED if gone else State.SCHEDULED,
        reason=verdict.reason if isinstance(verdict, Waiting) else None,
        token=None,
        lease=None,
        settled_at=now if gone else None,
    )
    await save(ports, tx, record)
    return None


async def held(ports: Ports, tx: Transaction, key: int) -> tuple[Chat, Record, Plan] | None:
    """The chat, nobody else writing to it, with where it stands and what it goes by."""
    chat = await ports.runtime.directory.lock_chat(tx, key)
    record = await ports.silences.load(tx.connection, key)
    if chat is None or record is None:
        return None
    plan = await plan_of(ports, tx, record)
    return None if plan is None else (chat, await _mended(ports, tx, chat, record), plan)


async def _mended(ports: Ports, tx: Transaction, chat: Chat, record: Record) -> Record:
    """What we were not told of still counts: the client's message, or that a human has the chat."""
    silence, held_at, now = record.silence, record.held_at, ports.runtime.clock.now()
    if record.client_n != chat.client_n:
        held_at = None
        await ports.outcomes.replied(tx, record, chat.waiting_since or now, now)
        silence = replace(client_wrote(silence, chat.waiting_since or now), zone=chat.zone)
        if chat.waiting_since is None:
            silence = answered(silence, now)
    if chat.paused_since is not None:
        silence = frozen(silence, chat.paused_since)
    return replace(record, client_n=chat.client_n, silence=silence, held_at=held_at)


async def _settled(ports: Ports, tx: Transaction, record: Record, step: Step) -> None:
    """That step ends without a message, whoever had claimed it: in the state the silence tells."""
    window, now = record.silence.stopped is Reason.WINDOW_CLOSED, ports.runtime.clock.now()
    await ports.reminders.put(
        tx,
        record,
        step,
        state=State.FAILED if window else State.SKIPPED,
        reason=Reason.WINDOW_CLOSED if window else Reason.TOO_LATE,
        token=None,
        lease=None,
        settled_at=now,
        first_at=_first(record, step, now),
    )


def _first(record: Record, step: Step, now: datetime) -> datetime | None:
    """Now, if the silence has had no other step: what led to something is compared from there."""
    return now if not set(record.silence.passed) - {step.id} else None


async def _claimed(ports: Ports, tx: Transaction, wish: Claim, now: datetime) -> Claim:
    token = f"{ports.runtime.worker}:{uuid4().hex}"
    lease = now + _CALLS * ports.runtime.model_timeout + SLACK
    reminder = await ports.reminders.put(
        tx,
        wish.record,
        wish.step,
        state=State.CLAIMED,
        token=token,
        lease=lease,
        reason=None,
        claimed_at=now,
        hurried_at=wish.record.silence.hurried_at,
        first_at=_first(wish.record, wish.step, now),
        settled_at=None,
    )
    return replace(wish, reminder=reminder, token=token)
