"""Opening hours, by example."""

from datetime import UTC, datetime, timedelta

import pytest

from plugins.followup.hours import Hours, is_open, next_open, on_clock, reminder_hours
from plugins.followup.model import Terms

MON, TUE, WED = "2026-03-02", "2026-03-03", "2026-03-04"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opening(text: str, hours: Hours) -> str | None:
    found = next_open(at(text), hours)
    return found.isoformat() if found else None


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        ("09:00-18:00", ["09:00", "17:59:59.999999"], ["08:59:59.999999", "18:00"]),
        ("00:00-24:00", ["00:00", "23:59:59"], []),
        ("22:00-24:00", ["22:00", "23:59:59"], ["00:00", "21:59"]),
        ("22:00-06:00", ["22:00", "23:59"], ["00:00", "05:59", "06:00", "21:59"]),
        ("22:00-00:00", ["22:00", "23:59"], ["00:00", "21:59"]),
        ("12:00-12:00", ["12:00", "23:59"], ["00:00", "11:59"]),
        (" 09:00 - 18:00 ", ["09:00"], ["18:00"]),
    ],
)
def test_an_interval_holds_its_beginning_and_not_its_end(
    interval: str, inside: list[str], outside: list[str]
) -> None:
    hours = Hours.of("UTC", {"mon": [interval]}, {})

    assert all(is_open(at(f"{MON}T{time}"), hours) for time in inside)
    assert not any(is_open(at(f"{MON}T{time}"), hours) for time in outside)


@pytest.mark.parametrize(
    ("interval", "end"),
    [("22:00-06:00", "06:00"), ("12:00-12:00", "12:00"), ("09:00-08:59", "08:59")],
)
def test_an_interval_over_midnight_ends_on_the_next_day(interval: str, end: str) -> None:
    hours = Hours.of("UTC", {"mon": [interval]}, {})

    closing = at(f"{TUE}T{end}")

    assert is_open(closing - timedelta(microseconds=1), hours)
    assert not is_open(closing, hours)


def test_an_open_moment_is_its_own_opening_to_the_microsecond() -> None:
    hours = Hours.of("UTC", {"mon": ["09:00-18:00"]}, {})
    moment = at(f"{MON}T12:34:56.789012")

    assert next_open(moment, hours) == moment


def test_without_a_schedule_every_moment_is_open() -> None:
    hours = Hours.of("Europe/Berlin", {}, {MON: []})

    assert is_open(at(f"{MON}T03:00"), hours)
    assert opening(f"{MON}T03:00", hours) == f"{MON}T03:00:00+00:00"


def test_a_weekday_that_is_not_listed_is_closed() -> None:
    hours = Hours.of("UTC", {"wed": ["09:00-18:00"]}, {})

    assert opening(f"{MON}T12:00", hours) == f"{WED}T09:00:00+00:00"


def test_a_schedule_without_any_interval_never_opens() -> None:
    assert next_open(at(f"{MON}T12:00"), Hours.of("UTC", {"mon": []}, {})) is None


def test_a_schedule_may_open_on_special_days_alone() -> None:
    hours = Hours.of("UTC", {"mon": []}, {"2031-07-01": ["10:00-11:00"], "2027-01-01": []})

    assert opening(f"{MON}T12:00", hours) == "2031-07-01T10:00:00+00:00"
    assert opening("2031-07-01T11:00", hours) is None


def test_a_special_day_far_from_utc_is_found() -> None:
    east = Hours.of("Pacific/Kiritimati", {"mon": []}, {"2031-07-01": ["00:00-01:00"]})
    west = Hours.of("Pacific/Niue", {"mon": []}, {"2031-07-01": ["23:00-24:00"]})

    assert opening(f"{MON}T12:00", east) == "2031-06-30T10:00:00+00:00"
    assert opening(f"{MON}T12:00", west) == "2031-07-02T10:00:00+00:00"


def test_a_shop_closed_for_many_weeks_opens_after_them() -> None:
    first = datetime.fromisoformat(MON)
    mondays = [(first + timedelta(weeks=week)).date().isoformat() for week in range(200)]
    hours = Hours.of("UTC", {"mon": ["09:00-18:00"]}, {monday: [] for monday in mondays})

    assert opening(f"{MON}T09:00", hours) == "2029-12-31T09:00:00+00:00"


def test_an_opening_swallowed_by_a_clock_change_waits_for_the_next_week() -> None:
    hours = Hours.of("Europe/Berlin", {"sun": ["02:00-03:00"]}, {})

    assert opening("2026-03-28T12:00", hours) == "2026-04-05T00:00:00+00:00"


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    hours = Hours.of("Europe/Berlin", {"sun": ["02:00-02:30"]}, {})

    assert opening("2026-10-24T12:00", hours) == "2026-10-25T00:00:00+00:00"
    assert opening("2026-10-25T00:30", hours) == "2026-10-25T01:00:00+00:00"


def test_clocks_going_back_over_midnight_open_yesterday_again() -> None:
    hours = Hours.of("America/St_Johns", {"sat": ["23:30-23:45"]}, {})

    assert opening("2010-11-07T02:30:30", hours) == "2010-11-07T03:00:00+00:00"


def test_reminders_keep_the_working_hours_or_their_own_in_the_same_zone() -> None:
    working = Hours.of("Asia/Tokyo", {"mon": ["09:00-18:00"]}, {TUE: ["09:00-10:00"]})

    own = reminder_hours(working, Terms({"tue": ("10:00-11:00",)}))
    always = reminder_hours(working, Terms({}))

    assert reminder_hours(working, Terms()) is working
    assert opening(f"{MON}T00:00", own) == f"{TUE}T01:00:00+00:00"
    assert opening(f"{MON}T00:00", always) == f"{MON}T00:00:00+00:00"


def test_the_same_hours_open_earlier_on_a_clock_further_east() -> None:
    hours = Hours.of("Europe/Berlin", {"mon": ["09:00-18:00"]}, {})

    assert opening(f"{MON}T00:00", on_clock(hours, "Asia/Tokyo")) == f"{MON}T00:00:00+00:00"
    assert opening(f"{MON}T00:00", hours) == f"{MON}T08:00:00+00:00"
