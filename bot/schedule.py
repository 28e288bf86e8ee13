"""What schedules are written with: weekdays, intervals, dates, time zones."""

import re
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import AfterValidator

from bot.options import nearest

_HOUR = r"(?:[01]\d|2[0-3]):[0-5]\d"
_INTERVAL = re.compile(rf"{_HOUR}-(?:{_HOUR}|24:00)", re.ASCII)


def _interval(text: str) -> str:
    """Hours run from 00:00 to 24:00, the last only as an end."""
    if not _INTERVAL.fullmatch(text):
        raise ValueError('should be an interval like "09:00-18:00"')
    return text


def _day(text: str) -> str:
    try:
        given = date.fromisoformat(text).isoformat()
    except ValueError:
        given = None
    if given != text:
        raise ValueError("should be a date like 2026-12-25")
    return text


def zones() -> list[str]:
    """Every time zone; the list is that of the package tzdata, the same on every machine."""
    return (files("tzdata") / "zones").read_text(encoding="utf-8").split()


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(zones())


def is_zone(text: str) -> bool:
    """Whether there is a time zone of that name; asked at every message of a web client."""
    return text in _known()


def _zone(text: str) -> str:
    known = zones()
    if text not in known:
        raise ValueError(f"is no time zone{_near_zone(text, known)}")
    return text


def _near_zone(text: str, known: list[str]) -> str:
    """People often write the city alone: "Berlin"."""
    cities = {zone.rpartition("/")[-1]: zone for zone in reversed(known)}
    city = text.strip().replace(" ", "_").rpartition("/")[-1].title()
    if city in cities:
        return f"; did you mean '{cities[city]}'?"
    return nearest(text, known) or ", as in 'Europe/Berlin'"


Interval = Annotated[str, AfterValidator(_interval)]
Day = Annotated[str, AfterValidator(_day)]
Zone = Annotated[str, AfterValidator(_zone)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
