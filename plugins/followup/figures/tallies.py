"""What is counted of reminders, and who counts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from plugins.followup.figures.days import Span
from plugins.followup.figures.statistics import Share

SOON = timedelta(hours=24)
"""An answer counts if it came within this time from the sending."""


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
    def opt_outs(self) -> Share:
        """The share of those after which the client wanted no more."""
        return Share(self.opted_out, self.sent)


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
