"""Where chats stand is what the rules say, and nobody is forgotten."""

from collections.abc import Iterator
from itertools import pairwise

from plugins.followup.chain import CHANNEL_RETRIES, COMPOSER_TRIES, due
from plugins.followup.invariants.sheet import PASSED, Cached, Row, Sheet
from plugins.followup.model import Due, Reason, State, Waiting


def no_chain_is_lost(sheet: Sheet) -> Iterator[str]:
    """Whoever wrote has a silence, of their latest message; frozen only while a human is there."""
    chat, record = sheet.talk.chat, sheet.record
    if record is None:
        if chat.client_n:
            yield "the client wrote, and no silence began"
        return
    if record.client_n != chat.client_n:
        yield f"its silence is of message {record.client_n}, the client's last is {chat.client_n}"
    if record.silence.frozen_since is not None and chat.paused_since is None:
        yield "its chain is frozen, and no colleague has the chat"


def what_is_due_is_taken(sheet: Sheet) -> Iterator[str]:
    """A due reminder is taken soon, and one under way ends soon after its lease."""
    for row in sheet.rows:
        lease = row.reminder.lease
        if lease is not None and sheet.audit.is_late(lease):
            yield f"{row.title} is under way, and its lease ended at {lease:%Y-%m-%d %H:%M:%S}Z"
    at = sheet.cached.due_at if sheet.cached is not None else None
    busy = any(row.state in {State.CLAIMED, State.SENDING} for row in sheet.rows)
    if at is not None and sheet.audit.is_late(at) and not busy:
        yield f"its reminder is due since {at:%Y-%m-%d %H:%M:%S}Z, and nobody took it"


def the_anchor_never_moves_back(sheet: Sheet) -> Iterator[str]:
    """A message that comes twice, late or out of order never makes a wait shorter."""
    if sheet.record is None:
        return
    silence = sheet.record.silence
    if silence.anchor < silence.began:
        yield "its anchor is before its silence began"
    for line in sheet.clients:
        if line.n == sheet.record.client_n and silence.began < line.at:
            yield f"its silence began before message {line.n}, of which it is"
    for row in _of_this_silence(sheet):
        if row.passed_at is not None and silence.anchor < row.passed_at:
            yield f"its anchor is before {row.title}"


def failures_end(sheet: Sheet) -> Iterator[str]:
    """What fails is tried a few times, then ends in a state that is shown, with its reason."""
    for row in sheet.rows:
        if row.state is State.FAILED and row.reason is None:
            yield f"{row.title} has no reason"
    if sheet.record is None:
        return
    silence = sheet.record.silence
    if silence.composer_failures >= COMPOSER_TRIES:
        yield f"the model failed {silence.composer_failures} times, and is asked again"
    if silence.channel_failures > CHANNEL_RETRIES:
        yield f"the channel failed {silence.channel_failures} times, and is tried again"
    failed = [row for row in _of_this_silence(sheet) if row.state is State.FAILED]
    if failed and silence.stopped is None:
        yield f"{failed[0].title} failed for good, and its chain goes on"


def one_at_a_time(sheet: Sheet) -> Iterator[str]:
    """At most one reminder of a chat is under way, and none is open that a reply has ended."""
    busy = [row for row in sheet.rows if row.state in {State.CLAIMED, State.SENDING}]
    busy.sort(key=lambda row: (row.claimed_at is not None, row.claimed_at, row.reminder.id))
    for before, after in pairwise(busy):
        if _overlap(before, after):
            yield f"{after.title} was claimed while {before.title} was under way"
    number = sheet.record.silence.number if sheet.record is not None else 0
    for row in sheet.rows:
        if row.state in {State.SCHEDULED, State.CLAIMED} and row.reminder.silence < number:
            yield f"{row.title} is open, and the client wrote since"


def _overlap(before: Row, after: Row) -> bool:
    """Whether the second was claimed under the first one's lease; one whose lease ended is dead."""
    lease = before.reminder.lease
    if before.state is State.SENDING or lease is None or after.claimed_at is None:
        return True
    return after.claimed_at < lease


def silent_where_it_should_be(sheet: Sheet) -> Iterator[str]:
    """Who asked for silence, whom a human serves, or who is switched off has nothing scheduled."""
    if sheet.record is None or sheet.cached is None:
        return
    silence, paused = sheet.record.silence, sheet.talk.chat.paused_since
    if paused is not None and silence.frozen_since is None:
        yield "a colleague has the chat, and its chain is not frozen"
    if sheet.cached.due_at is None:
        return
    quiet = (silence.stopped, silence.frozen_since, silence.muted_since)
    if silence.opted_out or any(each is not None for each in quiet):
        yield "a reminder is scheduled for a client who is opted out, stopped or frozen, or muted"
    if sheet.plan is None or not sheet.is_planned_anew:
        return
    chain = sheet.plan.chain
    since = chain.enabled_since
    if not chain.enabled or (since is not None and silence.began < since):
        yield "a reminder is scheduled although follow-ups are off for this silence"


def live_settings_hold(sheet: Sheet) -> Iterator[str]:
    """What is listed as due is what the due function says now, by the settings of today."""
    if sheet.record is None or sheet.cached is None:
        return
    if not sheet.is_planned_anew:
        saved_at = sheet.plan.chain.saved_at if sheet.plan is not None else None
        if saved_at is not None and sheet.audit.is_late(saved_at):
            yield f"it goes by settings from before {saved_at:%Y-%m-%d %H:%M:%S}Z"
        return
    found: Due | Waiting = Waiting(Reason.OFF)
    if sheet.plan is not None:
        found = due(sheet.record.silence, sheet.plan.chain, sheet.plan.hours)
    told = _told(found, sheet.cached.version)
    if told != sheet.cached:
        yield f"it is listed as {_words(sheet.cached)}, and the rules say {_words(told)}"


def _told(found: Due | Waiting, version: int) -> Cached:
    if isinstance(found, Due):
        return Cached(found.at, found.step.id, None, version)
    return Cached(None, None, found.reason, version)


def _words(cached: Cached) -> str:
    if cached.due_at is None:
        return str(cached.reason)
    return f"step {cached.step} at {cached.due_at:%Y-%m-%d %H:%M:%S.%f}Z"


def passed_stays_passed(sheet: Sheet) -> Iterator[str]:
    """The steps passed in this silence are those whose reminders say so, each once."""
    if sheet.record is None:
        return
    silence = sheet.record.silence
    if len(set(silence.passed)) < len(silence.passed):
        yield "a step is passed twice in its silence"
    rows = {row.reminder.step: row for row in _of_this_silence(sheet)}
    for step, row in rows.items():
        if (row.state in PASSED) != (step in silence.passed) and not _may_be_refused(row):
            not_ = "" if step in silence.passed else "not "
            yield f"{row.title} is {not_}among the steps passed in its silence"
    if sheet.audit.keeps(silence.began):
        for step in silence.passed:
            if step not in rows:
                yield f"step {step} is passed in its silence, and has no reminder there"


def _may_be_refused(row: Row) -> bool:
    """Whether the channel may have taken it first, so that it was passed."""
    return row.state is State.FAILED and row.reminder.message is not None


def _of_this_silence(sheet: Sheet) -> list[Row]:
    number = sheet.record.silence.number if sheet.record is not None else 0
    return [row for row in sheet.rows if row.reminder.silence == number]
