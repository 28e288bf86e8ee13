"""Days as a wall clock cuts them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plugins.followup.figures.days import latest_days


def test_the_last_day_is_today_there() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)

    days = latest_days(late, ZoneInfo("Europe/Berlin"), 7)

    assert [day.date for day in days][::6] == [date(2026, 2, 25), date(2026, 3, 3)]
    assert days[-1].start == datetime(2026, 3, 2, 23, tzinfo=UTC)


def test_days_follow_each_other_without_a_gap_when_clocks_change() -> None:
    monday = datetime(2026, 3, 30, 12, tzinfo=UTC)

    days = latest_days(monday, ZoneInfo("Europe/Berlin"), 3)

    assert [day.end - day.start for day in days] == [timedelta(hours=h) for h in (24, 23, 24)]
    assert [day.start for day in days[1:]] == [day.end for day in days[:-1]]


def test_a_day_whose_midnight_is_skipped_begins_with_the_jump() -> None:
    noon = datetime(2026, 4, 24, 12, tzinfo=UTC)

    today = latest_days(noon, ZoneInfo("Africa/Cairo"), 1)[0]

    assert today.start == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert today.end - today.start == timedelta(hours=23)


def test_zones_of_quarters_of_an_hour_are_cut_where_they_are() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    assert latest_days(noon, ZoneInfo("Asia/Kathmandu"), 1)[0].start == datetime(
        2026, 3, 1, 18, 15, tzinfo=UTC
    )
