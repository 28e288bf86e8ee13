"""Operation on numbers: what reminders lead to, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.api import Asked, Call, Nothing, Operation, Operations, ProblemError, Scope, Told, When
from plugins.followup.api.shapes import people_of
from plugins.followup.counting import (
    Comparison,
    EmployeeCount,
    HoldOut,
    Numbers,
    StepCount,
    Wanted,
    numbers,
)
from plugins.followup.figures.statistics import Interval, Judgement, Share
from plugins.followup.figures.tallies import Outcome, Tally
from plugins.followup.ports import Ports


class NumbersAsked(Asked):
    """The latest days, today included, as that time zone cuts them; of one employee, or of all."""

    days: Literal["7", "30", "90"] = "30"
    employee: str | None = Field(default=None, description="The id of an employee.")
    zone: str = Field(default="UTC", examples=["Europe/Berlin"])


class ShareTold(Told):
    """A share, and where the true one is with 95 % certainty; `few`: nothing can be told of it."""

    hits: int
    of: int
    value: float
    low: float
    high: float
    few: bool

    @classmethod
    def of_share(cls, share: Share) -> "ShareTold":
        """That share."""
        ends = share.interval
        return cls(
            hits=share.hits,
            of=share.of,
            value=share.value,
            low=ends.low,
            high=ends.high,
            few=share.few,
        )


class TallyTold(Told):
    """Counts of reminders; `open` are those whose 24 hours are not over yet."""

    sent: int
    open: int
    answered: ShareTold = Field(description="Answered within 24 hours, of those not open.")
    opted_out: ShareTold
    tokens: int

    @classmethod
    def of(cls, tally: Tally) -> "TallyTold":
        """That tally."""
        return cls(
            sent=tally.sent,
            open=tally.open,
            answered=ShareTold.of_share(tally.answers),
            opted_out=ShareTold.of_share(tally.opt_outs),
            tokens=tally.tokens,
        )


class IntervalTold(Told):
    """Where the true value is with 95 % certainty."""

    low: float
    high: float

    @classmethod
    def of(cls, interval: Interval) -> "IntervalTold":
        """That interval."""
        return cls(low=interval.low, high=interval.high)


class ComparisonTold(Told):
    """Two instructions of a step since both are as they are now; `mark` is for keeping one."""

    instruction_b: str
    mark: str
    a: TallyTold
    b: TallyTold
    judgement: Judgement = Field(description="Which is answered more: the first is A.")
    gap: IntervalTold = Field(description="How much larger the share of answered ones is with B.")

    @classmethod
    def of(cls, both: Comparison) -> "ComparisonTold":
        """That comparison."""
        return cls(
            instruction_b=both.instruction_b,
            mark=both.mark,
            a=TallyTold.of(both.a),
            b=TallyTold.of(both.b),
            judgement=both.judgement,
            gap=IntervalTold.of(both.gap),
        )


class GroupTold(Told):
    """Silences whose first reminder came due, or would have; and who wrote again."""

    due: int
    in_24_hours: ShareTold
    in_7_days: ShareTold

    @classmethod
    def of(cls, outcome: Outcome) -> "GroupTold":
        """That group."""
        soon, later = ShareTold.of_share(outcome.soon), ShareTold.of_share(outcome.later)
        return cls(due=outcome.due, in_24_hours=soon, in_7_days=later)


class HoldOutTold(Told):
    """Chats with and without reminders; `share` of a hundred get none, `running`: still."""

    share: int
    running: bool
    since: When
    held: GroupTold
    reminded: GroupTold
    judgement: Judgement = Field(description="Who wrote again more: the second is the reminded.")
    gap: IntervalTold = Field(description="How much larger the share is with reminders.")
    cost: IntervalTold | None = Field(
        description="Tokens for each chat that wrote again because of reminders."
    )

    @classmethod
    def of(cls, found: HoldOut) -> "HoldOutTold":
        """That hold-out."""
        return cls(
            share=found.share,
            running=found.running,
            since=found.since,
            held=GroupTold.of(found.held),
            reminded=GroupTold.of(found.reminded),
            judgement=found.judgement,
            gap=IntervalTold.of(found.gap),
            cost=IntervalTold.of(found.cost) if found.cost is not None else None,
        )


class StepNumbers(Told):
    """A step of today's chain at its place, or at 0 one that was removed since."""

    id: str
    place: int
    instruction: str
    tally: TallyTold
    median_minutes: float | None = Field(description="To answers that came within 24 hours.")
    comparison: ComparisonTold | None = Field(description="Null: it has one instruction.")

    @classmethod
    def of(cls, count: StepCount) -> "StepNumbers":
        """That count."""
        return cls(
            id=count.id,
            place=count.place,
            instruction=count.instruction,
            tally=TallyTold.of(count.tally),
            median_minutes=count.minutes,
            comparison=ComparisonTold.of(count.comparison) if count.comparison else None,
        )


class EmployeeNumbers(Told):
    """What one employee's reminders led to."""

    id: str
    name: str
    tally: TallyTold
    steps: Sequence[StepNumbers]
    hold_out: HoldOutTold | None = Field(description="Null: none, in the days asked for.")

    @classmethod
    def of(cls, count: EmployeeCount) -> "EmployeeNumbers":
        """That count."""
        steps = [StepNumbers.of(each) for each in count.steps]
        return cls(
            id=count.id,
            name=count.name,
            tally=TallyTold.of(count.tally),
            steps=steps,
            hold_out=HoldOutTold.of(count.hold_out) if count.hold_out else None,
        )


class DayNumbers(Told):
    """What was sent on one day."""

    date: date
    tally: TallyTold


class NumbersTold(Told):
    """All that was counted; the last day is today."""

    tally: TallyTold
    employees: Sequence[EmployeeNumbers]
    days: Sequence[DayNumbers]

    @classmethod
    def of(cls, counted: Numbers) -> "NumbersTold":
        """Those numbers."""
        return cls(
            tally=TallyTold.of(counted.tally),
            employees=[EmployeeNumbers.of(each) for each in counted.employees],
            days=[
                DayNumbers(date=each.date, tally=TallyTold.of(each.tally)) for each in counted.days
            ],
        )


@dataclass(frozen=True, slots=True)
class FiguresApi:
    """The same as the page of numbers."""

    ports: Ports

    def operations(self) -> Operations:
        """The only one."""
        return (
            Operation(
                "numbers_get",
                "GET",
                "/followup/numbers",
                Scope.READ,
                "What reminders led to, per employee, step and day.",
                NumbersAsked,
                Nothing,
                NumbersTold,
                self.numbers,
            ),
        )

    async def numbers(self, call: Call[NumbersAsked, Nothing]) -> NumbersTold:
        """As the page counts."""
        asked = call.params
        await people_of(self.ports, asked.employee)
        wanted = Wanted(int(asked.days), _zone(asked.zone), asked.employee)
        return NumbersTold.of(await numbers(self.ports, wanted))


def _zone(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        told = "is no time zone; write it like Europe/Berlin"
        raise ProblemError(422, "There is no such time zone.", [("zone", told)]) from None
