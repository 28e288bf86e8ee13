"""Open is when the wall clock is inside; the next opening is the first moment that is open.

Both are compared with a clock that is read minute by minute, in every zone there is.
"""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.followup.hours import Hours, is_open, next_open
from tests.unit.followup.reference import WEEKDAYS, WallClock
from tests.unit.followup.strategies import INTERVALS, examples

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
# Changes that no rule of today makes any more.
STRANGE = {
    "a skipped Friday": ("Pacific/Apia", "2011-12-30T10:00"),
    "a skipped Saturday": ("Pacific/Kwajalein", "1993-08-21T12:00"),
    "a day that came twice": ("Pacific/Kwajalein", "1969-09-30T13:00"),
    "a minute after midnight, back": ("America/St_Johns", "2010-11-07T02:31"),
    "a minute after midnight, on": ("America/St_Johns", "2010-03-14T03:31"),
    "two hours at once": ("Antarctica/Troll", "2026-03-29T01:00"),
    "half an hour": ("Australia/Lord_Howe", "2026-04-04T15:00"),
    "off for Ramadan": ("Africa/Casablanca", "2026-02-15T02:00"),
    "at midnight, on": ("Asia/Beirut", "2026-03-28T22:00"),
    "at midnight, back": ("Asia/Beirut", "2026-10-24T21:00"),
    "half an hour for good": ("Asia/Pyongyang", "2018-05-04T15:00"),
    "three hours back": ("Antarctica/Casey", "2020-10-03T16:01"),
}


@pytest.mark.parametrize("zone", ZONES)
def test_the_hours_follow_the_wall_clock_in(zone: str) -> None:
    chance = dice(zone)
    for change in some_of(changes(zone), chance):
        week = random_week(change, ZoneInfo(zone), chance)

        compare_around(change, WallClock(zone, week, {}), Hours.of(zone, week, {}))


@pytest.mark.parametrize("case", STRANGE)
def test_the_hours_follow_the_wall_clock_when_it_does_something_strange_like(case: str) -> None:
    zone, text = STRANGE[case]
    change = datetime.fromisoformat(text).replace(tzinfo=UTC)
    chance = dice(case)
    for _ in range(12):
        week = random_week(change, ZoneInfo(zone), chance)
        special = random_specials(change, chance)

        compare_around(change, WallClock(zone, week, special), Hours.of(zone, week, special))


def dice(seed: str) -> random.Random:
    """The same throws at every run."""
    return random.Random(seed)  # noqa: S311  examples are no secret


def compare_around(change: datetime, clock: WallClock, hours: Hours) -> None:
    """All quarters of the two days around it, and what follows each."""
    at = change + timedelta(hours=24)
    opening = clock.first_open(at)
    while at > change - timedelta(hours=24):
        at -= timedelta(minutes=clock.stride)
        inside = clock.is_open(at)
        opening = at if inside else opening
        a_little_later = at + timedelta(seconds=59, microseconds=999_999)
        assert is_open(at, hours) == inside, at
        assert is_open(a_little_later, hours) == inside, at
        assert next_open(at, hours) == opening, at
        assert next_open(a_little_later, hours) == (a_little_later if inside else opening), at


def random_week(change: datetime, zone: ZoneInfo, chance: random.Random) -> dict[str, list[str]]:
    """A week whose intervals like to begin and end where the clocks are changed."""
    before, after = (change - timedelta(minutes=1)).astimezone(zone), change.astimezone(zone)
    likely = [before.hour * 60 + before.minute + 1, after.hour * 60 + after.minute]
    likely += [minutes + step for minutes in likely for step in (-60, -30, -15, 15, 30, 60)]
    ends = [f"{minutes // 60 % 24:02}:{minutes % 60:02}" for minutes in likely]
    return {
        day: [
            chance.choice((*INTERVALS, *(f"{chance.choice(ends)}-{chance.choice(ends)}",) * 12))
            for _ in range(chance.choice((0, 1, 1, 2)))
        ]
        for day in WEEKDAYS
    }


def random_specials(change: datetime, chance: random.Random) -> dict[str, list[str]]:
    days = [change.date() + timedelta(days=offset) for offset in (-1, 0, 1)]
    return {
        day.isoformat(): chance.sample(INTERVALS, chance.randrange(3))
        for day in chance.sample(days, chance.randrange(3))
    }


def some_of(moments: tuple[datetime, ...], chance: random.Random) -> list[datetime]:
    """All of them in a thorough run; a zone without any gets any moment."""
    if not moments:
        return [datetime(2026, 3, 29, tzinfo=UTC)]
    thorough = settings.get_current_profile_name() == "thorough"
    return list(moments) if thorough else chance.sample(moments, min(len(moments), 3))


@examples(200)
@given(st.data())
def test_the_next_opening_is_the_first_open_moment(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    near = data.draw(st.sampled_from(changes(zone) or (datetime(2026, 3, 29, tzinfo=UTC),)))
    at = near + data.draw(st.timedeltas(-timedelta(days=2), timedelta(days=2)))
    minutes = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
    interval = st.tuples(minutes, minutes).map("-".join)
    week = data.draw(st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(interval, max_size=2)))
    hours = Hours.of(zone, week, {})

    opening = next_open(at, hours)

    assert opening == WallClock(zone, week, {}).first_open(at)
    if opening is not None:
        assert opening >= at
        assert is_open(opening, hours)
        assert next_open(opening, hours) == opening


@cache
def changes(zone: str, first_year: int = 2020, last_year: int = 2037) -> tuple[datetime, ...]:
    """The moments, to the minute, at which the clocks of that zone are changed."""
    found = []
    tz = ZoneInfo(zone)
    at = datetime(first_year, 1, 1, tzinfo=UTC)
    while at.year <= last_year:
        later = at + timedelta(days=7)
        if at.astimezone(tz).utcoffset() != later.astimezone(tz).utcoffset():
            found.append(_change_between(at, later, tz))
        at = later
    return tuple(found)


def _change_between(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    offset = low.astimezone(tz).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // 120 * 60
        middle = middle.replace(second=0, microsecond=0)
        if middle.astimezone(tz).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
