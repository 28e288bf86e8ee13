"""How much is too much, and who goes first when many are due at once. No clock, no I/O."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.followup.hours import Hours, is_open
from plugins.followup.model import Chain, Due, Limit, Limits, Reason

CROWD = 20
"""So many reminders of one employee may go at the very moment at which they are due."""
WAVE = timedelta(minutes=5)
"""More than those are spread over so much time; what is due stays due at its moment."""
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
_MOMENT = timedelta(minutes=1)
"""Whoever is before us in the queue is through by then, or gone."""
_GRAIN = timedelta(seconds=10)
_HASH, _SPACE = 2654435761, 2**32


def in_crowds(found: Due, chain: Chain) -> bool:
    """Whether others may well be due at the very same moment: an opening, or a save."""
    return found.at != found.wanted or (
        chain.saved_at is not None and chain.saved_at < found.wanted <= chain.saved_at + WAVE * 2
    )


def turn_in_wave(chat: int, due: datetime, crowd: int, hours: Hours) -> datetime:
    """When it is this chat's turn among `crowd` that are due at that moment; never after closing.

    A chat always has the same place; a crowd that is none goes at once.
    """
    if crowd <= CROWD:
        return due
    return due + _open_for(due, hours) * (chat * _HASH % _SPACE / _SPACE)


def _open_for(at: datetime, hours: Hours) -> timedelta:
    """How much of the wave's time is open without a break from that moment on."""
    for count in range(WAVE // _GRAIN):
        if not is_open(at + (count + 1) * _GRAIN - timedelta.resolution, hours):
            return count * _GRAIN
    return WAVE


@dataclass(frozen=True, slots=True)
class Spent:
    """What went out already: the moments of the last days, and the counts of the day.

    `..._claimed` are being written right now, and may go out or not.
    """

    chat: Sequence[datetime] = ()
    person: Sequence[datetime] = ()
    person_claimed: int = 0
    day: int = 0
    day_claimed: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """A reminder that has to wait until then, why, and because of which limit."""

    until: datetime
    reason: Reason
    limit: Limit | None = None


def hold(limits: Limits, spent: Spent, now: datetime, zone: ZoneInfo) -> Hold | None:
    """What keeps one more reminder from going out now; of several the one that lasts longest."""
    return max(_holds(limits, spent, now, zone), key=lambda each: each.until, default=None)


def _holds(limits: Limits, spent: Spent, now: datetime, zone: ZoneInfo) -> Iterator[Hold]:
    rolling = (
        ("chat_day", limits.chat_day, spent.chat, DAY),
        ("chat_week", limits.chat_week, spent.chat, WEEK),
        ("person_day", limits.person_day, spent.person, DAY),
    )
    for key, most, moments, length in rolling:
        until = _until(most, moments, length)
        if most is not None and until is not None and until > now:
            yield Hold(until, Reason.RATE_LIMITED, (key, most))
    if limits.day is not None and spent.day >= limits.day:
        yield Hold(tomorrow(now, zone), Reason.RATE_LIMITED, ("day", limits.day))
    if limits.tokens_day is not None and spent.tokens >= limits.tokens_day:
        limit = ("tokens_day", limits.tokens_day)
        yield Hold(tomorrow(now, zone), Reason.BUDGET_SPENT, limit)
    out = sum(at > now - DAY for at in spent.person)
    claimed = (
        ("person_day", limits.person_day, out + spent.person_claimed),
        ("day", limits.day, spent.day + spent.day_claimed),
    )
    for key, most, count in claimed:
        if most is not None and count >= most:
            yield Hold(now + _MOMENT, Reason.RATE_LIMITED, (key, most))


def _until(most: int | None, moments: Sequence[datetime], length: timedelta) -> datetime | None:
    """When there is room for one more: as soon as the last but `most` is long enough ago."""
    if most is None or len(moments) < most:
        return None
    return sorted(moments)[-most] + length


def tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the next day there."""
    day = now.astimezone(zone).date() + DAY
    return datetime.combine(day, time(), zone).astimezone(now.tzinfo)


def today(now: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the present day there."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(now.tzinfo)
