"""What went out, went out rightly: once, in time, within the hours, to a silent client."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.api import Author, Delivery, Line
from plugins.followup.chain import grace, hours_of
from plugins.followup.hours import is_open
from plugins.followup.invariants.sheet import GATE, OUT, Row, Sheet
from plugins.followup.model import State

_DELIVERY = timedelta(seconds=35)
"""How long after the intent a channel may log the message: its timeout, and a little."""


def a_step_is_sent_once(sheet: Sheet) -> Iterator[str]:
    """A step of a silence has one row, and no message of ours is without its row."""
    keys = Counter((row.reminder.silence, row.reminder.step) for row in sheet.rows)
    for (silence, step), count in keys.items():
        if count > 1:
            yield f"step {step} has {count} reminders in silence {silence}"
    owners = Counter(row.reminder.message for row in sheet.rows if row.state in OUT)
    for line in sheet.reminders:
        if owners[line.id] == 0 and sheet.audit.keeps(line.at):
            yield f"message {line.id} ({line.delivery}) belongs to no reminder that went out"
        if owners[line.id] > 1:
            yield f"message {line.id} belongs to {owners[line.id]} reminders"


def the_client_wins(sheet: Sheet) -> Iterator[str]:
    """No reminder follows a client's message that ended its silence.

    Counted from the present silence backwards: the oldest messages may be deleted.
    """
    if sheet.record is None:
        return
    number, began = sheet.record.silence.number, sheet.record.client_n
    for row, line in sheet.out:
        silence = row.reminder.silence
        later = sum(began >= client.n > line.n for client in sheet.clients)
        if silence > number:
            yield f"{row.title} is of a silence that did not begin; the present one is {number}"
        elif silence == number and line.n < began:
            yield f"{row.title} went out before message {began}, which began its silence"
        elif later < number - silence and sheet.audit.keeps(line.at):
            yield f"{row.title} went out after a message of the client's that ended its silence"


def inside_the_hours(sheet: Sheet) -> Iterator[str]:
    """The intent to send, and the delivery if its moment is known, are inside the hours."""
    delivered = {entry.message: entry.at for entry in sheet.talk.delivered or ()}
    for row, line in sheet.by_present_settings:
        if not _is_open(sheet, row, line.at, GATE):
            yield f"{row.title} was sent outside the hours"
        at = delivered.get(line.id)
        if at is not None and not _is_open(sheet, row, at, _DELIVERY):
            yield f"{row.title} was delivered outside the hours"


def _is_open(sheet: Sheet, row: Row, at: datetime, allowed: timedelta) -> bool:
    if sheet.plan is None or sheet.record is None:
        return True
    silence, chain = sheet.record.silence, sheet.plan.chain
    # In an earlier silence the client may have been in another zone; nobody kept which.
    if chain.terms.client_zone and row.reminder.silence != silence.number:
        return True
    hours = hours_of(silence, chain, sheet.plan.hours)
    return is_open(at, hours) or is_open(at - allowed, hours)


def once_is_once(sheet: Sheet) -> Iterator[str]:
    """A run-once step goes out once in a chat, and whatever went out is remembered as used."""
    earlier: set[str] = set()
    present = {row.reminder.id for row, _ in sheet.by_present_settings}
    for row, _ in sheet.out:
        step = sheet.step(row.reminder.step)
        once = step is not None and step.once and row.reminder.id in present
        if once and row.reminder.step in earlier:
            yield f"{row.title} is run-once, and was sent before"
        earlier.add(row.reminder.step)
    used = sheet.record.silence.used if sheet.record is not None else frozenset()
    for row in sheet.rows:
        if row.state in {State.SENT, State.UNCERTAIN} and row.reminder.step not in used:
            yield f"{row.title} is not remembered as used"


def never_early(sheet: Sheet) -> Iterator[str]:
    """A reminder waits out its delay, and leaves time after an answer, whatever clocks do.

    Where an admin cut the delay short there is only that to wait for.
    """
    for row, line in sheet.by_present_settings:
        step = sheet.step(row.reminder.step)
        if step is None:
            continue
        delay = step.delay if row.hurried_at is None else timedelta()
        bounds = [at + delay for at in _anchors(sheet, row, line)]
        bounds += [at + grace(step) for at in _answers(sheet, line)]
        earliest = max(bounds, default=line.at)
        if line.at < earliest:
            yield f"{row.title} was sent {earliest - line.at} too early"


def _anchors(sheet: Sheet, row: Row, line: Line) -> Iterator[datetime]:
    """The client's message, and the reminders before in the same silence."""
    client = sheet.client_before(line)
    if client is not None:
        yield client.at
    for before in sheet.rows:
        same = before.reminder.silence == row.reminder.silence
        passed_at = before.passed_at
        if same and passed_at is not None and _is_before(sheet, before, line):
            yield passed_at


