"""When the client wants to be written to: checks and completes what a model made of it; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.api import Author, Message, words
from plugins.followup.hours import Hours, is_open, next_open

LONGEST_WAIT = timedelta(days=366)
LONGEST_QUOTE = 160
_MORNING = time(9)
"""When a day begins for who is always open."""
_MARKS = "\"'\u2018\u2019\u201a\u201c\u201d\u201e«»「」"
_DAY = timedelta(days=1)
_MONTH = timedelta(days=31)
_DAY_OF_MONTH = re.compile(r"(?:the |on the )?(\d{1,2})(?:st|nd|rd|th|\.)?", re.IGNORECASE)
_MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Quote:
    """The client's own words, and when they were written."""

    text: str
    at: datetime


def quote_in(said: str, history: Sequence[Message]) -> Quote | None:
    """The words as the client's, if they stand in a message of the client's."""
    text = " ".join(said.split()).strip(_MARKS)
    wanted = " ".join(words(text))
    if not wanted or len(text) > LONGEST_QUOTE:
        return None
    for message in reversed(history):
        told = f" {' '.join(words(message.text))} "
        if message.author is Author.CLIENT and f" {wanted} " in told:
            return Quote(text, message.at)
    return None


def moment_of(until: str, now: datetime, said_at: datetime | None, hours: Hours) -> datetime | None:
    """The moment ahead that is meant, at most a year away; None if there is none.

    `now` is the employee's wall clock, `said_at` when the client spoke of it, if that is sure. A
    date alone is the opening of that day. What was past when it was said is the next one: "the
    15th" on the 20th is next month. What has come since then is no moment to wait for.
    """
    named = _named(until.strip(), (said_at or now).astimezone(now.tzinfo))
    if named is None:
        return None
    if named.tzinfo is None:
        named = named.replace(tzinfo=now.tzinfo)
    named = _next_of_its_kind(named, now, said_at)
    if named is None:
        return None
    moment = _opening(named, hours) if _is_whole_day(named) else named
    return moment if timedelta() < moment - now <= LONGEST_WAIT else None


def _named(until: str, said_at: datetime) -> datetime | None:
    if bare := _DAY_OF_MONTH.fullmatch(until):
        return _day_of_month(int(bare[1]), said_at)
    try:
        return datetime.fromisoformat(until)
    except ValueError:
        return None


def _day_of_month(day: int, said_at: datetime) -> datetime | None:
    """The first such day after that one."""
    first = said_at.date()
    ahead = (first + count * _DAY for count in range(1, 63))
    found = next((each for each in ahead if each.day == day), None)
    return datetime.combine(found, time(), said_at.tzinfo) if found is not None else None


def _next_of_its_kind(named: datetime, now: datetime, said_at: datetime | None) -> datetime | None:
    """The same in the next day, month or year, if it was past already when it was said."""
    if named > now or (_is_whole_day(named) and named.date() >= now.date()):
        return named
    if said_at is None:
        return None
    said = said_at.astimezone(named.tzinfo)
    if named >= said or (_is_whole_day(named) and named.date() >= said.date()):
        return None
    if named.date() == said.date():
        return named + _DAY
    if said - named <= _MONTH:
        return _months_on(named, 1)
    return _months_on(named, _MONTHS_IN_A_YEAR * (said.year - named.year + _is_past(named, said)))


def _is_past(named: datetime, said: datetime) -> bool:
    return (named.month, named.day) < (said.month, said.day)


def _months_on(named: datetime, count: int) -> datetime | None:
    """The same day of a later month; of one that is too short for it, there is none."""
    years, month = divmod(named.month - 1 + count, _MONTHS_IN_A_YEAR)
    try:
        day = date(named.year + years, month + 1, named.day)
    except ValueError:
        return None
    return datetime.combine(day, named.time(), named.tzinfo)


def _is_whole_day(named: datetime) -> bool:
    return named.time() == time()


def _opening(named: datetime, hours: Hours) -> datetime:
    """The opening of that day; who is open through the night begins in the morning."""
    start = named if not is_open(named, hours) else datetime.combine(named.date(), _MORNING)
    start = start if start.tzinfo is not None else start.replace(tzinfo=named.tzinfo)
    return (next_open(start, hours) or start).astimezone(named.tzinfo)
