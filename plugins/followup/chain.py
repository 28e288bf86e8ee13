"""The rules of a chain: what is due, when and why, and what each happening does to a silence.

Pure functions over frozen values. The worker that sends, the pages that list, the commands that
explain and the simulator all call `due`; nobody else computes a due moment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plugins.followup.hours import Hours, is_open, next_open, on_clock
from plugins.followup.model import Chain, Due, Limit, Reason, Silence, Step, Terms, Waiting

LONGEST_GRACE = timedelta(minutes=10)
TOO_LATE = timedelta(hours=24)
COMPOSER_TRIES = 3
CHANNEL_RETRIES = 3
MOST_SHARES = 20
_PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


def grace(step: Step) -> timedelta:
    """The least time between an answer, a save or a resumption and a reminder."""
    return min(LONGEST_GRACE, step.delay / 2)


def next_step(silence: Silence, chain: Chain) -> Step | None:
    """The first step after the last passed one in today's order that is unsent and not used up."""
    ids = [step.id for step in chain.steps]
    last = silence.passed[-1] if silence.passed else None
    start = ids.index(last) + 1 if last in ids else 0
    for step in chain.steps[start:]:
        if step.id not in silence.passed and not (step.once and step.id in silence.used):
            return step
    return None


def due(silence: Silence, chain: Chain, hours: Hours) -> Due | Waiting:
    """The next reminder of this silence and its moment, or the reason why there is none."""
    found = _planned(silence, chain, hours)
    if isinstance(found, Due) and silence.lot < hold_out(silence, chain):
        return Waiting(Reason.OFF, held_out=True, would=found.at)
    return found


def hold_out(silence: Silence, chain: Chain) -> int:
    """How many of a hundred silences like this get nothing.

    A larger share counts at once, a smaller one for what begins later: nothing is caught up.
    """
    former = (share for until, share in chain.shares if silence.began < until)
    return max(chain.terms.hold_out, next(former, 0))


def _planned(silence: Silence, chain: Chain, hours: Hours) -> Due | Waiting:
    reason = next(_obstacles(silence, chain), None)
    if reason is not None:
        return Waiting(reason)
    step = next_step(silence, chain)
    if step is None:
        return Waiting(Reason.DONE)
    wanted = _wanted(silence, step, chain)
    if wanted is None:
        return Waiting(Reason.WAITING_FOR_ANSWER)
    at = next_open(wanted, hours_of(silence, chain, hours))
    if at is None:
        return Waiting(Reason.NEVER_OPENS)
    snoozed = wanted == silence.snoozed_until
    if wanted != silence.held_until(chain.terms.limits):
        return Due(step, wanted, at, snoozed=snoozed)
    return Due(step, wanted, at, silence.postponed_for, silence.postponed_by, snoozed)


def hours_of(silence: Silence, chain: Chain, hours: Hours) -> Hours:
    """The hours that hold for this silence: on the client's wall clock, if wanted and known."""
    if not chain.terms.client_zone or silence.zone is None:
        return hours
    return on_clock(hours, silence.zone)


def _obstacles(silence: Silence, chain: Chain) -> Iterator[Reason]:
    """What keeps the whole silence from being followed up, the weightiest first."""
    switched_on = chain.enabled_since
    if not chain.enabled or (switched_on is not None and silence.began < switched_on):
        yield Reason.OFF
    if not chain.steps:
        yield Reason.NO_STEPS
    if silence.opted_out:
        yield Reason.OPTED_OUT
    if silence.stopped is not None:
        yield silence.stopped
    if silence.muted_since is not None:
        yield Reason.MUTED
    if silence.frozen_since is not None:
        yield Reason.HUMAN_ACTIVE


def _wanted(silence: Silence, step: Step, chain: Chain) -> datetime | None:
    """The moment that the delay gives, before it is moved into the hours; none before an answer."""
    if silence.answered_at is None:
        return None
    wanted = max(_waited(silence, step), silence.answered_at + grace(step))
    for until in (silence.held_until(chain.terms.limits), silence.snoozed_until):
        wanted = wanted if until is None else max(wanted, until)
    if chain.saved_at is not None and wanted < chain.saved_at:
        return chain.saved_at + grace(step)
    return wanted


def _waited(silence: Silence, step: Step) -> datetime:
    """When the delay is over; an admin may have cut it short."""
    if silence.hurried_at is not None:
        return silence.hurried_at
    return silence.anchor + step.delay


def saved(chain: Chain, steps: tuple[Step, ...], at: datetime, *, enabled: bool) -> Chain:
    """The chain after an edit; only switching it on, not saving it on, starts it afresh."""
    switched_on = enabled and not chain.enabled
    since = at if switched_on else chain.enabled_since
    return replace(chain, steps=steps, enabled=enabled, enabled_since=since, saved_at=at)


def on_terms(chain: Chain, terms: Terms, at: datetime) -> Chain:
    """The chain on other terms; what the hold-out was before is remembered."""
    shares, share = chain.shares, chain.terms.hold_out
    if terms.hold_out != share:
        shares = (*shares, (at, share))[-MOST_SHARES:]
    return replace(chain, terms=terms, shares=shares)


# What a timer that fires should do.


