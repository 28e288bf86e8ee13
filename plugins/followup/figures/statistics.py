"""How far a count can be trusted: shares with their intervals, and which of two is better. Pure."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from math import sqrt

FEWEST = 30
"""Below it nothing is said: even with 30 a half may as well be a third, or two thirds."""
_Z = 1.959963984540054
"""95 %, on both sides of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value is with 95 % certainty."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def few(self) -> bool:
        """Whether nothing can be told from it."""
        return self.of < FEWEST

    @property
    def value(self) -> float:
        """As seen, between 0 and 1; 0 of nothing is 0."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> Interval:
        """By Wilson's score: it holds for small counts, and for shares near 0 and 1, too."""
        if not self.of:
            return Interval(0.0, 1.0)
        square = _Z * _Z / self.of
        middle = (self.value + square / 2) / (1 + square)
        spread = self.value * (1 - self.value) / self.of + square / (4 * self.of)
        half = _Z * sqrt(spread) / (1 + square)
        # Rounding must not move what is seen out of its interval.
        return Interval(
            min(max(0.0, middle - half), self.value), max(min(1.0, middle + half), self.value)
        )


def difference(first: Share, second: Share) -> Interval:
    """How much larger the second share is, by Newcombe's method: from Wilson's intervals."""
    a, b, gap = first.interval, second.interval, second.value - first.value
    below = sqrt((second.value - b.low) ** 2 + (a.high - first.value) ** 2)
    above = sqrt((b.high - second.value) ** 2 + (first.value - a.low) ** 2)
    return Interval(max(-1.0, gap - below), min(1.0, gap + above))


class Judgement(StrEnum):
    """What can be said of two shares."""

    TOO_FEW = "too_few"
    UNCLEAR = "unclear"
    FIRST = "first"
    SECOND = "second"


def judged(first: Share, second: Share) -> Judgement:
    """Which one is larger; nothing is said of few, nor of a difference that may be chance."""
    if first.few or second.few:
        return Judgement.TOO_FEW
    gap = difference(first, second)
    if gap.low > 0:
        return Judgement.SECOND
    return Judgement.FIRST if gap.high < 0 else Judgement.UNCLEAR


def median(counts: Mapping[int, int]) -> float | None:
    """The middle of values that were counted, value to how often; None where there are none."""
    values = sorted(counts)
    ends = list(accumulate(counts[value] for value in values))
    if not ends or not ends[-1]:
        return None
    lower, upper = (ends[-1] - 1) // 2, ends[-1] // 2
    return (values[bisect_right(ends, lower)] + values[bisect_right(ends, upper)]) / 2
