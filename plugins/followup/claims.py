"""Who may send what: claims due steps for one worker, and checks at the gate that it still may.

Both do it for many chats in one transaction: load, decide of each, put down.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from bot.api import Chat, Transaction
from plugins.followup.braking import Crowds, Turnstile
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
from plugins.followup.model import Reason, Silence, State, Step, Waiting
from plugins.followup.planning import NAME, plans_of
from plugins.followup.ports import Plan, Ports, Put, Record, Reminder
from plugins.followup.sheet import Sheet

SLACK = timedelta(minutes=2)
"""What a lease lasts beyond the model's timeouts: the channel's timeout and the database's."""
_CALLS = 2
"""A composer asks the model once, and once more if the text cannot be sent."""


@dataclass(frozen=True, slots=True)
class Held:
    """A chat, nobody else writing to it, with where it stands and what it goes by.

    `late`: where the chat stood before a message of the client that we were not told of, and its
    moment.
    """

    chat: Chat
    record: Record
    plan: Plan
    late: tuple[Record, datetime] | None = None

    def stands(self, silence: Silence) -> "Held":
        """The same in another silence."""
        return replace(self, record=replace(self.record, silence=silence))


@dataclass(frozen=True, slots=True)
class Claim:
    """A step that this worker alone may send until the lease ends."""

    held: Held
    step: Step
    reminder: int
    token: str

    @property
    def chat(self) -> Chat:
        """Where it is to be sent."""
        return self.held.chat

    @property
    def found(self) -> tuple[Chat, Record, Plan]:
        """The chat, where it stands, and what it goes by."""
        return self.held.chat, self.held.record, self.held.plan

    @property
    def what(self) -> tuple[Record, Plan, Step]:
        """Where the chat stands, what it goes by, and the step."""
        return self.held.record, self.held.plan, self.step


async def claim(
    ports: Ports, tx: Transaction, keys: Sequence[int], *, wait: bool = True
) -> Sequence[Claim]:
    """Claim what is due in those chats now; otherwise put down what the rules say instead.

    Without `wait`, chats that somebody else holds right now are left out.
    """
    now = ports.runtime.clock.now()
    token = f"{ports.runtime.worker}:{uuid4().hex}"
    sheet = Sheet(now)
    chats = await hold(ports, tx, keys, wait=wait)
    busy = await ports.reminders.busy(tx, keys, now)
    free = {key: found for key, found in chats.items() if key not in busy}
    steps = {key: _decided(ports, sheet, found) for key, found in free.items()}
    wanted = [Claim(free[key], step, 0, token) for key, step in steps.items() if step]
    wishes = {each.chat.id: each for each in await _let_through(ports, tx, sheet, wanted)}
    lease = now + _CALLS * ports.runtime.model_timeout + SLACK
    sheet.puts.extend(_claimed(wish, now, lease) for wish in wishes.values())
    ids = await sheet.write(ports, tx)
    return [Claim(each.held, each.step, ids[key], token) for key, each in wishes.items()]


def _decided(ports: Ports, sheet: Sheet, found: Held) -> Step | None:
    """What the rules say of that chat now: a step to send, or where the chat stands instead."""
    if found.plan.latched:
        return None
    silence = found.record.silence
    match at_moment(silence, found.plan.chain, found.plan.hours, sheet.now):
        case Go(step) if not ports.runtime.outbox.is_open(found.chat, sheet.now):
            _settled(sheet, found.stands(stopped(silence, Reason.WINDOW_CLOSED)), step)
        case Go(step):
            if found.late:
                _stands(sheet, found)
            return step
        case Missed(step):
            _settled(sheet, found.stands(skipped(silence, step.id, sheet.now)), step)
        case Later(at, closed=True):
            _stands(sheet, found.stands(postponed(silence, at)))
        case Later() | Waiting():
            _stands(sheet, found)
    return None


async def _let_through(
    ports: Ports, tx: Transaction, sheet: Sheet, wishes: Sequence[Claim]
) -> Sequence[Claim]:
    """Those that no limit, and no turn among many, makes wait: nothing is composed yet."""
    crowds, turnstile = Crowds(ports, tx), Turnstile(ports, tx, strictly=False)
    through: list[Claim] = []
    begun = Counter[str]()
    for wish in wishes:
        chat, record, plan = wish.found
        turn = await crowds.turn(record, plan, sheet.now)
        if turn.at > sheet.now:
            ports.room.defer(turn.place, turn.at)
            tx.after_commit(partial(ports.runtime.jobs.wake, NAME, chat.id, turn.at))
        elif hold := await turnstile.hold(wish.found):
            silence = postponed(record.silence, hold.until, hold.reason, hold.limit)
            _stands(sheet, wish.held.stands(silence))
        elif ports.room.admits(
            turn.place,
            chat.ref.account,
            ports.runtime.outbox.pace(chat),
            begun[chat.ref.account],
        ):
            begun[chat.ref.account] += 1
            through.append(wish)
    return through