@dataclass(frozen=True, slots=True)
class Go:
    """Send this step now."""

    step: Step


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; `closed`: its moment came but the hours were over, so postpone it to `at`."""

    at: datetime
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """The system was down for too long; this step is skipped."""

    step: Step


def at_moment(
    silence: Silence, chain: Chain, hours: Hours, now: datetime
) -> Go | Later | Missed | Waiting:
    """What a timer that fires at that moment should do; it may fire early, late or in vain."""
    hours, found = hours_of(silence, chain, hours), due(silence, chain, hours)
    if isinstance(found, Waiting):
        return found
    if now < found.at:
        return Later(found.at)
    if now - found.at > TOO_LATE:
        return Missed(found.step)
    if is_open(now, hours):
        return Go(found.step)
    opening = next_open(now, hours)
    return Waiting(Reason.NEVER_OPENS) if opening is None else Later(opening, closed=True)


# What each happening does to a silence.


def client_wrote(silence: Silence | None, at: datetime) -> Silence:
    """A new silence; a message that arrives late never moves the anchor back."""
    if silence is None:
        return Silence(1, at, at)
    began = max(at, silence.anchor)
    return Silence(
        silence.number + 1,
        began,
        began,
        used=silence.used,
        frozen_since=silence.frozen_since,
        opted_out=silence.opted_out,
        opted_by=silence.opted_by,
        muted_since=silence.muted_since,
        snoozed_until=silence.snoozed_until,
        zone=silence.zone,
        lot=silence.lot,
    )


def answered(silence: Silence, at: datetime) -> Silence:
    """The employee, or a manager, has answered; the latest answer counts."""
    if silence.answered_at is not None and silence.answered_at >= at:
        return silence
    return replace(silence, answered_at=at)


def sent(silence: Silence, step: str, at: datetime) -> Silence:
    """The channel accepted the reminder, or that is uncertain: the next delay counts from `at`."""
    return skipped(silence, step, at, (step,))


def skipped(silence: Silence, step: str, at: datetime, used: Sequence[str] = ()) -> Silence:
    """The step is passed over; the next delay counts from `at` and run-once is not used up."""
    return replace(
        silence,
        passed=(*silence.passed, step),
        used=silence.used.union(used),
        anchor=max(silence.anchor, at),
        postponed_until=None,
        postponed_for=None,
        postponed_by=None,
        hurried_at=None,
        composer_failures=0,
        channel_failures=0,
    )


def refused(silence: Silence, number: int, step: str, reason: Reason) -> Silence:
    """A reminder that the channel had accepted failed after all: nothing more in that silence.

    It was not used up; later silences go on.
    """
    freed = replace(silence, used=silence.used - {step})
    return stopped(freed, reason) if silence.number == number else freed


def used_up(silence: Silence, step: str) -> Silence:
    """A reminder of an earlier silence turned out to be sent, or uncertain."""
    return replace(silence, used=silence.used | {step})


def postponed(
    silence: Silence, until: datetime, reason: Reason | None = None, limit: Limit | None = None
) -> Silence:
    """Not before that moment; the client's next message, or another limit, replaces it."""
    return replace(silence, postponed_until=until, postponed_for=reason, postponed_by=limit)


def hurried(silence: Silence, at: datetime) -> Silence:
    """An admin wants the next reminder now: neither delay, postponement nor snooze counts."""
    return replace(
        silence,
        hurried_at=max(silence.anchor, at),
        postponed_until=None,
        postponed_for=None,
        postponed_by=None,
        snoozed_until=None,
    )


def stopped(silence: Silence, reason: Reason) -> Silence:
    """Nothing more in this silence; who wants no reminders at all is never followed up again."""
    opted_out = silence.opted_out or reason is Reason.OPTED_OUT
    return replace(silence, stopped=reason, opted_out=opted_out)


def frozen(silence: Silence, at: datetime) -> Silence:
    """A human has the chat."""
    return silence if silence.frozen_since is not None else replace(silence, frozen_since=at)


def resumed(silence: Silence, chain: Chain, at: datetime) -> Silence:
    """The employee has the chat again: the wait that was left goes on, and never ends at once."""
    if silence.frozen_since is None:
        return silence
    thawed = replace(silence, frozen_since=None)
    step = next_step(thawed, chain)
    if step is None:
        return thawed
    since = max(silence.frozen_since, silence.anchor)
    # What was answered or saved meanwhile does not count: it would make the wait longer.
    until = silence.held_until(chain.terms.limits)
    wanted = max(_waited(silence, step), until or silence.anchor)
    return postponed(thawed, at + max(wanted - since, grace(step)))


def composer_failed(silence: Silence, step: Step, at: datetime) -> Silence:
    """The model failed once more: try again after a pause, at last skip the step."""
    failures = silence.composer_failures + 1
    if failures >= COMPOSER_TRIES:
        return skipped(silence, step.id, at)
    later = postponed(silence, at + _PAUSES[failures - 1])
    return replace(later, composer_failures=failures)


def channel_failed(silence: Silence, at: datetime, wait: timedelta | None) -> Silence:
    """The channel surely did not send; `wait` is what it asked for. At last the silence stops."""
    failures = silence.channel_failures + 1
    if failures > CHANNEL_RETRIES:
        return stopped(silence, Reason.CHANNEL_FAILED if wait is None else Reason.RATE_LIMITED)
    pause = max(_PAUSES[failures - 1], wait or timedelta())
    return replace(postponed(silence, at + pause), channel_failures=failures)
