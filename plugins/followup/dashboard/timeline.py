"""One conversation in the order of time: what was said, what was left unsaid, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.api import Arrival, Author, Delivery, Message, phrase
from plugins.followup.dashboard.queries import Attempt
from plugins.followup.model import Chain, Reason, State
from plugins.followup.words import FAULTS, NAMED, SPOKEN, WHY

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
    """Which reminder it is: its place in today's chain, 0 if that step is gone.

    `letter` tells which of two compared instructions it has.
    """

    place: int
    of: int
    instruction: str
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline; without an `n` it is a reminder that never was a message.

    `state` is that of a reminder, `delivery` and `arrival` those of a message. `until` is what it
    was postponed to, `said` the client's words that led to what became of it.
    """

    at: datetime | None
    author: Author
    n: int | None = None
    text: str = ""
    delivery: Delivery | None = None
    arrival: Arrival | None = None
    state: State | None = None
    reason: Reason | None = None
    tokens: int | None = None
    reminder: Label | None = None
    by: str = ""
    until: datetime | None = None
    said: str = ""
    fault_name: str = ""

    @property
    def who(self) -> str:
        """Who said it, in a word."""
        return _WHO[self.author]

    @property
    def mine(self) -> bool:
        """Whether it stands on our side."""
        return self.author is not Author.CLIENT

    @property
    def fate(self) -> str:
        """What became of it, in words; nothing where that goes without saying."""
        if self.arrival is not None:
            return _ARRIVALS[self.arrival]
        if self.delivery is not None:
            return _FATES.get(self.delivery, "")
        return _STATES[self.state] if self.state is not None else ""

    @property
    def why(self) -> str:
        """The reason in words, if there is one."""
        if self.until is not None:
            return NAMED
        return WHY[self.reason] if self.reason is not None else ""

    @property
    def fault(self) -> str:
        """What was wrong with the texts of a model that failed, in words."""
        return FAULTS.get(self.fault_name, "")


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


def label(step: str, instruction: str, chain: Chain, variant: str | None = None) -> Label:
    """The name of a reminder of that step."""
    ids = [each.id for each in chain.steps]
    place = ids.index(step) + 1 if step in ids else 0
    return Label(place, len(ids), instruction, (variant or "")[:1].upper())


def _label(attempt: Attempt, chain: Chain) -> Label:
    return label(attempt.step, attempt.instruction, chain, attempt.variant)


def _untold(tried: Sequence[Attempt], shown: set[int]) -> Iterator[Attempt]:
    """Reminders without a message; one that was sent has one, here or on another page."""
    for each in tried:
        sent = each.state in {State.SENDING, State.SENT, State.UNCERTAIN}
        if not sent and (each.message is None or each.message not in shown):
            yield each


def _said(message: Message, attempt: Attempt | None, chain: Chain) -> Entry:
    told = attempt is not None and attempt.state is not State.SENT
    return Entry(
        at=message.at,
        author=message.author,
        n=message.n,
        text=message.text,
        delivery=message.delivery,
        arrival=message.arrival,
        state=attempt.state if attempt is not None else None,
        reason=attempt.reason if attempt is not None and told else None,
        tokens=message.tokens,
        reminder=_label(attempt, chain) if attempt is not None else None,
        by=message.by or "",
    )


def _unsaid(attempt: Attempt, chain: Chain) -> Entry:
    asked = attempt.state is State.SCHEDULED and attempt.reason is Reason.WAITING_FOR_DELAY
    return Entry(
        at=attempt.at,
        author=Author.EMPLOYEE,
        state=attempt.state,
        reason=attempt.reason,
        tokens=attempt.tokens,
        reminder=_label(attempt, chain),
        until=attempt.until if asked else None,
        said=attempt.said if attempt.reason in SPOKEN else "",
        fault_name=attempt.fault if attempt.reason is Reason.COMPOSER_FAILED else "",
    )
