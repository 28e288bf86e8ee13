"""The chart: a bar for each day, of what was answered, what was not, and what is still open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from plugins.followup.counting import DayCount

HEIGHT = 100.0
WIDTH = 10.0
_GAP = 1.5


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar; `kind` is its class in the style sheet."""

    kind: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar."""

    date: date
    count: DayCount
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side in a box of `width` times HEIGHT; `most` is what the highest stands for."""

    bars: Sequence[Bar]
    most: int
    width: float

    @property
    def bar(self) -> float:
        """How wide a bar is."""
        return WIDTH - 2 * _GAP


def chart(days: Sequence[DayCount], *, direction: str) -> Chart:
    """Time runs as people read."""
    most = max((day.tally.sent for day in days), default=0)
    width = WIDTH * len(days)
    bars = []
    for place, day in enumerate(days):
        left = place * WIDTH + _GAP
        x = width - left - (WIDTH - 2 * _GAP) if direction == "rtl" else left
        bars.append(Bar(day.date, day, tuple(_parts(day, x, most))))
    return Chart(bars, most, width)


def _parts(day: DayCount, x: float, most: int) -> Iterator[Part]:
    """From the ground up: answered, not answered, open."""
    tally, top = day.tally, HEIGHT
    counts = {
        "answered": tally.answered,
        "silent": tally.ripe - tally.answered,
        "open": tally.open,
    }
    for kind, count in counts.items():
        if count:
            height = HEIGHT * count / most
            top -= height
            yield Part(kind, round(x, 2), round(top, 2), round(height, 2))
