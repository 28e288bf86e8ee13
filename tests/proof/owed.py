"""What a chat is owed, said once more in other words than the code's: nothing is shared with it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from plugins.followup.model import Chain, Silence, Step
from tests.proof.books import Books
from tests.unit.followup.reference import WallClock

DAY = timedelta(days=1)
PEACE = timedelta(minutes=10)


@dataclass(frozen=True)
class Owed:
    """That step, at that moment; or the reason why there is none."""

    step: Step | None = None
    at: datetime | None = None
    why: str | None = None


def owed(silence: Silence, books: Books) -> Owed:
    """The page of rules, from its top to its end."""
    why = next(hindrances(silence, books.chain), None)
    if why is not None:
        return Owed(why=why)
    step = following(silence, books.chain)
    if step is None:
        return Owed(why="done")
    if silence.answered_at is None:
        return Owed(why="waiting_for_answer")
    at = wall_clock(books).first_open(earliest(silence, step, books.chain))
    return Owed(why="never_opens") if at is None else Owed(step, at)


def hindrances(silence: Silence, chain: Chain) -> Iterator[str]:
    """Why a whole silence is left alone."""
    since = chain.enabled_since
    if not chain.enabled or (since is not None and silence.began < since):
        yield "off"
    if not chain.steps:
        yield "no_steps"
    if silence.opted_out:
        yield "opted_out"
    if silence.stopped is not None:
        yield str(silence.stopped)
    if silence.muted_since is not None:
        yield "muted"
    if silence.frozen_since is not None:
        yield "human_active"


def following(silence: Silence, chain: Chain) -> Step | None:
    """After the last that was passed, if it still is in the chain; used-up ones are not there."""
    left = [*chain.steps]
    if silence.passed and any(step.id == silence.passed[-1] for step in left):
        while left.pop(0).id != silence.passed[-1]:
            pass
    for step in left:
        used_up = step.once and step.id in silence.used
        if not used_up and step.id not in silence.passed:
            return step
    return None


def peace(step: Step) -> timedelta:
    """What lies at least between an answer, or an edit, and a reminder."""
    return min(PEACE, step.delay / 2)


def waited(silence: Silence, step: Step) -> datetime:
    """The end of the delay, or when an admin ended it."""
    return silence.hurried_at or silence.anchor + step.delay


def earliest(silence: Silence, step: Step, chain: Chain) -> datetime:
    """Before the hours are asked."""
    moments = [waited(silence, step)]
    if silence.answered_at is not None:
        moments.append(silence.answered_at + peace(step))
    if silence.postponed_until is not None:
        moments.append(silence.postponed_until)
    if silence.snoozed_until is not None:
        moments.append(silence.snoozed_until)
    at = max(moments)
    edited = chain.saved_at
    return edited + peace(step) if edited is not None and edited > at else at


def wall_clock(books: Books) -> WallClock:
    person = books.person
    return _clock(person["timezone"], person["working_hours"], person["special_days"])


@lru_cache
def _clock(zone: str, week: str, special: str) -> WallClock:
    return WallClock(zone, json.loads(week), json.loads(special))
