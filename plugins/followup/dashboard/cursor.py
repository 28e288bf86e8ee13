"""A place in a list, as an address carries it."""

from datetime import UTC, datetime, timedelta

from plugins.followup.dashboard.finding import Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)
_DIGITS = 17


def written(place: Place) -> str:
    """The place as text."""
    return f"{(place[0] - _EPOCH) // _STEP}.{place[1]}"


def place_in(text: str) -> Place | None:
    """The place that the text means; none for what means no place."""
    moment, _, chat = text.partition(".")
    if number(moment, _DIGITS) is None or (key := number(chat)) is None:
        return None
    try:
        return _EPOCH + int(moment) * _STEP, key
    except OverflowError:
        return None


def number(text: str, digits: int = 9) -> int | None:
    """A number that a database can count with."""
    plain = text.isascii() and text.isdecimal() and len(text) <= digits
    return int(text) if plain else None