def still_ours(
    ports: Ports, sheet: Sheet, claimed: Claim, found: tuple[Held, Reminder]
) -> Claim | None:
    """The gate: the claim as of now if the rules still say this step, now, and it is ours.

    Otherwise the claim ends here, in the same transaction, and the chat is planned anew.
    """
    held, row = found
    if row.state is not State.CLAIMED or row.token != claimed.token or held.late:
        _stands(sheet, held)
        return None
    silence, now = held.record.silence, sheet.now
    verdict = at_moment(silence, held.plan.chain, held.plan.hours, now)
    if verdict == Go(claimed.step):
        if ports.runtime.outbox.is_open(held.chat, now):
            return replace(claimed, held=held)
        _settled(sheet, held.stands(stopped(silence, Reason.WINDOW_CLOSED)), claimed.step)
        return None
    gone = isinstance(verdict, Waiting)
    sheet.changes[row.id] = {
        "state": State.CANCELLED if gone else State.SCHEDULED,
        "reason": verdict.reason if isinstance(verdict, Waiting) else None,
        "token": None,
        "lease": None,
        "settled_at": now if gone else None,
    }
    if isinstance(verdict, Later) and verdict.closed:
        held = held.stands(postponed(silence, verdict.at))
    _stands(sheet, held)
    return None


async def hold(
    ports: Ports, tx: Transaction, keys: Sequence[int], *, wait: bool = True
) -> Mapping[int, Held]:
    """Those of the chats that follow-ups know, nobody else writing to them."""
    chats = await ports.runtime.crowd.hold(tx, keys, wait=wait)
    records = await ports.silences.load_all(tx.connection, list(chats))
    plans = await plans_of(ports, tx, records.values())
    now = ports.runtime.clock.now()
    return {
        key: _mended(Held(chats[key], record, plan), now)
        for key, record in records.items()
        if (plan := plans[record.employee]) is not None
    }


def _mended(found: Held, now: datetime) -> Held:
    """What we were not told of still counts: the client's message, or that a human has the chat."""
    chat, record = found.chat, found.record
    silence, late, held_at = record.silence, None, record.held_at
    if record.client_n != chat.client_n:
        late, held_at = (record, chat.waiting_since or now), None
        silence = replace(client_wrote(silence, chat.waiting_since or now), zone=chat.zone)
        if chat.waiting_since is None:
            silence = answered(silence, now)
    if chat.paused_since is not None:
        silence = frozen(silence, chat.paused_since)
    if silence == record.silence and late is None:
        return found
    mended = replace(record, client_n=chat.client_n, silence=silence, held_at=held_at)
    return replace(found, record=mended, late=late)


def _stands(sheet: Sheet, found: Held) -> None:
    sheet.records.append(found.record)
    if found.late is not None:
        sheet.late.append(found.late)


def _settled(sheet: Sheet, found: Held, step: Step) -> None:
    """That step ends without a message, whoever had claimed it: in the state the silence tells."""
    window = found.record.silence.stopped is Reason.WINDOW_CLOSED
    end = {
        "state": State.FAILED if window else State.SKIPPED,
        "reason": Reason.WINDOW_CLOSED if window else Reason.TOO_LATE,
        "token": None,
        "lease": None,
        "settled_at": sheet.now,
        "first_at": _first(found.record, step, sheet.now),
    }
    sheet.puts.append(Put(found.record, step, end))
    _stands(sheet, found)


def _claimed(wish: Claim, now: datetime, lease: datetime) -> Put:
    record = wish.held.record
    values = {
        "state": State.CLAIMED,
        "token": wish.token,
        "lease": lease,
        "reason": None,
        "claimed_at": now,
        "hurried_at": record.silence.hurried_at,
        "first_at": _first(record, wish.step, now),
        "settled_at": None,
    }
    return Put(record, wish.step, values)


def _first(record: Record, step: Step, now: datetime) -> datetime | None:
    """Now, if the silence has had no other step: what led to something is compared from there."""
    return now if not set(record.silence.passed) - {step.id} else None
