"""Shares, intervals, medians: against cases computed by hand, or taken from the papers."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.followup.figures.statistics import (
    FEWEST,
    Interval,
    Judgement,
    Share,
    difference,
    judged,
    median,
)

SHARES = st.integers(0, 500).flatmap(
    lambda of: st.integers(0, of).map(lambda hits: Share(hits, of))
)


def near(found: Interval, low: float, high: float) -> bool:
    return isclose(found.low, low, abs_tol=5e-5) and isclose(found.high, high, abs_tol=5e-5)


# The four proportions of Newcombe's first paper (1998), by the score method.
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0000),
    ],
)
def test_a_share_has_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    assert near(Share(hits, of).interval, low, high)


def test_of_nothing_everything_may_be_true() -> None:
    assert Share(0, 0).interval == Interval(0, 1)
    assert Share(0, 0).value == 0
    assert Share(0, 0).few


def test_below_thirty_nothing_is_said_because_a_half_may_be_a_third() -> None:
    assert Share(14, FEWEST - 1).few
    assert not Share(15, FEWEST).few
    assert near(Share(15, 30).interval, 0.3315, 0.6685)


# Examples (a), (b) and (c) of Newcombe's second paper (1998), method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        (Share(48, 80), Share(56, 70), 0.0524, 0.3339),
        (Share(3, 10), Share(9, 10), 0.1705, 0.8090),
        (Share(2, 7), Share(6, 7), 0.0582, 0.8062),
    ],
)
def test_a_difference_has_newcombes_interval(
    first: Share, second: Share, low: float, high: float
) -> None:
    assert near(difference(first, second), low, high)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (Share(0, 29), Share(29, 29), Judgement.TOO_FEW),
        (Share(0, 1000), Share(5, 5), Judgement.TOO_FEW),
        (Share(10, 40), Share(12, 40), Judgement.UNCLEAR),
        (Share(48, 80), Share(56, 70), Judgement.SECOND),
        (Share(56, 70), Share(48, 80), Judgement.FIRST),
    ],
)
def test_which_is_better_is_said_only_where_it_is_hardly_chance(
    first: Share, second: Share, expected: Judgement
) -> None:
    assert judged(first, second) is expected


@given(SHARES)
def test_what_was_seen_is_always_inside_its_interval(share: Share) -> None:
    found = share.interval

    assert 0 <= found.low <= share.value <= found.high <= 1


@given(SHARES, SHARES)
def test_a_difference_is_the_same_seen_from_the_other_side(first: Share, second: Share) -> None:
    found, turned = difference(first, second), difference(second, first)

    assert isclose(found.low, -turned.high)
    assert isclose(found.high, -turned.low)
    assert -1 <= found.low <= second.value - first.value <= found.high <= 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, None),
        ({5: 0}, None),
        ({7: 1}, 7),
        ({3: 1, 1: 1}, 2),
        ({3: 1, 1: 1, 2: 1}, 2),
        ({10: 3, 20: 2}, 10),
        ({10: 2, 20: 2}, 15),
        ({1: 5, 2: 0, 3: 5}, 2),
    ],
)
def test_the_median_is_the_middle_of_what_was_counted(
    counts: dict[int, int], expected: float | None
) -> None:
    assert median(counts) == expected


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_the_median_of_counts_is_that_of_the_values(values: list[int]) -> None:
    ordered = sorted(values)
    middle = (ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2

    assert median({value: values.count(value) for value in values}) == middle
