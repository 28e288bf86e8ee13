"""Finds a delay in what an admin typed: "4h", "4 hours", "1d2h", "4h30", first or last."""

import re
from datetime import timedelta

from plugins.followup.commands.replies import RefusedError, home
from plugins.followup.model import delay_of

_UNIT = "days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s"
_PART = rf"\d+\s*(?:{_UNIT})(?![^\W\d_])"
# "4h30" is half past; no unit follows there.
_DELAY = rf"{_PART}(?:(?:\s*,\s*|\s+and\s+|\s*){_PART})*(?:(?<=[hH])\d{{1,2}}(?!\w))?"
_FIRST = re.compile(rf"(?:(?:after|in)\s+)?({_DELAY})(?![\w+-])\s*[:.,;\u2013-]?\s*", re.IGNORECASE)
_LAST = re.compile(rf"(?:(?<!\S)(after|in)\s+)?(?<![^\s(])({_DELAY})[\s.!)]*$", re.IGNORECASE)
_PIECE = re.compile(r"(\d+)\s*([dhms]?)", re.IGNORECASE)
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "": 60}
_DIGITS = 10
"""Ten digits are out of range already, and soon read."""


def first_delay(text: str) -> tuple[timedelta | None, str]:
    """The delay that the text begins with, and the rest."""
    match = _FIRST.match(text)
    return (None, text) if match is None else (_length(match[1]), text[match.end() :])


def last_delay(text: str, *, after_only: bool = False) -> tuple[timedelta | None, str]:
    """The delay that the text ends with, and what comes before.

    With `after_only` it counts only as "after 4 hours": elsewhere it may be part of a sentence.
    """
    match = _LAST.search(text)
    if match is None or (after_only and match[1] is None):
        return None, text
    return _length(match[2]), text[: match.start()].rstrip(" ,;:-(")


def _length(text: str) -> timedelta:
    seconds = 0
    for number, unit in _PIECE.findall(text):
        seconds += int(number.lstrip("0")[:_DIGITS] or "0") * _SECONDS[unit.lower()]
    try:
        return delay_of(f"{seconds}s")
    except ValueError:
        raise RefusedError(
            f"“{text[:40]}” cannot be waited: a delay is above 0 and at most 3650 days.", home()
        ) from None
