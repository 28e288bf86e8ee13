"""Who wishes one chat to be quiet: for now, until a date, or for good. Pure."""

from dataclasses import replace
from datetime import datetime

from plugins.followup.chain import grace, next_step, postponed, stopped
from plugins.followup.model import Chain, OptedBy, Reason, Silence


def muted(silence: Silence, at: datetime) -> Silence:
    """No reminders until it is taken back, whatever the client writes."""
    return silence if silence.muted_since is not None else replace(silence, muted_since=at)


def snoozed(silence: Silence, until: datetime) -> Silence:
    """No reminder before that moment, whatever the client writes."""
    return replace(silence, snoozed_until=until, muted_since=None, hurried_at=None)


def unmuted(silence: Silence, chain: Chain, at: datetime) -> Silence:
    """Neither muted nor snoozed: the wait that was left goes on, and never ends at once."""
    since = silence.muted_since
    freed = replace(silence, muted_since=None, snoozed_until=None)
    step = next_step(freed, chain)
    if freed == silence or step is None:
        return freed
    until = freed.held_until(chain.terms.limits)
    wanted = max(freed.anchor + step.delay, until or freed.anchor)
    left = wanted - max(since, freed.anchor) if since is not None else wanted - at
    return postponed(freed, at + max(left, grace(step)))


def never(silence: Silence) -> Silence:
    """No reminders for this client, as if they had said so; only a manager takes that back."""
    return replace(stopped(silence, Reason.OPTED_OUT), opted_by=OptedBy.MANAGER)


def allowed(silence: Silence, chain: Chain, at: datetime) -> Silence:
    """Reminders again, whoever had said no; the next one waits its whole delay from now on."""
    if not silence.opted_out:
        return silence
    ended = None if silence.stopped is Reason.OPTED_OUT else silence.stopped
    freed = replace(silence, opted_out=False, opted_by=None, stopped=ended)
    step = next_step(freed, chain)
    return freed if step is None else postponed(freed, at + step.delay)


def remembered(silence: Silence) -> Silence:
    """The client had said no in a chat that was erased since."""
    return replace(stopped(silence, Reason.OPTED_OUT), opted_by=OptedBy.EARLIER)


def opted(silence: Silence, *, out: bool) -> Silence:
    """The client wants no reminders at all, or wants them again; what a manager said stays."""
    if silence.opted_by is OptedBy.MANAGER:
        return stopped(silence, Reason.OPTED_OUT) if out else silence
    if out:
        return replace(stopped(silence, Reason.OPTED_OUT), opted_by=OptedBy.CLIENT)
    stopped_before = None if silence.stopped is Reason.OPTED_OUT else silence.stopped
    return replace(silence, opted_out=False, opted_by=None, stopped=stopped_before)
