"""Puts the numbers together: what was sent in the latest days, and what came of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from plugins.followup.figures.days import Span, latest_days
from plugins.followup.figures.statistics import (
    Interval,
    Judgement,
    Share,
    difference,
    judged,
    median,
)
from plugins.followup.figures.tallies import Outcome, Source, Tally
from plugins.followup.lots import variants
from plugins.followup.model import Chain, Step
from plugins.followup.ports import Ports


@dataclass(frozen=True, slots=True)
class Wanted:
    """The latest days, today included, as a zone cuts them; of one employee, or of all."""

    days: int
    zone: tzinfo
    employee: str | None = None


@dataclass(frozen=True, slots=True)
class DayCount:
    """What was sent on one day."""

    date: date
    tally: Tally


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two instructions of a step, since both are as they are now; `mark` tells which two."""

    instruction_b: str
    mark: str
    a: Tally
    b: Tally

    @property
    def judgement(self) -> Judgement:
        """Which is answered more, as far as can be said."""
        return judged(self.a.answers, self.b.answers)

    @property
    def gap(self) -> Interval:
        """How much more B is answered."""
        return difference(self.a.answers, self.b.answers)


@dataclass(frozen=True, slots=True)
class StepCount:
    """A step of today's chain at its place, or at 0 one that was removed since.

    `minutes` is the median time to those answers that came within 24 hours.
    """

    id: str
    place: int
    instruction: str
    tally: Tally
    minutes: float | None
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Chats with and without reminders since the hold-out has its share, or in the days asked for.

    `tally` is what the reminders of that time took. `share` is of a hundred chats, `running`
    whether it still holds.
    """

    share: int
    running: bool
    since: datetime
    reminded: Outcome
    held: Outcome
    tally: Tally

    @property
    def shares(self) -> tuple[Share, Share]:
        """Who wrote again without and with reminders: in 7 days, or in 24 hours while few are."""
        late = (self.held.later, self.reminded.later)
        return (self.held.soon, self.reminded.soon) if late[0].few or late[1].few else late

    @property
    def judgement(self) -> Judgement:
        """Whether reminders help (the second is better), as far as can be said."""
        return judged(*self.shares)

    @property
    def gap(self) -> Interval:
        """How much larger the share of who wrote again is with reminders."""
        return difference(*self.shares)

    @property
    def cost(self) -> Interval | None:
        """Tokens for each chat that wrote again because of reminders; None: cannot be told."""
        if self.judgement is not Judgement.SECOND or not self.reminded.due:
            return None
        each = self.tally.tokens / self.reminded.due
        return Interval(each / self.gap.high, each / self.gap.low)


@dataclass(frozen=True, slots=True)
class EmployeeCount:
    """What one employee's reminders led to."""

    id: str
    name: str
    tally: Tally
    steps: Sequence[StepCount]
    hold_out: HoldOut | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """All that was counted; `days` are without a gap, the last one is today."""

    days: Sequence[DayCount]
    employees: Sequence[EmployeeCount]
    tally: Tally


Tallies = Mapping[Source, Tally]
Waits = Mapping[Source, Mapping[int, int]]


async def numbers(ports: Ports, wanted: Wanted) -> Numbers:
    """The numbers as of now; a day costs one look at what was sent on it."""
    now = ports.runtime.clock.now()
    days = latest_days(now, wanted.zone, wanted.days)
    whole: defaultdict[Source, Tally] = defaultdict(Tally)
    counts: list[DayCount] = []
    async with ports.runtime.database.read() as connection:
        for day in days:
            found = _of(wanted, await ports.ledger.tallies(connection, day, now))
            for source, tally in found.items():
                whole[source] += tally
            counts.append(DayCount(day.date, sum(found.values(), Tally())))
        span = Span(days[0].start, days[-1].end)
        waits = await ports.ledger.waits(connection, span, now)
        employees = await _employees(ports, connection, wanted, (whole, waits, span))
    return Numbers(counts, employees, sum(whole.values(), Tally()))


def _of(wanted: Wanted, found: Tallies) -> Tallies:
    if wanted.employee is None:
        return found
    return {source: tally for source, tally in found.items() if source.employee == wanted.employee}


async def _employees(
    ports: Ports,
    connection: AsyncConnection,
    wanted: Wanted,
    counted: tuple[Tallies, Waits, Span],
) -> Sequence[EmployeeCount]:
    """Everybody by name who is asked for, also who sent nothing."""
    people = {person.id: person.name for person in await ports.runtime.lists.people(connection)}
    gone = {source.employee for source in counted[0]} - people.keys()
    found: list[EmployeeCount] = []
    for key in (*people, *sorted(gone)):
        if wanted.employee not in {None, key}:
            continue
        plan = await ports.chains.load(connection, key)
        steps = list(_steps(key, plan.chain if plan is not None else Chain(), counted))
        tally = sum((each.tally for each in steps), Tally())
        chain = plan.chain if plan is not None else Chain()
        held = await _hold_out(ports, connection, (key, chain), counted[2])
        found.append(EmployeeCount(key, people.get(key, key), tally, steps, held))
    return found


async def _hold_out(
    ports: Ports, connection: AsyncConnection, whose: tuple[str, Chain], span: Span
) -> HoldOut | None:
    """The present hold-out, or the latest one if it ended in the days that are asked for."""
    (employee, chain), now = whose, ports.runtime.clock.now()
    since, until, share = _latest_share(chain)
    span = Span(max(since or span.start, span.start), min(until or span.end, span.end))
    if not share or span.start >= span.end:
        return None
    reminded, held = await ports.ledger.groups(connection, employee, span, now)
    counted = await ports.ledger.tallies(connection, span, now)
    mine = (tally for source, tally in counted.items() if source.employee == employee)
    return HoldOut(share, until is None, span.start, reminded, held, sum(mine, Tally()))


def _latest_share(chain: Chain) -> tuple[datetime | None, datetime | None, int]:
    """Since when, until when, and how many of a hundred."""
    ends = [until for until, _ in chain.shares]
    if chain.terms.hold_out or not ends:
        return ends[-1] if ends else None, None, chain.terms.hold_out
    return ends[-2] if len(ends) > 1 else None, ends[-1], chain.shares[-1][1]


def _steps(
    employee: str, chain: Chain, counted: tuple[Tallies, Waits, Span]
) -> Iterator[StepCount]:
    """Today's steps in their order, then those that were removed."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    waits: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for source, tally in counted[0].items():
        if source.employee == employee:
            tallies[source.step] += tally
            waits[source.step].update(counted[1].get(source, {}))
    for place, step in enumerate(chain.steps, 1):
        counts = waits[step.id]
        both = _comparison(employee, step, counted[0])
        yield StepCount(step.id, place, step.instruction, tallies[step.id], median(counts), both)
    for key in sorted(tallies.keys() - {step.id for step in chain.steps}):
        yield StepCount(key, 0, "", tallies[key], median(waits[key]))


def _comparison(employee: str, step: Step, tallies: Tallies) -> Comparison | None:
    if step.instruction_b is None:
        return None
    a, b = (tallies.get(Source(employee, step.id, name), Tally()) for name in variants(step))
    return Comparison(step.instruction_b, variants(step)[1], a, b)
