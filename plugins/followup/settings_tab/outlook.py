"""What a chain would do: an example of its moments, and what saving it means for chats that wait.

All of it by the functions that also send.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from plugins.followup.chain import answered, client_wrote, due, grace, on_terms, saved, sent
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Reason, Silence, Waiting
from plugins.followup.ports import Plan

MANY = 2000
"""As many chats are looked at before a save."""
_MORNING = time(10)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Moment:
    """A reminder of the example; `moved`: its delay ended while closed, so it waits for the hours.

    `dated`: so far from the beginning that the weekday alone would mislead.
    """

    place: int
    at: datetime
    moved: bool
    new_day: bool
    dated: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A client writes at `start`, is answered at once and says nothing any more.

    `ends` tells why no further reminder follows.
    """

    start: datetime
    moments: Sequence[Moment]
    ends: Reason
    seconds: bool


def example(chain: Chain, hours: Hours, now: datetime) -> Example:
    """As if the client wrote next Monday at ten, on the employee's wall clock."""
    start = monday(hours, now)
    told = _undated(replace(chain, enabled=True))
    began = start.astimezone(UTC)
    silence = answered(client_wrote(None, began), began)
    moments: list[Moment] = []
    before = start
    while isinstance(found := due(silence, told, hours), Due):
        at = found.at.astimezone(hours.zone)
        moved = found.at != found.wanted
        place = told.steps.index(found.step) + 1
        moments.append(
            Moment(
                place,
                at,
                moved,
                at.date() != before.date(),
                dated=at.date() - start.date() >= _WEEK,
            )
        )
        silence, before = sent(silence, found.step.id, found.at), at
    seconds = any(moment.at.second for moment in moments)
    return Example(start, moments, found.reason, seconds)


def monday(hours: Hours, now: datetime) -> datetime:
    """The next Monday at ten there."""
    local = now.astimezone(hours.zone)
    day = local.date() + timedelta(days=(7 - local.weekday()) % 7 or 7)
    return datetime.combine(day, _MORNING, hours.zone)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a save would do to the chats of an employee.

    `waiting` have a reminder scheduled now. `hurried` would be due already, so they get up to
    `grace`; `joining` get a reminder though none is scheduled, `leaving` lose theirs.
    `more`: there are more chats than were looked at.
    """

    waiting: int
    hurried: int
    joining: int
    leaving: int
    grace: timedelta
    more: bool


def effect(silences: Sequence[Silence], before: Plan, wanted: Plan, now: datetime) -> Effect:
    """What saving the wanted chain over that of the plan, now, would do."""
    chain, hours = on_terms(before.chain, wanted.chain.terms, now), wanted.hours
    after = saved(chain, wanted.chain.steps, now, enabled=wanted.chain.enabled)
    seen = list(silences[:MANY])
    pairs = [
        (each, due(each, before.chain, before.hours), due(each, after, hours)) for each in seen
    ]
    late = list(_late(pairs, after, hours, now))
    return Effect(
        waiting=sum(isinstance(old, Due) for _, old, _ in pairs),
        hurried=len(late),
        joining=sum(isinstance(old, Waiting) and isinstance(new, Due) for _, old, new in pairs),
        leaving=sum(isinstance(old, Due) and isinstance(new, Waiting) for _, old, new in pairs),
        grace=max(late, default=timedelta()),
        more=len(silences) > MANY,
    )


def _late(
    pairs: Sequence[tuple[Silence, Due | Waiting, Due | Waiting]],
    after: Chain,
    hours: Hours,
    now: datetime,
) -> Iterator[timedelta]:
    """The time that the save itself gives to those whose delay would be over already."""
    for silence, _, new in pairs:
        if not isinstance(new, Due):
            continue
        alone = due(silence, _undated(after), hours)
        if isinstance(alone, Due) and alone.wanted < now:
            yield grace(new.step)


def _undated(chain: Chain) -> Chain:
    """The same steps, as if nobody had ever saved or switched them."""
    return replace(chain, saved_at=None, enabled_since=None)
