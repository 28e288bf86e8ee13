"""What is counted of reminders, and who counts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from plugins.followup.figures.days import Span
from plugins.followup.figures.statistics import Interval, Share

SOON = timedelta(hours=24)
"""An answer counts if it came within this time from the sending."""
LATER = timedelta(days=7)
"""What a chain can lead to is looked for so long."""


@dataclass(frozen=True, slots=True)
class Source:
    """Whose reminders, of which step, told by which instruction ("" where it had but one)."""

    employee: str
    step: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of reminders that were sent, perhaps sent included; tokens of the others too.

    `ripe` are those sent more than 24 hours ago, `answered` those of the ripe that the client
    answered within 24 hours; `opted_out` those after which the client wanted no more.
    """

    sent: int = 0
    ripe: int = 0
    answered: int = 0
    opted_out: int = 0
    tokens: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.sent + other.sent,
            self.ripe + other.ripe,
            self.answered + other.answered,
            self.opted_out + other.opted_out,
            self.tokens + other.tokens,
        )

    @property
    def open(self) -> int:
        """Those whose 24 hours are not over."""
        return self.sent - self.ripe

    @property
    def answers(self) -> Share:
        """The share of answered ones; what is still open does not count."""
        return Share(self.answered, self.ripe)

    @property
    def cost(self) -> Interval | None:
        """Tokens for each answer; None where that cannot be told."""
        sure = self.answers.interval
        if self.answers.few or not self.answered:
            return None
        return Interval(self.tokens / self.sent / sure.high, self.tokens / self.sent / sure.low)

    @property
    def opt_outs(self) -> Share:
        """The share of those after which the client wanted no more."""
        return Share(self.opted_out, self.sent)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Silences whose first reminder came due, or would have: in how many the client wrote again.

    `days` are those that came due more than 24 hours ago, `weeks` more than 7 days ago; `in_day`
    and `in_week` those of them in which the client wrote within that time.
    """

    due: int = 0
    days: int = 0
    in_day: int = 0
    weeks: int = 0
    in_week: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.due + other.due,
            self.days + other.days,
            self.in_day + other.in_day,
            self.weeks + other.weeks,
            self.in_week + other.in_week,
        )

    @property
    def soon(self) -> Share:
        """Who wrote again within 24 hours."""
        return Share(self.in_day, self.days)

    @property
    def later(self) -> Share:
        """Who wrote again within 7 days."""
        return Share(self.in_week, self.weeks)


class Ledger(Protocol):
    """Counts reminders; every query reads nothing but the index of the time it is asked for."""

    async def tallies(
        self, connection: AsyncConnection, span: Span, now: datetime
    ) -> Mapping[Source, Tally]:
        """What was sent in that time, and what came of it until now."""
        ...

    async def waits(
        self, connection: AsyncConnection, span: Span, now: datetime
    ) -> Mapping[Source, Mapping[int, int]]:
        """Of those answered within 24 hours: whole minutes to the answer, and how often."""
        ...

    async def groups(
        self, connection: AsyncConnection, employee: str, span: Span, now: datetime
    ) -> tuple[Outcome, Outcome]:
        """Silences that came due in that time: of the reminded chats, then of the hold-out."""
        ...
