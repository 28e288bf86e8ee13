"""The moments that managers mean."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from plugins.followup.until import until_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday, 10:30 there


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("3d", "2026-03-05 10:30"),
        ("90m", "2026-03-02 12:00"),
        ("2026-12-15", "2026-12-15 00:00"),
        ("2026-12-15 10:00", "2026-12-15 10:00"),
        ("2026-12-15T10:00", "2026-12-15 10:00"),
        ("2026-07-01 9:05", "2026-07-01 09:05"),
        ("tomorrow", "2026-03-03 00:00"),
        ("Tomorrow 8:15", "2026-03-03 08:15"),
        ("monday 10:00", "2026-03-09 10:00"),
        ("fri", "2026-03-06 00:00"),
        ("  SUNDAY   23:59 ", "2026-03-08 23:59"),
    ],
)
def test_a_moment_is_on_the_employee_s_clock(text: str, local: str) -> None:
    assert f"{until_of(text, NOW, BERLIN).astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no moment"),
        ("soon", "is no moment"),
        ("monkey", "is no moment"),
        ("2026-13-01", "is no moment"),
        ("2026-12-15 25:00", "is no moment"),
        ("0d", "is no moment"),
        ("9999-12-31 23:59 x", "is no moment"),
        ("2026-03-01", "is over already"),
        ("2026-03-02", "is over already"),
        ("2026-03-02 10:30", "is over already"),
        ("2099-01-01", "ten years"),
        ("9999-12-31", "ten years"),
    ],
)
def test_what_is_no_moment_to_come_says_so(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        until_of(text, NOW, BERLIN)
