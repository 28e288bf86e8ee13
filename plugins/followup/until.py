"""Finds the moment that a manager means: "3d", "2026-12-15", "monday 10:00", "tomorrow"."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.followup.hours import WEEKDAYS
from plugins.followup.model import LONGEST_DELAY, delay_of

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ tT]+(\d{1,2}:\d{2}))?")
_DAY = re.compile(r"([a-z]+)(?: (\d{1,2}:\d{2}))?")
_SHORTEST_NAME = 3


def until_of(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment on the wall clock there; without a time, when that day begins.

    Raises ValueError, in words, for what is none, is over, or is too far away.
    """
    said = " ".join(text.split()).casefold()
    try:
        found = _moment(said, now, zone)
    except (ValueError, OverflowError):
        raise ValueError(
            f"“{said[:40]}” is no moment; write it like 3d, 2026-12-15, 2026-12-15 10:00,"
            " tomorrow or monday 10:00"
        ) from None
    if found <= now:
        raise ValueError(f"“{said[:40]}” is over already")
    if found - now > LONGEST_DELAY:
        raise ValueError(f"“{said[:40]}” is more than ten years away")
    return found


def _moment(said: str, now: datetime, zone: ZoneInfo) -> datetime:
    if found := _DATE.fullmatch(said):
        return _at(date.fromisoformat(found[1]), found[2], zone)
    if (found := _DAY.fullmatch(said)) and (days := _days_to(found[1], now.astimezone(zone))):
        return _at(now.astimezone(zone).date() + timedelta(days=days), found[2], zone)
    return now + delay_of(said)


def _days_to(name: str, local: datetime) -> int | None:
    """How many days from today, for a weekday the next one that is not today."""
    if name == "tomorrow":
        return 1
    for place, day in enumerate(WEEKDAYS):
        if len(name) >= _SHORTEST_NAME and _FULL[place].startswith(name) and name[:3] == day:
            return (place - local.weekday() - 1) % 7 + 1
    return None


_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _at(day: date, clock: str | None, zone: ZoneInfo) -> datetime:
    hour, minute = map(int, (clock or "0:00").split(":"))
    return datetime.combine(day, time(hour, minute), zone).astimezone(ZoneInfo("UTC"))
