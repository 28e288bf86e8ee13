"""Languages of the dashboard: which there are, how to choose one, moments in plain words."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_datetime

LANGUAGES: Final = {"en": "English", "ru": "Русский", "ar": "العربية"}
SOURCE: Final = "en"
LOOK: Final = "bot.web.look"

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def preferred(header: str) -> str:
    """The language that a browser's Accept-Language asks for first, of those that we have."""
    asked: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            asked.append((-float(weight or 1), tag.replace("-", "_")))
        except ValueError:
            continue
    wanted = [tag for _, tag in sorted(asked, key=lambda each: each[0]) if tag]
    found = negotiate_locale(wanted, list(LANGUAGES), sep="_")
    return found if found in LANGUAGES else SOURCE


def direction(language: str) -> str:
    """Which way it is written: "ltr" or "rtl"."""
    return Locale.parse(language).text_direction


def catalogue(package: str, language: str) -> NullTranslations:
    """The texts of a package in that language, over those of the frame; English needs none."""
    first: NullTranslations | None = None
    for folder in (*_folders(package), *_folders(LOOK)):
        path = folder / "locale" / language / "LC_MESSAGES" / "messages.mo"
        if not path.is_file():
            continue
        with path.open("rb") as file:
            found = GNUTranslations(file)
        if first is None:
            first = found
        else:
            first.add_fallback(found)
    return first if first is not None else NullTranslations()


def _folders(package: str) -> Iterator[Path]:
    """The folder of a package, then those of the packages around it."""
    parts = package.split(".")
    for length in range(len(parts), 0, -1):
        spec = find_spec(".".join(parts[:length]))
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).parent


@cache
def zones() -> Sequence[str]:
    """The time zones that people choose from."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


def shown(at: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """A moment on the wall clock there, no longer than needed to tell it from now's."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        form = "HH:mm"
    else:
        form = "EEE d MMM HH:mm" if local.year == today.year else "EEE d MMM y HH:mm"
    return format_datetime(local, form, locale=language)


def exact(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The same to the second, with the zone."""
    written = format_datetime(at.astimezone(zone), "EEEE d MMMM y HH:mm:ss", locale=language)
    return f"{written} {zone.key}"


def left(length: timedelta, _: Callable[[str], str]) -> str:
    """How long until then: "in 2 h 14 min"; "now" when it is over."""
    seconds = int(length.total_seconds())
    if seconds <= 0:
        return _("now")
    if seconds < _MINUTE:
        return _("in %(s)s s") % {"s": seconds}
    if seconds < _HOUR:
        return _("in %(min)s min") % {"min": seconds // _MINUTE}
    if seconds < _DAY:
        return _("in %(h)s h %(min)s min") % {
            "h": seconds // _HOUR,
            "min": seconds % _HOUR // _MINUTE,
        }
    return _("in %(d)s d %(h)s h") % {"d": seconds // _DAY, "h": seconds % _DAY // _HOUR}
