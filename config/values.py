"""The kinds of text that settings hold, each checked where it is written."""

import re
from datetime import date
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, TypeAdapter

from bot.options import nearest

_ID = re.compile(r"[a-z0-9_-]{1,40}")
_HOUR = r"(?:[01]\d|2[0-3]):[0-5]\d"
_INTERVAL = re.compile(rf"{_HOUR}-(?:{_HOUR}|24:00)", re.ASCII)
_DATABASES = ("postgresql", "postgres", "sqlite")
_REDIS = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("may have only a-z, 0-9, - and _, 1 to 40 of them, as in 'anna'")
    return text


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


def _http_url(text: str) -> str:
    try:
        url = TypeAdapter(AnyHttpUrl).validate_python(text)
    except ValueError:
        raise ValueError("should be an address like https://bot.example") from None
    if url.query or url.fragment or url.username or url.password:
        raise ValueError("should be an address without user, query or fragment")
    return str(url).rstrip("/")


def _database_url(text: str) -> str:
    scheme, found, _ = text.partition("://")
    if not found or scheme.partition("+")[0] not in _DATABASES:
        raise ValueError("should be an address like postgresql://user:password@host/name")
    return text


def _redis_url(text: str) -> str:
    scheme, found, _ = text.partition("://")
    if not found or scheme not in _REDIS:
        raise ValueError("should be an address like redis://host:6379/0")
    return text


def _telegram_id(given: object) -> object:
    if isinstance(given, bool) or not re.fullmatch(r"[1-9][0-9]{0,18}", str(given).strip()):
        raise ValueError(
            "should be the numeric id of a Telegram user, like 123456789 (not @name); "
            "Telegram's @userinfobot tells yours"
        )
    return str(given).strip()


def _phone(text: str) -> str:
    number = re.sub(r"[\s().-]", "", text.strip().removeprefix("whatsapp:"))
    if not re.fullmatch(r"\+[1-9][0-9]{5,14}", number):
        raise ValueError('should be a phone number with its country, like "+491701234567"')
    return number


def _blank_is_none(given: object) -> object:
    """An empty text stands for a setting that was left out."""
    return None if isinstance(given, str) and not given.strip() else given


Identifier = Annotated[str, AfterValidator(_identifier)]
Interval = Annotated[str, AfterValidator(_interval)]
Day = Annotated[str, AfterValidator(_day)]
Zone = Annotated[str, AfterValidator(_zone)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
TelegramId = Annotated[str, BeforeValidator(_telegram_id)]
Phone = Annotated[str, AfterValidator(_phone)]
BlankIsNone = BeforeValidator(_blank_is_none)
