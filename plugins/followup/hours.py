"""When the employee may send: weekly intervals in a time zone, and days that replace them.

A moment is open exactly when its local wall-clock time is; the next opening is the first moment
for which that holds. Everything about daylight saving follows from these two sentences.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from plugins.followup.model import Terms

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """`[open, close)` in seconds of the local day; `open >= close` runs into the next day."""

    open: int
    close: int

    @classmethod
    def of(cls, text: str) -> "Interval":
        """The interval that "09:00-18:00" means; the settings have checked its form."""
        start, _, end = text.partition("-")
        return cls(_seconds(start), _seconds(end))

    @property
    def overnight(self) -> bool:
        """Whether it ends on the day after it began; equal ends are a whole day."""
        return self.open >= self.close

    def opens_on_its_day(self, second: int) -> bool:
        """Whether that second of the day on which it begins is inside."""
        return self.open <= second and (self.overnight or second < self.close)

    def holds_next_day(self, second: int) -> bool:
        """Whether that second of the day after is still inside."""
        return self.overnight and second < self.close


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """A weekly schedule (Monday first) in a zone, with special days; None is always open."""

    zone: ZoneInfo
    week: tuple[tuple[Interval, ...], ...] | None = None
    special: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        zone: str,
        week: Mapping[str, Sequence[str]],
        special: Mapping[str, Sequence[str]],
    ) -> "Hours":
        """Hours as the settings write and check them."""
        if not week:
            return cls(ZoneInfo(zone))
        days = tuple(_intervals(week.get(day, ())) for day in WEEKDAYS)
        return cls(
            ZoneInfo(zone),
            days,
            {date.fromisoformat(day): _intervals(texts) for day, texts in special.items()},
        )


def reminder_hours(working: Hours, terms: Terms) -> Hours:
    """The employee's own hours for reminders, in the same zone; without any the working hours."""
    if terms.week is None:
        return working
    return Hours.of(working.zone.key, terms.week, terms.special)


def on_clock(hours: Hours, zone: str) -> Hours:
    """The same schedule, read on a wall clock of that zone."""
    return replace(hours, zone=ZoneInfo(zone))


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether the employee may send at that moment."""
    if hours.week is None:
        return True
    local = at.astimezone(hours.zone)
    second = local.hour * 3600 + local.minute * 60 + local.second
    today = local.date()
    return any(span.opens_on_its_day(second) for span in _beginning_on(today, hours)) or any(
        span.holds_next_day(second) for span in _beginning_on(today - _DAY, hours)
    )


def next_open(at: datetime, hours: Hours) -> datetime | None:
    """The first moment from `at` on when we are open; None if that never comes."""
    if is_open(at, hours):
        return at
    for day in _days_from(at.astimezone(UTC).date(), hours):
        for opening in _openings(day, hours):
            if opening > at:
                return opening
    return None


def _days_from(today: date, hours: Hours) -> Iterator[date]:
    """Every day of UTC that could bring the next opening, in order.

    A weekly opening comes within three weeks, one swallowed by a clock change included, and
    within a week more for each special day; beyond, or without any, only special days are left.
    """
    near = (3 + len(hours.special)) * 7 if any(hours.week or ()) else 0
    for count in range(near):
        yield today + count * _DAY
    far = {day + step for day in hours.special for step in (-_DAY, timedelta(), _DAY)}
    yield from sorted(day for day in far if day >= today + near * _DAY)


@lru_cache(maxsize=4096)
def _openings(day: date, hours: Hours) -> tuple[datetime, ...]:
    """The moments of that day of UTC at which closed turns, or may turn, into open; in order.

    An interval opens when the wall clock shows its beginning, for the first or the second time,
    or at the very moment at which the clocks are changed. Days are those of UTC because local
    ones, where clocks go back at midnight, may overlap.
    """
    near = (day - _DAY, day, day + _DAY)
    moments = {moment for local in near for moment in _beginnings(local, hours)}
    moments.update(_clock_changes(day, hours.zone))
    return tuple(
        moment for moment in sorted(moments) if moment.date() == day and is_open(moment, hours)
    )


def _beginnings(day: date, hours: Hours) -> Iterator[datetime]:
    """When the wall clock shows the beginning of an interval; for one in a gap, moments near it."""
    for span in _beginning_on(day, hours):
        wall = datetime.combine(day, time(), hours.zone) + timedelta(seconds=span.open)
        for fold in (0, 1):
            yield wall.replace(fold=fold).astimezone(UTC)


def _clock_changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The moment of that day of UTC, if any, at which the zone's offset changes."""
    midnight = datetime.combine(day, time(), UTC)
    before = (midnight - timedelta(seconds=1)).astimezone(zone).utcoffset()
    seconds = range(24 * 3600)

    def changed(second: int) -> bool:
        return (midnight + timedelta(seconds=second)).astimezone(zone).utcoffset() != before

    if changed(seconds[-1]):
        yield midnight + timedelta(seconds=bisect_left(seconds, x=True, key=changed))


def _beginning_on(day: date, hours: Hours) -> Iterable[Interval]:
    special = hours.special.get(day)
    if special is not None:
        return special
    return hours.week[day.weekday()] if hours.week is not None else ()


def _intervals(texts: Iterable[str]) -> tuple[Interval, ...]:
    return tuple(Interval.of(text) for text in texts)


def _seconds(text: str) -> int:
    hour, minute = text.strip().split(":")
    return int(hour) * 3600 + int(minute) * 60
