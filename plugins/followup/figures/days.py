"""The days that are counted, as the wall clock of whoever looks cuts them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

PERIODS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Span:
    """`[start, end)`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Day(Span):
    """A day on some wall clock."""

    date: date


def latest_days(now: datetime, zone: tzinfo, count: int) -> Sequence[Day]:
    """So many days, the last of which is today."""
    today = now.astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return [Day(_start(each, zone), _start(each + timedelta(days=1), zone), each) for each in dates]


def _start(day: date, zone: tzinfo) -> datetime:
    """The first moment of that day; where midnight is skipped, the moment of the jump."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
