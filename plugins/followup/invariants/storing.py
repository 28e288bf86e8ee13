"""Rows that are written together belong together."""

from collections.abc import Iterator

from bot.api import Delivery
from plugins.followup.invariants.sheet import OUT, Row, Sheet
from plugins.followup.model import State

_DELIVERY = {
    State.SENDING: Delivery.SENDING,
    State.SENT: Delivery.SENT,
    State.UNCERTAIN: Delivery.UNCERTAIN,
}


def whole_or_not_at_all(sheet: Sheet) -> Iterator[str]:
    """A reminder has all that its state stands for, and says the same as its message."""
    for row in sheet.rows:
        missing = [name for name, there in _needed(row) if not there]
        if missing:
            yield f"{row.title} has no {', no '.join(missing)}"
        if row.state not in {State.CLAIMED, State.SENDING} and _is_held(row):
            yield f"{row.title} is over, and still claimed"
        yield from _message(sheet, row)


def _needed(row: Row) -> Iterator[tuple[str, bool]]:
    one = row.reminder
    if row.state in {State.CLAIMED, State.SENDING}:
        yield "token", one.token is not None
        yield "lease", one.lease is not None
        yield "moment of its claim", row.claimed_at is not None
    else:
        # Taken back from a worker that died it has none.
        yield "moment of its end", row.settled_at is not None or row.state is State.SCHEDULED
    if row.state in OUT:
        yield "message", one.message is not None
        yield "moment of its intent", one.intent_at is not None


def _is_held(row: Row) -> bool:
    return row.reminder.token is not None or row.reminder.lease is not None


def _message(sheet: Sheet, row: Row) -> Iterator[str]:
    """The message of one that did not go out can only be that of a failed try."""
    one = row.reminder
    if one.message is None:
        return
    line = sheet.lines.get(one.message)
    if line is None:
        if one.intent_at is not None and sheet.audit.keeps(one.intent_at):
            yield f"{row.title} has a message, {one.message}, that this chat does not have"
        return
    expected = _DELIVERY.get(row.state, Delivery.FAILED)
    if line.delivery is not expected:
        yield f"{row.title} has a message that is {line.delivery}"
    if row.state in OUT and one.intent_at is not None and line.at != one.intent_at:
        yield f"{row.title} has a message of another moment"
