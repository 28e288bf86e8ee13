"""The form of a week of hours: what a person typed, kept as it is until it can be saved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.model import Employee

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUPS: Mapping[str, Sequence[str]] = {
    "workdays": DAYS[:5],
    "all": DAYS,
    **{day: (day,) for day in DAYS},
}
Texts = Mapping[str, Sequence[str]]
_MIDNIGHT, _END = "00:00", "24:00"
_MOST = 24
_MOST_SPECIAL = 200


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when; both empty: nothing was filled in."""

    start: str = ""
    end: str = ""

    @classmethod
    def of(cls, text: str) -> "Span":
        """An interval as it is stored; the end of a day is shown as midnight."""
        start, _, end = text.partition("-")
        return cls(start, _MIDNIGHT if end == _END else end)

    @property
    def text(self) -> str:
        """As it is stored."""
        return f"{self.start}-{_END if self.end == _MIDNIGHT else self.end}"

    @property
    def overnight(self) -> bool:
        """Whether it ends on the day after it began."""
        return bool(self.start and self.end) and _MIDNIGHT < self.end <= self.start


@dataclass(frozen=True, slots=True)
class Special:
    """A day with hours of its own, written with commas; none: closed."""

    date: str = ""
    spans: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """The whole form; `base` tells what it began from."""

    zone: str
    always: bool
    days: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    special: Sequence[Special] = ()
    base: str = ""

    @classmethod
    def of(cls, employee: Employee, base: str) -> "Week":
        """What is saved now."""
        week = cls.written(employee.working_hours, employee.special_days)
        return replace(week, zone=employee.timezone, base=base)

    @classmethod
    def written(cls, hours: Texts, special_days: Texts) -> "Week":
        """What such tables of the settings say."""
        days = {day: tuple(Span.of(text) for text in hours.get(day, ())) for day in DAYS}
        special = [Special(day, ", ".join(texts)) for day, texts in sorted(special_days.items())]
        return cls("", not hours, days, special)

    @classmethod
    def filled(cls, form: Mapping[str, object]) -> "Week":
        """What came back from the browser."""
        texts = {key: text.strip() for key, text in form.items() if isinstance(text, str)}
        return cls(
            zone=texts.get("zone", ""),
            always="always" in texts,
            days={day: tuple(_spans(texts, day)) for day in DAYS},
            special=list(_special(texts)),
            base=texts.get("base", ""),
        )

    def added(self, day: str) -> "Week":
        """One more interval on that day."""
        return self._with({day: (*self.days[day], Span())}) if day in DAYS else self

    def removed(self, day: str, place: int) -> "Week":
        """Without that interval."""
        if day not in DAYS:
            return self
        return self._with({day: [s for n, s in enumerate(self.days[day]) if n != place]})

    def copied(self, source: str, target: str) -> "Week":
        """The intervals of one day on others too."""
        if source not in DAYS or target not in GROUPS:
            return self
        return self._with(dict.fromkeys(GROUPS[target], self.days[source]))

    def one_more_special(self) -> "Week":
        """One more special day."""
        return replace(self, special=[*self.special, Special()])

    def without_special(self, place: int) -> "Week":
        """One special day less."""
        return replace(self, special=[s for n, s in enumerate(self.special) if n != place])

    @property
    def twice(self) -> Sequence[str]:
        """Special days that are there more than once."""
        dates = [each.date for each in self.special if each.date]
        return sorted({date for date in dates if dates.count(date) > 1})

    @property
    def table(self) -> Mapping[str, Any]:
        """As the settings file would have it."""
        hours = {
            day: [span.text for span in spans if span.start or span.end]
            for day, spans in self.days.items()
        }
        # Without any day the week would always be open.
        kept = {day: spans for day, spans in hours.items() if spans} or {DAYS[0]: []}
        return {
            "timezone": self.zone,
            "working_hours": {} if self.always else kept,
            "special_days": {
                each.date: [text.strip() for text in each.spans.split(",") if text.strip()]
                for each in self.special
                if each.date or each.spans
            },
        }

    def after(self, verb: str, form: Mapping[str, object]) -> "Week":
        """The form after a button: add.mon, remove.mon.0, copy; the same for any other."""
        word, _, rest = verb.partition(".")
        day, _, number = rest.partition(".")
        place = int(number) if number.isdecimal() else -1
        match word:
            case "add":
                return self.one_more_special() if day == "special" else self.added(day)
            case "remove" if day == "special":
                return self.without_special(place)
            case "remove":
                return self.removed(day, place)
            case "copy":
                return self.copied(str(form.get("copy.from", "")), str(form.get("copy.to", "")))
            case _:
                return self

    def _with(self, days: Mapping[str, Sequence[Span]]) -> "Week":
        return replace(self, days={**self.days, **days}, always=False)


def _spans(texts: Mapping[str, str], day: str) -> Iterator[Span]:
    for place in range(_MOST):
        if f"{day}.{place}.from" not in texts:
            return
        yield Span(texts[f"{day}.{place}.from"], texts.get(f"{day}.{place}.to", ""))


def _special(texts: Mapping[str, str]) -> Iterator[Special]:
    for place in range(_MOST_SPECIAL):
        if f"special.{place}.date" not in texts:
            return
        yield Special(texts[f"special.{place}.date"], texts.get(f"special.{place}.spans", ""))