def _is_before(sheet: Sheet, before: Row, line: Line) -> bool:
    """By its message; what was skipped has none, and only its moment tells."""
    if before.state is State.SKIPPED:
        at = before.settled_at
        return at is not None and at + sheet.audit.clock <= line.at
    earlier = sheet.lines.get(before.reminder.message or 0)
    return earlier is not None and earlier.n < line.n


def _answers(sheet: Sheet, line: Line) -> Iterator[datetime]:
    """What was answered in the silence before that reminder."""
    client = sheet.client_before(line)
    for said in sheet.talk.lines:
        answer = said.author is not Author.CLIENT and said.plugin is None
        arrived = said.delivery is not Delivery.FAILED
        if client is not None and answer and arrived and client.n < said.n < line.n:
            yield said.at


def an_answer_comes_first(sheet: Sheet) -> Iterator[str]:
    """No reminder goes out while the client's last message is unanswered."""
    for row, line in sheet.out:
        client = sheet.client_before(line)
        known = client is not None and sheet.audit.keeps(client.at)
        if known and not any(_answers(sheet, line)) and not _taken_back(sheet, row):
            yield f"{row.title} was sent before the client was answered"


def _taken_back(sheet: Sheet, row: Row) -> bool:
    """Whether an answer that counted then may be one that the channel refused later."""
    silence = sheet.record.silence if sheet.record is not None else None
    ended = silence is None or silence.number > row.reminder.silence or silence.stopped
    failed = (line for line in sheet.talk.lines if line.delivery is Delivery.FAILED)
    return bool(ended) and any(line.plugin is None for line in failed)


def a_human_is_alone(sheet: Sheet) -> Iterator[str]:
    """Nothing follows the message by which a manager took the chat."""
    paused = sheet.talk.chat.paused_since
    managers = (line for line in sheet.talk.lines if line.author is Author.MANAGER)
    taken = max((line.n for line in managers if line.at == paused), default=None)
    for row, line in sheet.out:
        if taken is not None and line.n > taken:
            yield f"{row.title} was sent although a colleague had the chat"


def quiet_is_quiet(sheet: Sheet) -> Iterator[str]:
    """Nothing goes out after a mute that lasts, nor after the client's own wish for no more."""
    silence = sheet.record.silence if sheet.record is not None else None
    if silence is None:
        return
    muted, wished = silence.muted_since, sheet.talk.chat.opted_out_at
    said = [client.n for client in sheet.clients if client.at == wished]
    for row, line in sheet.out:
        if muted is not None and line.at > muted + GATE + sheet.audit.clock:
            yield f"{row.title} was sent although the chat was muted"
        if silence.opted_out and said and line.n > max(said):
            yield f"{row.title} was sent although the client had wished for no more"


def off_is_off(sheet: Sheet) -> Iterator[str]:
    """Nothing goes out after the switch, nor in a silence that began before it was put on."""
    if sheet.plan is None or sheet.record is None:
        return
    chain, silence = sheet.plan.chain, sheet.record.silence
    old = chain.enabled_since is not None and silence.began < chain.enabled_since
    for row, _ in sheet.by_present_settings:
        if not chain.enabled:
            yield f"{row.title} was sent although follow-ups are off"
        elif old and row.reminder.silence == silence.number:
            yield f"{row.title} was sent in a silence from before follow-ups were switched on"


def sent_steps_exist(sheet: Sheet) -> Iterator[str]:
    """What was sent since the last save is a step of that save."""
    for row, _ in sheet.by_present_settings:
        if sheet.plan is not None and sheet.step(row.reminder.step) is None:
            yield f"{row.title} was sent, and the employee has no such step since the last save"
