"""One conversation in the order of time: what was said, what was left unsaid, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.api import Author, Delivery, Message, phrase
from plugins.followup.dashboard.queries import Attempt
from plugins.followup.model import Chain, State
from plugins.followup.words import WHY

_NEVER = datetime.max.replace(tzinfo=UTC)
_WHO: Mapping[Author, str] = {
    Author.CLIENT: phrase("client"),
    Author.EMPLOYEE: phrase("employee"),
    Author.MANAGER: phrase("colleague"),
}
_FATES: Mapping[Delivery, str] = {
    Delivery.SENDING: phrase("being sent"),
    Delivery.UNCERTAIN: phrase("perhaps sent"),
    Delivery.FAILED: phrase("not delivered"),
}
_ARRIVALS = {"delivered": phrase("delivered"), "read": phrase("read")}
_STATES: Mapping[State, str] = {
    State.SCHEDULED: phrase("put off"),
    State.CLAIMED: phrase("being written"),
    State.SKIPPED: phrase("skipped"),
    State.FAILED: phrase("not delivered"),
    State.CANCELLED: phrase("cancelled"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """Which reminder it is: its place in today's chain, 0 if that step is gone."""

    place: int
    of: int
    instruction: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline; without a `text` it is a reminder that never was a message."""

    at: datetime | None
    who: str
    mine: bool
    text: str = ""
    fate: str = ""
    why: str = ""
    tokens: int | None = None
    reminder: Label | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """What part of the chat is shown: from the first message on, before a moment; None: no end."""

    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime | None) -> bool:
        """Whether that moment is in it; what has none yet is at the end."""
        if at is None:
            return self.until is None
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def entries(
    said: Sequence[Message], tried: Sequence[Attempt], chain: Chain, span: Span
) -> Sequence[Entry]:
    """All of it in order; a reminder with a message stands where the message does."""
    by_message = {each.message: each for each in tried if each.message is not None}
    shown = {message.id for message in said}
    lines = [_said(message, by_message.get(message.id), chain) for message in said]
    lines += [_unsaid(each, chain) for each in _untold(tried, shown) if span.holds(each.at)]
    return sorted(lines, key=lambda entry: entry.at or _NEVER)


def label(step: str, instruction: str, chain: Chain) -> Label:
    """The name of a reminder of that step."""
    ids = [each.id for each in chain.steps]
    return Label(ids.index(step) + 1 if step in ids else 0, len(ids), instruction)


def _untold(tried: Sequence[Attempt], shown: set[int]) -> Iterator[Attempt]:
    """Reminders without a message; one that was sent has one, here or on another page."""
    for each in tried:
        sent = each.state in {State.SENDING, State.SENT, State.UNCERTAIN}
        if not sent and (each.message is None or each.message not in shown):
            yield each


def _said(message: Message, attempt: Attempt | None, chain: Chain) -> Entry:
    fate = _FATES.get(message.delivery, "")
    if message.arrival is not None:
        fate = _ARRIVALS[message.arrival]
    reason = attempt.reason if attempt is not None and attempt.state is not State.SENT else None
    return Entry(
        at=message.at,
        who=_WHO[message.author],
        mine=message.author is not Author.CLIENT,
        text=message.text,
        fate=fate,
        why=WHY[reason] if reason is not None else "",
        tokens=message.tokens,
        reminder=label(attempt.step, attempt.instruction, chain) if attempt is not None else None,
        by=message.by or "",
    )


def _unsaid(attempt: Attempt, chain: Chain) -> Entry:
    return Entry(
        at=attempt.at,
        who=_WHO[Author.EMPLOYEE],
        mine=True,
        fate=_STATES[attempt.state],
        why=WHY[attempt.reason] if attempt.reason is not None else "",
        tokens=attempt.tokens,
        reminder=label(attempt.step, attempt.instruction, chain),
    )
